// How speech starts, runs dry, goes on and ends, on a clock that is only counted.
#include <algorithm>
#include <array>

#include "check.h"
#include "facewire/session.h"
#include "session_messages.h"

using facewire::Counter;
using facewire::Phase;
using facewire::PushReport;
using facewire::Session;
using facewire::SessionOptions;
using Row = std::array<float, facewire::kFrameWidth>;

namespace {

constexpr int64_t kRate = 16000;
constexpr int64_t kMs = 10'000;
constexpr int64_t kFrame = kRate / 25;

// Sends sound whose samples count, and a jaw half open; plays a picture at a time.
struct Stage {
  std::unique_ptr<Session> session;
  int64_t sent = 0;
  int64_t frame = 0;
  std::vector<float> heard = {};
  Row row = {};

  explicit Stage(int64_t lead_ms = 0) {
    SessionOptions options;
    options.sample_rate = kRate;
    options.feature_order = {"jawOpen"};
    options.mouth_lead_ticks = lead_ms * kMs;
    facewire::Errc error;
    session = Session::create(options, error);
    CHECK(session != nullptr);
  }

  int64_t now() const { return frame * 40 * kMs; }

  PushReport send(int64_t milliseconds, int64_t late_ms = 0, bool final = false,
                  size_t rows = SIZE_MAX) {
    std::vector<int16_t> samples;
    for (int64_t i = 0; i < milliseconds * kRate / 1000; ++i)
      samples.push_back(static_cast<int16_t>(1 + sent++ % 30000));
    const std::vector<float> features(std::min(rows, static_cast<size_t>(milliseconds / 40)), 0.5f);
    const std::string audio = messages::base64(messages::pcm_of(samples));
    return session->push_parsed({.base64 = audio,
                                 .features = features,
                                 .sample_rate = kRate,
                                 .feature_dimension = 1,
                                 .clause = 1,
                                 .final = final,
                                 .arrival = now() + late_ms * kMs});
  }

  // Returns what commit() says.
  int64_t step() {
    const int64_t begin = frame * kFrame;
    const int64_t starved = session->commit(begin + kFrame, now());
    std::array<float, kFrame> out;
    session->read(begin, out);
    for (const float sample : out)
      if (sample != 0.0f) heard.push_back(sample * 32768.0f);
    session->frame_at(begin, row);
    frame += 1;
    return starved;
  }

  float jaw() const { return row[facewire::kJawOpen]; }
  int64_t count(Counter which) const { return session->counters()[static_cast<size_t>(which)]; }
  void check_heard(int64_t samples) const {
    CHECK_EQUAL(std::ssize(heard), samples);
    for (size_t i = 0; i < heard.size(); ++i) {
      if (!CHECK_EQUAL(heard[i], static_cast<float>(1 + i % 30000))) return;
    }
  }
};

}  // namespace

TEST(speech_waits_for_60_ms_and_the_mouth_with_it) {
  for (const int64_t lead_ms : {0, 40, 100, -40}) {
    check::context() = "lead " + std::to_string(lead_ms);
    Stage stage(lead_ms);
    stage.session->begin("");
    CHECK_EQUAL(stage.step(), 0);
    CHECK(stage.session->phase() == Phase::waiting);
    stage.send(40);
    for (int i = 0; i < 3; ++i) {
      CHECK_EQUAL(stage.step(), 0);
      CHECK_EQUAL(stage.jaw(), 0.0f);
    }
    CHECK(stage.session->phase() == Phase::waiting);
    CHECK_EQUAL(stage.count(Counter::held_samples), 3 * kFrame);
    // It came when it was due.
    stage.send(40, -80);
    CHECK_EQUAL(stage.step(), 0);
    CHECK(stage.session->phase() == Phase::speaking);
    stage.check_heard(kFrame);
    CHECK_EQUAL(stage.count(Counter::starved_samples), 0);
    stage.step();
    // With more lead the mouth sees the end of what is there.
    if (lead_ms == 0 || lead_ms == 40) CHECK(stage.jaw() > 0.2f);
  }
}

TEST(a_large_first_message_waits_for_nothing) {
  Stage stage;
  stage.step();
  stage.session->begin("");
  stage.step();
  stage.send(200);
  stage.step();
  stage.check_heard(kFrame);
  CHECK_EQUAL(stage.count(Counter::held_samples), 0);
}

TEST(the_end_of_the_utterance_ends_the_waiting) {
  for (const bool by_message : {true, false}) {
    Stage stage;
    stage.session->begin("");
    stage.step();
    stage.send(40, 0, by_message);
    if (!by_message) stage.session->end();
    CHECK(stage.session->phase() == Phase::speaking);
    stage.step();
    stage.check_heard(kFrame);
    CHECK(stage.session->phase() == Phase::idle);
    CHECK_EQUAL(stage.step(), 0);
    CHECK_EQUAL(stage.count(Counter::starvations), 0);
  }
  // And 600 ms do, when the end is never told.
  Stage stage;
  stage.session->begin("");
  stage.send(40);
  for (int i = 0; i < 15; ++i) stage.step();
  stage.check_heard(0);
  stage.step();
  stage.check_heard(kFrame);
}

TEST(running_dry_closes_the_mouth_and_loses_no_sample) {
  for (const int64_t lead_ms : {0, 40}) {
    check::context() = "lead " + std::to_string(lead_ms);
    Stage stage(lead_ms);
    stage.session->begin("");
    stage.send(210);
    for (int i = 0; i < 5; ++i) CHECK_EQUAL(stage.step(), 0);
    CHECK(stage.jaw() > 0.4f);
    // 10 ms are left, and then there is nothing.
    CHECK_EQUAL(stage.step(), kFrame - kRate / 100);
    CHECK(stage.session->phase() == Phase::starved);
    CHECK_EQUAL(stage.count(Counter::starvations), 1);
    for (int i = 0; i < 4; ++i) CHECK_EQUAL(stage.step(), kFrame);
    CHECK_EQUAL(stage.jaw(), 0.0f);
    CHECK_EQUAL(stage.count(Counter::starvations), 1);
    // 40 ms are not enough to go on, and the mouth stays closed.
    stage.send(40);
    CHECK_EQUAL(stage.step(), kFrame);
    CHECK_EQUAL(stage.jaw(), 0.0f);
    CHECK(stage.session->phase() == Phase::starved);
    stage.send(80, 0, true);
    for (int i = 0; i < 3; ++i) stage.step();
    stage.check_heard(330 * kRate / 1000);
    CHECK_EQUAL(stage.count(Counter::starved_samples), 6 * kFrame - kRate / 100);
    CHECK_EQUAL(stage.count(Counter::held_samples), 0);
    CHECK(stage.session->phase() == Phase::idle);
    CHECK_EQUAL(stage.step(), 0);
  }
}

TEST(after_late_sound_the_next_utterance_waits_longer) {
  Stage stage;
  stage.session->begin("");
  for (int i = 0; i < 20; ++i) stage.send(40, i * 40 + (i == 0 ? 0 : 130), i == 19);
  for (int i = 0; i < 20; ++i) stage.step();
  stage.check_heard(20 * kFrame);
  CHECK_EQUAL(stage.count(Counter::late_ticks), 130 * kMs);
  stage.session->begin("");
  stage.send(400);
  // 130 ms and what is added of them, and 40 more because a picture takes its sound at once: the
  // picture at 240 ms.
  const int64_t target = stage.count(Counter::target_ticks);
  CHECK(target > 160 * kMs && target < 170 * kMs);
  for (int i = 0; i < 6; ++i) {
    stage.check_heard(20 * kFrame);
    stage.step();
  }
  stage.check_heard(20 * kFrame);
  stage.step();
  stage.check_heard(21 * kFrame);
}

TEST(an_utterance_behind_another_follows_it_without_a_wait) {
  Stage stage;
  stage.session->begin("");
  stage.send(80, 0, true);
  stage.step();
  stage.session->begin("");
  stage.send(40);
  stage.step();
  stage.step();
  stage.check_heard(3 * kFrame);
  CHECK_EQUAL(stage.count(Counter::held_samples), 0);
}

TEST(an_interrupt_while_waiting_drops_what_waits_and_the_next_one_starts_anew) {
  Stage stage;
  stage.session->begin("");
  stage.step();
  stage.send(40);
  stage.step();
  CHECK_EQUAL(stage.session->interrupt(stage.frame * kFrame), -1);
  CHECK_EQUAL(stage.count(Counter::interrupts), 1);
  CHECK_EQUAL(stage.count(Counter::cut_samples), kFrame);
  CHECK(stage.session->phase() == Phase::idle);
  stage.step();
  stage.check_heard(0);
  CHECK_EQUAL(stage.send(40).kind, facewire::kKindStale);
  CHECK_EQUAL(stage.count(Counter::stale_messages), 1);
  stage.sent = 0;
  stage.session->begin("");
  stage.send(80);
  stage.step();
  stage.check_heard(kFrame);
}

TEST(without_a_clock_nothing_waits) {
  Stage stage;
  stage.session->begin("");
  stage.step();
  stage.send(40);
  stage.step();
  CHECK_EQUAL(stage.session->commit(3 * kFrame), 0);
  CHECK_EQUAL(stage.session->source_committed(), kFrame);
  CHECK_EQUAL(stage.session->commit(4 * kFrame), kFrame);
}

TEST(features_for_what_was_shown_are_counted_and_not_shown) {
  Stage stage;
  stage.session->begin("");
  stage.send(400, 0, false, 2);
  for (int i = 0; i < 6; ++i) stage.step();
  // The last picture was at 200 ms: rows 2, 3, 4 and 5 are for instants up to it.
  CHECK_EQUAL(stage.jaw(), 0.0f);
  CHECK_EQUAL(stage.count(Counter::late_feature_rows), 0);
  const std::vector<float> features = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f};
  stage.session->push_parsed(
      {.base64 = "", .features = features, .feature_dimension = 1, .clause = 1});
  CHECK_EQUAL(stage.count(Counter::late_feature_rows), 4);
  CHECK_EQUAL(stage.count(Counter::feature_rows), 9);
  stage.step();
  CHECK(stage.jaw() > 0.45f && stage.jaw() <= 0.5f);
}

TEST(counts_what_came_and_what_was_left_out) {
  Stage stage;
  stage.send(40);
  stage.session->begin("");
  stage.send(80);
  CHECK_EQUAL(stage.count(Counter::stale_messages), 1);
  CHECK_EQUAL(stage.count(Counter::messages), 1);
  CHECK_EQUAL(stage.count(Counter::clauses), 1);
  CHECK_EQUAL(stage.count(Counter::feature_rows), 2);
  CHECK_EQUAL(stage.count(Counter::source_samples), 2 * kFrame);
  stage.session->push_parsed({.base64 = "*", .features = {}});
  stage.session->push_parsed({.base64 = "", .features = {}, .sample_rate = 7});
  CHECK_EQUAL(stage.count(Counter::damaged_messages), 2);
  const std::vector<float> features(3000, 0.5f);
  stage.session->push_parsed(
      {.base64 = "", .features = features, .feature_dimension = 1500, .clause = 1});
  CHECK_EQUAL(stage.count(Counter::dropped_feature_rows), 2);
  CHECK_EQUAL(stage.count(Counter::messages), 2);
  const std::vector<float> bad = {0.1f, std::nanf("")};
  stage.session->push_parsed({.base64 = "AAAA", .features = bad, .sample_rate = 8000, .clause = 2});
  CHECK_EQUAL(stage.count(Counter::repeated_feature_rows), 1);
  CHECK_EQUAL(stage.count(Counter::rate_changes), 1);
  CHECK_EQUAL(stage.count(Counter::clauses), 2);
  const std::string large(16'000'004, 'A');
  stage.session->push_parsed({.base64 = large, .features = {}});
  CHECK_EQUAL(stage.count(Counter::refused_messages), 1);
}

namespace {

struct Pauses {
  int64_t count = 0;
  int64_t between_words = 0;
  int64_t longest = 0;  // Pictures.
};

// Says words of 120 to 480 ms in packets that come at `pace` of their length, and looks for
// silence.
Pauses speak_slowly(Stage& stage, int64_t packet_ms, double pace, bool tells_words) {
  constexpr int64_t kWords = 60;
  std::vector<int64_t> ends;
  for (int64_t i = 0, end = 0; i < kWords; ++i)
    ends.push_back(end += (120 + 90 * (i * 7 % 5)) * 16);
  stage.session->begin("");
  const int64_t first = stage.frame;
  Pauses pauses;
  std::vector<float> all;
  size_t told = 0;
  for (bool done = false; !done || stage.session->ready() > 0;) {
    const double due_ms = static_cast<double>(stage.frame - first) * 40;
    while (!done && static_cast<double>(stage.sent / 16 + packet_ms) <= due_ms * pace) {
      done = stage.sent + packet_ms * 16 >= ends.back();
      stage.send(packet_ms, 0, done);
      std::vector<double> ticks;
      for (; tells_words && told < ends.size() && ends[told] <= stage.sent; ++told)
        ticks.push_back(static_cast<double>(ends[told]) / 16 * kMs);
      stage.session->may_rest(ticks);
    }
    const int64_t begin = stage.frame * kFrame;
    stage.step();
    std::array<float, kFrame> out;
    stage.session->read(begin, out);
    all.insert(all.end(), out.begin(), out.end());
  }
  int64_t heard = 0;
  int64_t silent = 0;
  for (const float sample : all) {
    if (sample == 0.0f) {
      silent += 1;
      continue;
    }
    if (silent > 0 && heard > 0) {
      pauses.count += 1;
      pauses.longest = std::max(pauses.longest, silent / kFrame);
      if (std::find(ends.begin(), ends.end(), heard) != ends.end()) pauses.between_words += 1;
    }
    silent = 0;
    heard += 1;
  }
  stage.check_heard(stage.sent);
  CHECK_EQUAL(heard, stage.sent);
  return pauses;
}

}  // namespace

TEST(speech_that_comes_too_slowly_stops_between_words) {
  for (const int64_t packet_ms : {40, 100, 400}) {
    check::context() = "packets of " + std::to_string(packet_ms) + " ms";
    Stage stage;
    const Pauses pauses = speak_slowly(stage, packet_ms, 0.9, true);
    CHECK(pauses.count >= 3);
    // The first one tells that there will be more.
    CHECK(pauses.between_words >= pauses.count - 1);
    CHECK(10 * pauses.between_words >= 8 * pauses.count || pauses.count < 5);
    CHECK(pauses.longest <= 20);
  }
}

TEST(speech_whose_words_are_not_told_stops_where_it_runs_dry) {
  Stage stage;
  const Pauses pauses = speak_slowly(stage, 100, 0.9, false);
  CHECK(pauses.count >= 3);
  CHECK(pauses.between_words < pauses.count - 1);
}

TEST(speech_that_keeps_up_is_not_held_for_words) {
  Stage stage;
  CHECK_EQUAL(speak_slowly(stage, 100, 1.1, true).count, 0);
  CHECK_EQUAL(stage.count(Counter::starvations), 0);
}

TEST(a_word_that_does_not_end_is_heard_all_the_same) {
  Stage stage;
  speak_slowly(stage, 100, 0.9, true);
  stage.session->begin("");
  const int64_t before = stage.sent;
  stage.send(200);
  const std::array<double, 1> end = {100.0 * kMs};
  stage.session->may_rest(end);
  const auto steps_until = [&](int64_t heard) {
    for (int steps = 1; steps < 60; ++steps) {
      stage.step();
      if (std::ssize(stage.heard) >= heard) return steps;
    }
    return 60;
  };
  CHECK(steps_until(before + 100 * 16) < 60);
  CHECK_EQUAL(std::ssize(stage.heard), before + 100 * 16);
  // 600 ms after it stopped.
  const int steps = steps_until(before + 101 * 16);
  CHECK(steps >= 14 && steps <= 17);
  CHECK(steps_until(before + 200 * 16) < 4);
}

TEST(an_interrupt_forgets_the_words) {
  Stage stage;
  speak_slowly(stage, 100, 0.9, true);
  stage.session->begin("");
  stage.send(200);
  const std::array<double, 1> end = {100.0 * kMs};
  stage.session->may_rest(end);
  for (int i = 0; i < 3; ++i) stage.step();
  stage.session->interrupt(stage.frame * kFrame);
  stage.session->begin("");
  const int64_t before = std::ssize(stage.heard);
  stage.send(200, 0, true);
  for (int i = 0; i < 8; ++i) stage.step();
  CHECK_EQUAL(std::ssize(stage.heard) - before, 200 * 16);
}
