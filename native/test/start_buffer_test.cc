#include "facewire/start_buffer.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <numeric>
#include <string>

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

TEST(waits_as_long_as_sound_is_late_and_a_little_more) {
  StartBuffer buffer;
  const int64_t end = play(buffer, 0, std::vector<int64_t>(64, 160 * kMs));
  CHECK_EQUAL(buffer.lateness(), 160 * kMs);
  // A sixteenth, and 4 of 64 arrivals.
  CHECK_EQUAL(buffer.target(), 180 * kMs);
  buffer.restart();
  buffer.arrived(end, 0);
  // Also when one large message has brought more than that.
  CHECK_EQUAL(buffer.wait(end, kMuch), 180 * kMs);
  CHECK_EQUAL(buffer.wait(end + 179 * kMs, kMuch), 1 * kMs);
  CHECK_EQUAL(buffer.wait(end + 180 * kMs, kMuch), 0);
  CHECK_EQUAL(buffer.wait(end + 180 * kMs, 5 * kMs), 15 * kMs);
}

TEST(a_first_message_that_was_late_itself_costs_nothing) {
  StartBuffer buffer;
  const int64_t end = play(buffer, 0, std::vector<int64_t>(64, 320 * kMs));
  buffer.restart();
  buffer.arrived(end, 0);
  CHECK_EQUAL(buffer.wait(end, kMuch), 360 * kMs);
  // Those behind it come at once, so it would have been due 200 ms before.
  for (int i = 1; i <= 5; ++i) buffer.arrived(end, 40 * i * kMs);
  const int64_t wait = buffer.wait(end, kMuch);
  CHECK(wait > 150 * kMs && wait <= 160 * kMs);
  // What comes later than that changes nothing.
  buffer.arrived(end + 100 * kMs, 240 * kMs);
  CHECK_EQUAL(buffer.wait(end + 160 * kMs, kMuch), 0);
}

TEST(who_takes_sound_ahead_waits_so_much_longer) {
  StartBuffer buffer;
  // Nothing is known of how sound comes, so there is nothing to wait for but the 60 ms.
  buffer.arrived(0, 0);
  CHECK_EQUAL(buffer.wait(0, kMuch, 40 * kMs), 0);
  const int64_t end = play(buffer, 0, std::vector<int64_t>(64, 32 * kMs));
  buffer.restart();
  buffer.arrived(end, 0);
  CHECK_EQUAL(buffer.wait(end, kMuch, 40 * kMs), 76 * kMs);
  CHECK_EQUAL(buffer.wait(end + 76 * kMs, kMuch, 40 * kMs), 0);
}

TEST(what_was_too_late_counts_and_begins_anew) {
  StartBuffer buffer;
  buffer.arrived(0, 0);
  buffer.arrived(40 * kMs, 40 * kMs);
  buffer.ran_dry();
  CHECK_EQUAL(buffer.wait(90 * kMs, kMuch), 0);
  buffer.arrived(400 * kMs, 80 * kMs);
  CHECK_EQUAL(buffer.lateness(), 320 * kMs);
  // Of two arrivals as much again is added.
  CHECK_EQUAL(buffer.wait(400 * kMs, kMuch), 600 * kMs);
  // The others are as late as that one, and so in time.
  for (int i = 1; i < 60; ++i) buffer.arrived((400 + 40 * i) * kMs, (80 + 40 * i) * kMs);
  CHECK_EQUAL(buffer.lateness(), 320 * kMs);
}

TEST(sound_ahead_of_its_first_makes_no_wait_however_uneven_it_is) {
  StartBuffer buffer;
  std::vector<int64_t> late(50, -400 * kMs);
  late[20] = -100 * kMs;
  play(buffer, 0, late);
  CHECK_EQUAL(buffer.lateness(), 300 * kMs);
  buffer.restart();
  buffer.arrived(kMuch, 0);
  CHECK_EQUAL(buffer.wait(kMuch, 20 * kMs), 0);
  CHECK_EQUAL(buffer.wait(kMuch, 19 * kMs), 1 * kMs);
  // Once it has been late after all there is.
  buffer.arrived(kMuch + 41 * kMs, 40 * kMs);
  CHECK(buffer.wait(kMuch + 41 * kMs, kMuch) > 200 * kMs);
}

TEST(a_fault_that_no_waiting_is_meant_for_teaches_nothing) {
  StartBuffer buffer;
  buffer.arrived(0, 0);
  buffer.arrived(60 * kMs, 40 * kMs);
  buffer.ran_dry();
  buffer.arrived(2080 * kMs, 80 * kMs);
  CHECK_EQUAL(buffer.lateness(), 20 * kMs);
  // 600 ms are what can be waited for.
  buffer.restart();
  buffer.arrived(0, 0);
  buffer.arrived(640 * kMs, 40 * kMs);
  CHECK_EQUAL(buffer.lateness(), 600 * kMs);
  CHECK_EQUAL(buffer.target(), 600 * kMs);
}

TEST(is_the_most_of_the_latest_spells_above_the_earliest_of_each_stretch) {
  struct Spell {
    int64_t most = 0;
    size_t arrivals = 0;
  };
  for (int round = 0; round < 20; ++round) {
    StartBuffer buffer;
    std::deque<Spell> spells(1);
    const auto next_spell = [&] {
      spells.emplace_back();
      if (spells.size() > StartBuffer::kSpells + 1) spells.pop_front();
    };
    for (int stretch = 0; stretch < 60; ++stretch) {
      buffer.restart();
      if (spells.back().arrivals >= StartBuffer::kSpellLeast) next_spell();
      const int64_t spread = random_between(1, 900) * kMs;
      std::vector<int64_t> times;
      int64_t position = 0;
      for (int64_t i = 0, count = random_between(1, 300); i < count; ++i) {
        const int64_t late = random_between(0, spread);
        buffer.arrived(position + late, position);
        times.push_back(late);
        position += random_between(1, 400) * kMs;
        if (times.size() == 1) continue;
        Spell& spell = spells.back();
        const int64_t above = late - *std::min_element(times.begin(), times.end() - 1);
        if (above <= StartBuffer::kMost) spell.most = std::max(spell.most, above);
        spell.arrivals += 1;
        if (spell.arrivals == StartBuffer::kSpellMost) next_spell();
      }
      int64_t expected = 0;
      for (const Spell& spell : spells) expected = std::max(expected, spell.most);
      if (!CHECK_EQUAL(buffer.lateness(), expected)) return;
      CHECK(buffer.target() >= StartBuffer::kLeast && buffer.target() <= StartBuffer::kMost);
    }
  }
}

TEST(forgets_a_link_that_was_worse) {
  StartBuffer buffer;
  int64_t now = play(buffer, 0, std::vector<int64_t>(40, 300 * kMs));
  for (size_t i = 0; i < StartBuffer::kSpells; ++i) {
    CHECK_EQUAL(buffer.lateness(), 300 * kMs);
    now = play(buffer, now + 1000 * kMs, std::vector<int64_t>(40, 0));
  }
  buffer.restart();
  CHECK_EQUAL(buffer.lateness(), 0);
  CHECK_EQUAL(buffer.target(), 20 * kMs);
}

namespace {

struct Run {
  int64_t stops = 0;
  std::vector<int64_t> starts = {};
};

// Ten minutes of utterances in packets of `packet_ms` over a link that keeps their order and makes
// each up to `spread_ms` early or late; times in ms, speech taken 10 ms at a time. What happens in
// the first 30 s is not counted. An utterance starts so long after the time at which its first
// packet is due.
Run speak(int64_t packet_ms, int64_t spread_ms) {
  constexpr int64_t kLearning = 30'000;
  StartBuffer buffer;
  Run run;
  int64_t spoken = 0;
  for (int64_t begin = 0; spoken < 600'000;) {
    const int64_t length = packet_ms * random_between(1, 30'000 / packet_ms);
    std::vector<int64_t> arrivals;
    int64_t latest = INT64_MIN;
    for (int64_t at = 0; at < length; at += packet_ms) {
      latest = std::max(latest, at + random_between(-spread_ms, spread_ms));
      arrivals.push_back(latest);
    }
    buffer.restart();
    begin += 2000;
    int64_t heard = 0, there = 0;
    bool flows = false, was_heard = false;
    for (int64_t now = -spread_ms; heard < length; now += 10) {
      while (there < std::ssize(arrivals) && arrivals[static_cast<size_t>(there)] <= now) {
        const int64_t tick = begin + arrivals[static_cast<size_t>(there)];
        buffer.arrived(tick * kMs, there++ * packet_ms * kMs);
      }
      const int64_t ready = there * packet_ms - heard;
      const bool is_whole = there == std::ssize(arrivals);
      flows = flows || is_whole ||
              (ready > 0 && buffer.wait((begin + now) * kMs, ready * kMs, 10 * kMs) == 0);
      if (!flows) continue;
      if (!was_heard && spoken >= kLearning) run.starts.push_back(now);
      was_heard = true;
      heard += std::min<int64_t>(10, ready);
      if (ready >= 10 || is_whole) continue;
      if (spoken + heard >= kLearning) run.stops += 1;
      flows = false;
      buffer.ran_dry();
    }
    spoken += length;
    begin += length + 1000;
  }
  return run;
}

}  // namespace

TEST(speech_does_not_stop_once_the_link_is_known) {
  for (const int64_t packet_ms : {40, 100, 400, 1000}) {
    for (const int64_t spread_ms : {0, 50, 100, 150, 200}) {
      check::context() =
          std::to_string(packet_ms) + " ms packets, " + std::to_string(spread_ms) + " ms";
      std::vector<int64_t> starts;
      for (int i = 0; i < 5; ++i) {
        const Run run = speak(packet_ms, spread_ms);
        CHECK_EQUAL(run.stops, 0);
        starts.insert(starts.end(), run.starts.begin(), run.starts.end());
      }
      std::sort(starts.begin(), starts.end());
      const int64_t mean =
          std::accumulate(starts.begin(), starts.end(), int64_t{0}) / std::ssize(starts);
      const int64_t p95 = starts[starts.size() * 95 / 100];
      std::printf("       %s early or late: starts %d ms late, p95 %d, at most %d\n",
                  check::context().c_str(), static_cast<int>(mean), static_cast<int>(p95),
                  static_cast<int>(starts.back()));
      // Large packets tell little of the line before speech has to start.
      CHECK(mean <= 10 + spread_ms * (packet_ms <= 100 ? 19 : 23) / 10);
      CHECK(p95 <= 10 + spread_ms * 13 / 4);
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
