// Two sample rates inside one utterance.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "facewire/session.h"
#include "session_messages.h"

using facewire::Session;
using facewire::SessionOptions;

namespace {

double tones(double seconds) {
  return 0.25 * std::sin(2765.0 * seconds + 0.3) + 0.25 * std::sin(9100.0 * seconds + 1.0);
}

// Tones from `begin` on, in messages of `per_message` frames.
void speak(Session& session, int rate, double begin, int frames, int per_message) {
  for (int from = 0; from < frames; from += per_message) {
    std::vector<int16_t> samples;
    for (int i = from; i < std::min(frames, from + per_message); ++i) {
      const double value = 32768.0 * tones(begin + static_cast<double>(i) / rate);
      samples.push_back(static_cast<int16_t>(std::lround(value)));
    }
    const std::string audio = messages::base64(messages::pcm_of(samples));
    session.push_parsed(
        {.base64 = audio, .features = {}, .sample_rate = static_cast<uint32_t>(rate), .clause = 1});
  }
}

}  // namespace

TEST(meet_without_a_click_and_without_losing_a_sample) {
  for (const auto& [before, after] :
       {std::pair{24000, 16000}, {16000, 24000}, {8000, 48000}, {48000, 24000}, {22050, 44100}}) {
    // The longest ends with a block of few frames.
    for (const int divisor : {200, 25, 1}) {
      check::context() = std::to_string(before) + " to " + std::to_string(after) +
                         ", a second in " + std::to_string(divisor);
      SessionOptions options;
      options.feature_order = {"jawOpen"};
      facewire::Errc error;
      const auto session = Session::create(options, error);
      session->begin("");
      speak(*session, before, 0.0, before, std::max(before / divisor, 1));
      speak(*session, after, 1.0, after, std::max(after / divisor, 1));
      session->end();
      CHECK_EQUAL(session->ready(), 96000);
      session->commit(96000);
      std::vector<float> out(96000);
      session->read(0, out);
      double worst = 0.0;
      for (int i = 47000; i < 49000; ++i) {
        const double expected = tones(i / 48000.0);
        worst =
            std::max(worst, std::abs(static_cast<double>(out[static_cast<size_t>(i)]) - expected));
      }
      CHECK(worst <= 0.001);
    }
  }
}

TEST(an_empty_message_of_another_rate_changes_nothing) {
  SessionOptions options;
  options.feature_order = {"jawOpen"};
  facewire::Errc error;
  const auto session = Session::create(options, error);
  session->begin("");
  speak(*session, 24000, 0.0, 1000, 1000);
  const auto report =
      session->push_parsed({.base64 = "", .features = {}, .sample_rate = 16000, .clause = 1});
  CHECK_EQUAL(report.warnings, 0u);
  speak(*session, 24000, 0.1, 1000, 1000);
  session->end();
  CHECK_EQUAL(session->ready(), 4000);
  CHECK_EQUAL(session->counters()[static_cast<size_t>(facewire::Counter::rate_changes)], 0);
}

TEST(that_are_very_short_do_no_harm) {
  for (int round = 0; round < 200; ++round) {
    SessionOptions options;
    options.sample_rate = std::array{16000u, 24000u, 44100u, 48000u}[check::random()() % 4];
    options.feature_order = {"jawOpen"};
    facewire::Errc error;
    const auto session = Session::create(options, error);
    session->begin("");
    int64_t expected = 0;
    int64_t frames = 0;
    int rate = 0;
    const auto close = [&] {
      if (rate > 0) expected += (frames * options.sample_rate + rate - 1) / rate;
      frames = 0;
    };
    for (int i = 0; i < 20; ++i) {
      const int next = std::array{8000, 11025, 16000, 24000, 44100, 48000}[check::random()() % 6];
      const int count = static_cast<int>(check::random()() % 40);
      if (next != rate && count > 0) {
        close();
        rate = next;
      }
      frames += count;
      if (count > 0) speak(*session, next, 0.0, count, count);
    }
    session->end();
    close();
    CHECK_EQUAL(session->ready(), expected);
  }
}
