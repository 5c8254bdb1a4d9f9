#include "facewire/start_buffer.h"

#include <algorithm>
#include <deque>

#include "check.h"

using facewire::StartBuffer;

namespace {

constexpr int64_t kMs = 10'000;
constexpr int64_t kMuch = 1'000'000 * kMs;

int64_t random_between(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(check::random()()) % (high - low + 1);
}

// A stretch of speech whose messages of 40 ms are each late by as much as `late` says.
int64_t play(StartBuffer& buffer, int64_t from, const std::vector<int64_t>& late) {
  buffer.restart();
  int64_t position = 0;
  buffer.arrived(from, position);
  for (const int64_t each : late) {
    position += 40 * kMs;
    buffer.arrived(from + position + each, position);
  }
  return from + position;
}

}  // namespace

TEST(starts_at_60_ms_of_speech_when_nothing_is_known) {
  StartBuffer buffer;
  CHECK_EQUAL(buffer.target(), 60 * kMs);
  // Without an arrival there is nothing to wait for.
  CHECK_EQUAL(buffer.wait(5 * kMs, 0), 0);
  buffer.arrived(5 * kMs, 0);
  CHECK_EQUAL(buffer.wait(5 * kMs, 40 * kMs), 20 * kMs);
  CHECK_EQUAL(buffer.wait(5 * kMs, 59 * kMs), 1 * kMs);
  CHECK_EQUAL(buffer.wait(5 * kMs, 60 * kMs), 0);
  CHECK_EQUAL(buffer.wait(5 * kMs, 200 * kMs), 0);
  // However little comes, 600 ms after the first arrival it starts.
  CHECK_EQUAL(buffer.wait(604 * kMs, 10 * kMs), 1 * kMs);
  CHECK_EQUAL(buffer.wait(605 * kMs, 10 * kMs), 0);
}

TEST(waits_as_long_as_sound_is_late) {
  StartBuffer buffer;
  const int64_t end = play(buffer, 0, std::vector<int64_t>(50, 150 * kMs));
  CHECK_EQUAL(buffer.lateness(), 150 * kMs);
  buffer.restart();
  buffer.arrived(end, 0);
  // Also when one large message has brought more than that.
  CHECK_EQUAL(buffer.wait(end, kMuch), 150 * kMs);
  CHECK_EQUAL(buffer.wait(end + 149 * kMs, kMuch), 1 * kMs);
  CHECK_EQUAL(buffer.wait(end + 150 * kMs, kMuch), 0);
  CHECK_EQUAL(buffer.wait(end + 150 * kMs, 100 * kMs), 50 * kMs);
}

TEST(who_takes_sound_ahead_waits_so_much_longer) {
  StartBuffer buffer;
  // Nothing is known of how sound comes, so there is nothing to wait for but the 60 ms.
  buffer.arrived(0, 0);
  CHECK_EQUAL(buffer.wait(0, kMuch, 40 * kMs), 0);
  const int64_t end = play(buffer, 0, std::vector<int64_t>(50, 10 * kMs));
  buffer.restart();
  buffer.arrived(end, 0);
  CHECK_EQUAL(buffer.wait(end, kMuch, 40 * kMs), 50 * kMs);
  CHECK_EQUAL(buffer.wait(end + 50 * kMs, kMuch, 40 * kMs), 0);
}

TEST(what_was_too_late_counts_and_begins_anew) {
  StartBuffer buffer;
  buffer.arrived(0, 0);
  buffer.arrived(40 * kMs, 40 * kMs);
  buffer.ran_dry();
  CHECK_EQUAL(buffer.wait(90 * kMs, kMuch), 0);
  buffer.arrived(280 * kMs, 80 * kMs);
  CHECK_EQUAL(buffer.lateness(), 200 * kMs);
  CHECK_EQUAL(buffer.wait(280 * kMs, kMuch), 200 * kMs);
  // The others are as late as that one, and so in time.
  for (int i = 1; i < 60; ++i) buffer.arrived((280 + 40 * i) * kMs, (80 + 40 * i) * kMs);
  CHECK_EQUAL(buffer.lateness(), 0);
}

TEST(sound_ahead_of_its_time_makes_no_wait) {
  StartBuffer buffer;
  play(buffer, 0, std::vector<int64_t>(50, -400 * kMs));
  buffer.restart();
  buffer.arrived(kMuch, 0);
  CHECK_EQUAL(buffer.lateness(), -400 * kMs);
  CHECK_EQUAL(buffer.wait(kMuch, 20 * kMs), 40 * kMs);
  // It takes 4 s to fall from 60 to 20 ms.
  CHECK_EQUAL(buffer.wait(kMuch + 2000 * kMs, kMuch), 0);
  CHECK_EQUAL(buffer.target(), 40 * kMs);
  buffer.wait(kMuch + 6000 * kMs, kMuch);
  CHECK_EQUAL(buffer.target(), 20 * kMs);
}

TEST(is_the_95th_percentile_of_the_latest_arrivals) {
  StartBuffer buffer;
  std::deque<int64_t> latest;
  int64_t position = 0;
  buffer.arrived(0, 0);
  for (int i = 0; i < 1000; ++i) {
    position += random_between(1, 400) * kMs;
    const int64_t late = random_between(-300 * kMs, 300 * kMs);
    buffer.arrived(position + late, position);
    latest.push_back(late);
    if (latest.size() > StartBuffer::kArrivals) latest.pop_front();
    // Of the values that at least 95 of 100 do not pass, the smallest.
    int64_t expected = INT64_MAX;
    for (const int64_t candidate : latest) {
      const auto within = std::count_if(latest.begin(), latest.end(),
                                        [&](int64_t value) { return value <= candidate; });
      if (within * 100 >= 95 * std::ssize(latest)) expected = std::min(expected, candidate);
    }
    if (!CHECK_EQUAL(buffer.lateness(), expected)) return;
  }
}

TEST(rises_at_once_falls_by_one_percent_and_stays_within_its_bounds) {
  for (int round = 0; round < 200; ++round) {
    StartBuffer buffer;
    int64_t now = random_between(0, 1000) * kMs;
    int64_t before = now;
    int64_t target = buffer.target();
    for (int stretch = 0; stretch < 30; ++stretch) {
      std::vector<int64_t> late(static_cast<size_t>(random_between(0, 80)));
      const int64_t worst = random_between(-1000, 1000) * kMs;
      for (int64_t& each : late)
        each = random_between(std::min<int64_t>(worst, 0), std::max<int64_t>(worst, 0));
      now = play(buffer, now, late) + random_between(0, 5000) * kMs;
      buffer.restart();
      buffer.arrived(now, 0);
      buffer.wait(now, 0);
      CHECK(buffer.target() >= 20 * kMs && buffer.target() <= 600 * kMs);
      CHECK(buffer.target() >= std::min(buffer.lateness(), 600 * kMs));
      if (stretch > 0) CHECK(buffer.target() >= target - (now - before) / 100);
      CHECK(buffer.target() <= std::max({target, buffer.lateness(), 20 * kMs}));
      target = buffer.target();
      before = now;
    }
  }
}

TEST(a_clock_that_goes_back_or_jumps_does_no_harm) {
  StartBuffer buffer;
  for (int i = 0; i < 2000; ++i) {
    const int64_t tick = random_between(-(int64_t{1} << 53), int64_t{1} << 53);
    if (i % 7 == 0) buffer.restart();
    buffer.arrived(tick, random_between(0, int64_t{1} << 53));
    const int64_t wait = buffer.wait(random_between(-(int64_t{1} << 53), int64_t{1} << 53), 0);
    CHECK(wait >= 0 && wait <= int64_t{1} << 55);
    CHECK(buffer.target() >= 20 * kMs && buffer.target() <= 600 * kMs);
  }
}
