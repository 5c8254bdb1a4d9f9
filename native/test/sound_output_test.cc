// Sound on its way to a card that the test plays: rates, positions, what is
// counted, clocks that drift.
#include "facewire/sound_output.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "check.h"
#include "count_allocations.h"

using facewire::Errc;
using facewire::SoundCounters;
using facewire::SoundOutput;
using facewire::SoundOutputOptions;

namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLatency = 25 * kMs;

// A card of `channels` channels that takes a block each time it is asked to.
struct Card {
  SoundOutput& output;
  uint32_t channels = 2;
  int64_t now = 1'000'000 * kMs;
  std::vector<int16_t> heard = {};  // Left channel.
  bool goes_on = true;

  void block(uint32_t frames, bool late = false) {
    std::vector<int16_t> out(size_t{frames} * channels);
    goes_on = output.render(out.data(), frames, channels, now, now + kLatency, late);
    for (size_t i = 0; i < out.size(); i += channels) heard.push_back(out[i]);
    now += int64_t{frames} * 1'000'000'000 / output.card_rate();
  }
};

std::unique_ptr<SoundOutput> make(const SoundOutputOptions& options) {
  Errc error;
  auto output = SoundOutput::create(options, error);
  CHECK(error == Errc::ok);
  return output;
}

std::vector<float> counter(int64_t from, size_t frames) {
  std::vector<float> samples(frames);
  for (size_t i = 0; i < frames; ++i)
    samples[i] = static_cast<float>((from + static_cast<int64_t>(i)) % 30000 + 1) / 32768.0f;
  return samples;
}

std::vector<float> tone(uint32_t rate, size_t from, size_t frames) {
  std::vector<float> samples(frames);
  for (size_t i = 0; i < frames; ++i) {
    const double t = static_cast<double>(from + i) / rate;
    samples[i] = static_cast<float>(0.5 * std::sin(2 * 3.14159265358979 * 400 * t));
  }
  return samples;
}

}  // namespace

TEST(refuses_what_it_cannot_do) {
  Errc error;
  CHECK(SoundOutput::create({.sample_rate = 48000, .card_rate = 47999}, error) == nullptr);
  CHECK(error == Errc::unsupported_rate);
  CHECK(SoundOutput::create({.sample_rate = 0, .card_rate = 0}, error) == nullptr);
  CHECK(error == Errc::unsupported_rate);
  CHECK(SoundOutput::create({.ring_ms = 5}, error) == nullptr);
  CHECK(error == Errc::bad_option);
  CHECK(SoundOutput::create({.ring_ms = 100, .follow_ms = 80}, error) == nullptr);
  CHECK(error == Errc::bad_option);
  const auto output = make({.ring_ms = 20});
  const std::vector<float> much(5000);
  CHECK(output->write(much, 0).error == Errc::buffer_full);
  CHECK_EQUAL(output->written(), 0);
}

TEST(a_card_that_is_the_clock_gets_every_sample_and_tells_what_is_heard) {
  const auto output = make({});
  Card card{*output};
  for (int64_t at = 0; at < 48000; at += 1920) {
    CHECK(output->write(counter(at, 1920), card.now));
    for (int i = 0; i < 4; ++i) card.block(480);
  }
  for (int64_t i = 480; i < 48000; ++i) {
    if (!CHECK_EQUAL(card.heard[static_cast<size_t>(i)], i % 30000 + 1)) return;
  }
  // The next block would be heard a latency from now.
  CHECK_EQUAL(output->position(card.now), 48000 - 1200);
  CHECK_EQUAL(output->position(card.now + kLatency - 5 * kMs), 48000 - 240);
  CHECK(!output->is_drained(card.now));
  CHECK(output->is_drained(card.now + kLatency));
  CHECK_EQUAL(output->counters().latency_ns, kLatency);
  CHECK_EQUAL(output->counters().starved_events, 0);
}

TEST(channels_all_get_the_same) {
  const auto output = make({});
  CHECK(output->write(std::vector<float>(960, 0.25f), 0));
  std::vector<int16_t> out(6 * 960);
  output->render(out.data(), 960, 6, 1, 1, false);
  for (size_t i = 0; i < out.size(); ++i) CHECK_EQUAL(out[i], out[i / 6 * 6]);
  CHECK_EQUAL(out.back(), 8192);
}

TEST(loud_samples_are_clipped) {
  const auto output = make({});
  CHECK(output->write(std::vector<float>(960, 3.0f), 0));
  CHECK(output->write(std::vector<float>(960, -3.0f), 0));
  Card card{*output};
  card.block(1920);
  CHECK_EQUAL(card.heard[900], 32767);
  CHECK_EQUAL(card.heard[1900], -32768);
}

TEST(only_silence_while_more_is_to_come_is_starvation) {
  const auto output = make({});
  Card card{*output};
  for (int i = 0; i < 10; ++i) card.block(480);
  CHECK_EQUAL(output->counters().starved_frames, 0);
  CHECK(output->write(std::vector<float>(960, 0.5f), card.now));
  for (int i = 0; i < 5; ++i) card.block(480);
  CHECK_EQUAL(output->counters().starved_events, 1);
  CHECK_EQUAL(output->counters().starved_frames, 3 * 480);
  CHECK_EQUAL(output->counters().played_frames, 960);
  CHECK_EQUAL(output->position(card.now + kLatency), 960);
  CHECK(output->write(std::vector<float>(960, 0.5f), card.now));
  CHECK(output->finish());
  for (int i = 0; i < 5; ++i) card.block(480);
  CHECK_EQUAL(output->counters().starved_events, 1);
  CHECK_EQUAL(output->counters().starved_frames, 3 * 480);
  CHECK_EQUAL(output->counters().silent_frames, 16 * 480);
}

TEST(a_late_card_is_counted_with_the_frames_it_lost) {
  const auto output = make({});
  Card card{*output};
  card.block(480);
  card.now += 30 * kMs;
  card.block(480, true);
  CHECK_EQUAL(output->counters().card_underruns, 1);
  CHECK_EQUAL(output->counters().card_underrun_frames, 1440);
}

TEST(a_card_without_a_clock_is_noticed_and_swallows_little) {
  const auto output = make({.ring_ms = 4000});
  Card card{*output};
  CHECK(output->write(std::vector<float>(3 * 48000, 0.5f), card.now));
  for (int i = 0; i < 100'000; ++i) {
    card.block(480);
    card.now += -10 * kMs + 1000;
  }
  const SoundCounters counters = output->counters();
  CHECK(counters.has_no_clock);
  CHECK(!card.goes_on);
  CHECK(counters.played_frames < 48000);
  output->begin_card();
  CHECK(!output->counters().has_no_clock);
}

TEST(a_cut_is_exact_and_time_goes_on_without_a_jump) {
  const auto output = make({});
  Card card{*output};
  CHECK(output->write(counter(0, 30000), card.now));
  for (int i = 0; i < 10; ++i) card.block(480);
  const int64_t stop = output->flush();
  CHECK_EQUAL(stop, 4800);
  CHECK_EQUAL(output->written(), 5280);
  CHECK_EQUAL(output->counters().voided_frames, 30000 - 4800);
  CHECK(output->write(std::vector<float>(4800, 0.25f), card.now));
  int64_t last = output->position(card.now);
  for (int i = 0; i < 80; ++i) {
    card.block(60);
    const int64_t position = output->position(card.now);
    CHECK(position - last >= 59 && position - last <= 61);
    last = position;
  }
  CHECK_EQUAL(card.heard[4799], 4800);
  CHECK_EQUAL(card.heard[5279], 0);
  CHECK_EQUAL(card.heard[5280], 8192 / 480);
  CHECK_EQUAL(output->counters().starved_frames, 0);
}

TEST(cuts_that_find_nothing_void_nothing) {
  const auto output = make({});
  Card card{*output};
  CHECK_EQUAL(output->flush(), 0);
  CHECK(output->write(counter(0, 480), card.now));
  CHECK_EQUAL(output->flush(), 0);
  CHECK_EQUAL(output->written(), 0);
  card.block(480);
  CHECK(output->write(counter(0, 4800), card.now));
  for (int i = 0; i < 5; ++i) card.block(480);
  CHECK_EQUAL(output->flush(), 2400);
  CHECK_EQUAL(output->flush(), 2880);
  CHECK(output->write(counter(0, 4800), card.now));
  // Cut again before the card came: nothing of it was heard.
  CHECK_EQUAL(output->flush(), 2880);
  CHECK_EQUAL(output->written(), 2880);
  for (int i = 0; i < 5; ++i) card.block(480);
  CHECK_EQUAL(card.heard.back(), 0);
  CHECK_EQUAL(output->position(card.now + kLatency), 2880);
}

TEST(other_rates_come_out_at_the_right_time_with_their_tail) {
  for (const uint32_t rate : {16000u, 24000u, 44100u}) {
    check::context() = std::to_string(rate);
    const auto output = make({.sample_rate = rate, .card_rate = 48000});
    Card card{*output};
    const std::vector<float> in = tone(rate, 0, rate);
    size_t at = 0;
    while (at < in.size()) {
      const size_t count = std::min(std::min(in.size() - at, output->room()), size_t{777});
      CHECK(output->write(std::span(in).subspan(at, count), card.now));
      at += count;
      if (output->room() < 2000) card.block(480);
    }
    CHECK(output->finish());
    while (!output->is_drained(card.now + kLatency)) card.block(480);
    CHECK_EQUAL(output->position(card.now + kLatency), static_cast<int64_t>(rate));
    double worst = 0;
    for (size_t i = 600; i < 47900; ++i) {
      const double t = static_cast<double>(i) / 48000;
      const double expected = 16384 * std::sin(2 * 3.14159265358979 * 400 * t);
      worst = std::max(worst, std::abs(card.heard[i] - expected));
    }
    CHECK(worst < 2);
    CHECK_EQUAL(output->counters().played_frames, 48000);
  }
}

TEST(a_cut_in_another_rate_stays_monotone) {
  const auto output = make({.sample_rate = 24000, .card_rate = 44100});
  Card card{*output};
  int64_t last = 0;
  for (int turn = 0; turn < 300; ++turn) {
    const auto count = std::min<size_t>(output->room(), 2400);
    CHECK(output->write(std::vector<float>(count, 0.1f), card.now));
    card.block(441);
    if (turn % 13 == 5) {
      const int64_t stop = output->flush();
      CHECK(stop <= output->written());
    }
    const int64_t position = output->position(card.now);
    if (!CHECK(position >= last && position - last <= 243)) return;
    last = position;
  }
}

TEST(without_a_card_time_passes_all_the_same) {
  const auto output = make({});
  int64_t now = 77 * kMs;
  output->pass_silently(now, now);
  CHECK(output->write(counter(0, 9600), now));
  output->pass_silently(now += 100 * kMs, 0);
  CHECK_EQUAL(output->position(now), 4800);
  output->pass_silently(now += 300 * kMs, 0);
  CHECK_EQUAL(output->position(now), 9600);
  CHECK_EQUAL(output->counters().unheard_frames, 9600);
  CHECK_EQUAL(output->counters().starved_frames, 0);
  // The machine slept for a day.
  output->pass_silently(now += 86'400'000 * kMs, 0);
  CHECK(output->write(counter(0, 960), now));
  output->pass_silently(now += 20 * kMs, 0);
  CHECK_EQUAL(output->position(now), 10560);
}

// A stall of 2 s in the middle: held for 1 s, then passed silently for 1 s.
TEST(a_card_that_stalls_plays_on_at_the_sample_that_time_has_reached) {
  const auto output = make({.ring_ms = 4000});
  output->begin_card();
  Card card{*output};
  CHECK(output->write(std::vector<float>(3 * 48000, 0.25f), card.now));
  // Before its first block it is waited for.
  card.now += 1000 * kMs;
  output->pass_silently(card.now, card.now - 1000 * kMs);
  CHECK_EQUAL(output->counters().unheard_frames, 0);
  for (int i = 0; i < 50; ++i) {
    card.block(480);
    // While it plays, and a moment after.
    output->pass_silently(card.now, card.now - 5 * kMs);
  }
  CHECK_EQUAL(output->counters().unheard_frames, 0);
  const int64_t stopped = card.now;
  output->pass_silently(stopped + 200 * kMs, stopped);
  CHECK_EQUAL(output->position(stopped + 1000 * kMs), 24000);
  for (int ms = 1000; ms <= 2000; ms += 20)
    output->pass_silently(stopped + ms * kMs, stopped + 1000 * kMs);
  CHECK_EQUAL(output->position(stopped + 2000 * kMs), 72000);
  CHECK_EQUAL(output->counters().unheard_frames, 48000);
  card.now = stopped + 2000 * kMs;
  for (int i = 0; i < 100; ++i) card.block(480);
  CHECK_EQUAL(output->counters().played_frames, 72000);
  CHECK_EQUAL(output->position(card.now + kLatency), 120000);
  // Another stall counts from where it begins to pass.
  card.now += 3000 * kMs;
  output->pass_silently(card.now, card.now - 100 * kMs);
  CHECK_EQUAL(output->counters().unheard_frames, 52800);
  CHECK_EQUAL(output->counters().starved_frames, 0);
}

// Five minutes with a writer on its own clock, written every 40 ms give or
// take some, and a card that is off by as much as cards are.
TEST(a_writer_with_its_own_clock_is_followed) {
  for (const int ppm : {300, -300}) {
    check::context() = std::to_string(ppm);
    const auto output = make({.ring_ms = 1000, .follow_ms = 120});
    std::vector<int16_t> out(480 * 2);
    std::vector<float> span(1920);
    double card_due = 0, first = 0, worst = 0;
    const double block_ns = 1e7 / (1.0 + ppm * 1e-6);
    uint32_t random = 1;
    constexpr int64_t kWrites = 300 * 25;
    for (int64_t write = 0; write < kWrites; ++write) {
      random = random * 1664525u + 1013904223u;
      const int64_t now = 1 + write * 40 * kMs + (random >> 24) * kMs / 32;
      while (card_due < static_cast<double>(now)) {
        const auto at = static_cast<int64_t>(card_due);
        output->render(out.data(), 480, 2, at, at + kLatency, false);
        card_due += block_ns;
      }
      if (!CHECK(output->write(span, now))) return;
      // Against the writer's clock: what is heard now was due a fixed time ago.
      const double late =
          static_cast<double>(now) / 1e6 - static_cast<double>(output->position(now)) / 48.0;
      if (write == 25) first = late;
      if (write > 25) worst = std::max(worst, std::abs(late - first));
    }
    std::printf("5 min at %+d ppm: within %.2f ms, ratio at %+.1f ppm\n", ppm, worst,
                output->drift_ppm());
    CHECK(worst < 20);
    CHECK(std::abs(output->drift_ppm() - ppm) < 40);
    CHECK_EQUAL(output->counters().starved_events, 0);
    CHECK_EQUAL(output->counters().skipped_frames, 0);
  }
}

// The same for eight hours, the queue alone.
TEST(a_queue_between_two_clocks_keeps_its_length_for_hours) {
  for (const int ppm : {300, -300}) {
    check::context() = std::to_string(ppm);
    facewire::DriftControl control;
    double queue_ms = 160, worst = 0;
    uint32_t random = 1;
    for (int64_t write = 0; write < 8 * 3600 * 25; ++write) {
      random = random * 1664525u + 1013904223u;
      const double late_ms = (random >> 24) / 32.0;
      (void)control.observe(queue_ms - late_ms, write * 40 * kMs);
      queue_ms += 40 * 1e-6 * (control.ppm() - ppm);
      worst = std::max(worst, std::abs(queue_ms - 160));
    }
    std::printf("8 h at %+d ppm: within %.2f ms\n", ppm, worst);
    CHECK(worst < 20);
  }
}

TEST(a_follower_that_fell_behind_catches_up_in_silence) {
  const auto output = make({.ring_ms = 1000, .follow_ms = 100});
  Card card{*output};
  const auto second_of = [&](float level) {
    for (int i = 0; i < 25; ++i) {
      CHECK(output->write(std::vector<float>(1920, level), card.now));
      for (int k = 0; k < 4; ++k) card.block(480);
    }
  };
  second_of(0.5f);
  second_of(0.5f);
  // The writer was held up for 300 ms, then wrote all at once.
  for (int k = 0; k < 30; ++k) card.block(480);
  CHECK(output->write(std::vector<float>(300 * 48, 0.5f), card.now));
  second_of(0.5f);
  second_of(0.5f);
  const auto waiting = [&] { return output->written() - output->position(card.now); };
  CHECK(waiting() > 300 * 48);
  CHECK_EQUAL(output->counters().skipped_frames, 0);
  second_of(0.0f);
  CHECK(output->counters().skipped_frames > 0);
  CHECK(waiting() < 160 * 48);
}

TEST(nothing_takes_memory_once_it_runs) {
  for (const uint32_t follow : {0u, 100u}) {
    const auto output = make({.sample_rate = 24000, .card_rate = 48000, .follow_ms = follow});
    std::vector<float> in(480);
    std::vector<int16_t> out(2 * 960);
    const size_t before = check::allocations.load();
    int64_t now = 1;
    for (int i = 0; i < 500; ++i) {
      (void)output->write(in, now);
      output->render(out.data(), 960, 2, now, now + kLatency, i % 50 == 0);
      if (i % 60 == 59) output->flush();
      now += 20 * kMs;
    }
    (void)output->finish();
    CHECK_EQUAL(check::allocations.load(), before);
  }
}

// The card in a thread of its own, at any block size; the writer writes, cuts
// and asks for the position, which never goes back.
TEST(a_card_in_another_thread_is_asked_all_the_time) {
  const auto output = make({.ring_ms = 100});
  std::atomic<bool> done{false};
  const auto now = [] {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  };
  std::thread card([&] {
    std::minstd_rand random(3);
    std::vector<int16_t> out(2 * 700);
    while (!done.load()) {
      const auto frames = static_cast<uint32_t>(1 + random() % 700);
      const int64_t at = now();
      output->render(out.data(), frames, 2, at, at + kMs, random() % 100 == 0);
      std::this_thread::sleep_for(std::chrono::microseconds(frames * 20));
    }
  });
  int64_t last = 0, stops = 0;
  bool monotone = true;
  const std::vector<float> in(960, 0.5f);
  for (int i = 0; i < 4000 || output->counters().blocks < 200; ++i) {
    (void)output->write(std::span(in).first(std::min<size_t>(in.size(), output->room())), now());
    if (check::random()() % 50 == 0) {
      const int64_t stop = output->flush();
      monotone = monotone && stop >= stops;
      stops = stop;
    }
    const int64_t position = output->position(now());
    monotone = monotone && position <= output->written();
    last = std::max(last, position);
    if (check::random()() % 16 == 0) std::this_thread::yield();
    const SoundCounters counters = output->counters();
    monotone = monotone && counters.played_frames >= 0;
  }
  done = true;
  card.join();
  CHECK(monotone);
  CHECK(last > 0);
}

// The card comes back again and again while time is just passing silently: each
// frame is either played or passed, once.
TEST(a_card_may_come_back_at_any_moment_of_a_stall) {
  const auto output = make({.ring_ms = 200});
  output->begin_card();
  std::atomic<bool> done{false};
  // Moved by the card, so that nobody waits for real time.
  std::atomic<int64_t> now{1'000'000 * kMs};
  std::thread card([&] {
    std::minstd_rand random(5);
    std::array<int16_t, 480> out;
    while (!done.load()) {
      const auto frames = static_cast<uint32_t>(1 + random() % out.size());
      const int64_t at = now.load();
      output->render(out.data(), frames, 1, at, at + kMs, false);
      now.store(at + int64_t{frames} * 1'000'000'000 / 48000);
      std::this_thread::yield();
    }
  });
  int64_t sent = 0;
  const std::vector<float> in(960, 0.5f);
  while (sent < 2'000'000) {
    const size_t count = std::min(in.size(), output->room());
    CHECK(output->write(std::span(in).first(count), now.load()));
    sent += static_cast<int64_t>(count);
    // As if the last block were long ago.
    if (check::random()() % 8 == 0) {
      const int64_t later = now.load() + 300 * kMs;
      output->pass_silently(later, later - 2 * kMs);
    }
  }
  done = true;
  card.join();
  const SoundCounters counters = output->counters();
  CHECK(counters.played_frames > 0);
  CHECK(counters.unheard_frames > 0);
  const auto waiting = static_cast<int64_t>(16384 - output->room());
  CHECK_EQUAL(counters.played_frames + counters.unheard_frames + waiting, sent);
}
