#include "facewire/phone_track.h"

#include <algorithm>
#include <array>

#include "check.h"
#include "count_allocations.h"
#include "facewire/mouth_rules.h"
#include "facewire/speed_limit.h"
#include "spoken_phones.h"

using namespace facewire;

namespace {

using Weights = std::array<float, kWeightCount>;
constexpr int64_t kMs = spoken::kRate / 1000;

Weights at(const PhoneTrack& track, int64_t source, bool rules = true, float level = -1.0f) {
  Weights weights;
  track.evaluate(source, level, weights);
  if (rules) apply_rules(track, {}, source, nullptr, nullptr, 1.0f, weights);
  return weights;
}

// Phones of `ms` each, from `start` on.
PhoneTrack spell(const std::vector<const char*>& symbols, int64_t ms, int64_t start = 300) {
  PhoneTrack track(spoken::kRate, 1000);
  CHECK(track.reserve(symbols.size()));
  int64_t from = start * kMs;
  for (const char* symbol : symbols) {
    CHECK(track.append({symbol, from, from + ms * kMs}));
    from += ms * kMs;
  }
  return track;
}

float apart(const Weights& weights) { return aperture(weights.data()); }

}  // namespace

TEST(what_has_come_shows_the_same_however_it_came) {
  for (const bool mandarin : {false, true}) {
    const spoken::Speech speech = spoken::make(mandarin, 120, 1.0, 3);
    const PhoneTrack whole = spoken::track_of(speech);
    const int64_t ahead = PhoneTrack::kLookAheadMs * kMs;
    for (const size_t chunk : {size_t{1}, size_t{7}, size_t{40}}) {
      PhoneTrack part(spoken::kRate, 6 * speech.size() + 12);
      int64_t shown = 0;
      for (size_t i = 0; i < speech.size(); i += chunk) {
        const size_t count = std::min(chunk, speech.size() - i);
        CHECK(part.reserve(count));
        for (size_t k = i; k < i + count; ++k)
          CHECK(part.append({speech[k].symbol, speech[k].start, speech[k].end}));
        const bool all = i + count == speech.size();
        for (; shown < (all ? part.end() : part.end() - ahead); shown += 10 * kMs) {
          if (!CHECK(at(part, shown) == at(whole, shown))) return;
        }
        part.trim(shown);
      }
    }
  }
}

TEST(weights_stay_in_range_and_move_without_a_jump) {
  const PhoneTrack track = spoken::track_of(spoken::make(false, 100, 1.5, 5));
  Weights before = at(track, 0, true, 1.0f);
  const float change = most_change(kMs, spoken::kRate);
  for (int64_t source = 0; source < track.end() + 500 * kMs; source += kMs) {
    Weights now = at(track, source, true, 1.0f);
    limit_speed(before, change, now);
    for (size_t c = 0; c < kWeightCount; ++c) {
      CHECK(now[c] >= 0.0f && now[c] <= 1.0f);
      // 12 a second, at the highest loudness there is.
      if (!CHECK(std::abs(now[c] - before[c]) <= 0.01201f)) return;
    }
    CHECK(now[kMouthClose] <= now[kJawOpen] + 0.1f);
    before = now;
  }
}

TEST(pauses_hold_relax_and_close) {
  const auto after_pause = [](int64_t ms, int64_t into) {
    PhoneTrack track(spoken::kRate, 100);
    CHECK(track.reserve(3));
    CHECK(track.append({"aa", 300 * kMs, 500 * kMs}));
    CHECK(track.append({"sil", 500 * kMs, (500 + ms) * kMs}));
    CHECK(track.append({"aa", (500 + ms) * kMs, (700 + ms) * kMs}));
    return apart(at(track, (500 + into) * kMs));
  };
  CHECK(after_pause(80, 40) > 0.2f);
  CHECK(after_pause(300, 150) > 0.02f && after_pause(300, 150) < 0.12f);
  CHECK_EQUAL(after_pause(600, 200), 0.0f);
}

TEST(a_gap_is_a_pause_and_an_overlap_is_cut) {
  PhoneTrack gap(spoken::kRate, 100);
  CHECK(gap.reserve(3));
  CHECK(gap.append({"aa", 300 * kMs, 500 * kMs}));
  CHECK(gap.append({"aa", 1100 * kMs, 1300 * kMs}));
  CHECK_EQUAL(apart(at(gap, 800 * kMs)), 0.0f);
  // Of the time that has its phones already nothing is taken.
  CHECK(!gap.append({"m", 400 * kMs, 600 * kMs}));
  CHECK(gap.append({"iy", 1200 * kMs, 1400 * kMs}));
  CHECK_EQUAL(gap.end(), 1400 * kMs);
}

TEST(rounding_goes_before_its_vowel_but_not_before_p) {
  const auto rounded = [](const PhoneTrack& track, int64_t ms) {
    const Weights weights = at(track, ms * kMs);
    return std::max(weights[19], weights[20]);
  };
  // s t r of 60 ms each from 380 ms, then the vowel at 560.
  const PhoneTrack across = spell({"iy", "s", "t", "r", "uw"}, 80);
  const PhoneTrack blocked = spell({"iy", "s", "p", "uw"}, 80);
  const PhoneTrack spread = spell({"iy", "s", "t", "r", "iy"}, 80);
  CHECK(rounded(across, 620 - 120) >= 0.27f);
  CHECK(rounded(blocked, 540 - 120) <= 0.05f);
  CHECK(rounded(spread, 620 - 120) <= 0.12f);
}

TEST(lips_of_tongue_sounds_are_those_of_their_neighbours) {
  const Weights between_round = at(spell({"uw", "n", "uw"}, 80), 420 * kMs);
  const Weights between_spread = at(spell({"iy", "n", "iy"}, 80), 420 * kMs);
  CHECK(between_round[20] > 0.35f);
  CHECK(between_spread[23] > 0.1f);
  CHECK(between_spread[20] < 0.05f);
}

TEST(stress_loudness_and_speed_scale_the_opening) {
  const auto widest = [](const char* symbol, int64_t ms, float level) {
    const PhoneTrack track = spell({"t", symbol, "t"}, ms);
    return apart(at(track, (300 + ms + ms / 2) * kMs, true, level));
  };
  CHECK(widest("AA1", 150, -1.0f) > widest("AA0", 150, -1.0f));
  CHECK(widest("AA", 150, 0.5f) > widest("AA", 150, 0.05f));
  CHECK(widest("AA", 150, -1.0f) > widest("AA", 60, -1.0f));
}

TEST(evaluating_takes_no_memory_and_a_full_track_takes_nothing_more) {
  PhoneTrack track(spoken::kRate, 60);
  CHECK(!track.reserve(1000));
  CHECK(track.reserve(10));
  const size_t before = check::allocations;
  size_t taken = 0;
  for (int64_t i = 0; i < 100; ++i)
    taken += track.append({"ai4", i * 100 * kMs, (i + 1) * 100 * kMs}) ? 1u : 0u;
  CHECK(taken > 0 && taken < 100);
  at(track, 1000);
  CHECK_EQUAL(check::allocations - before, 0u);
  track.trim(track.end());
  CHECK(track.reserve(5));
}

TEST(interrupted_phones_make_room_for_others) {
  PhoneTrack track = spell({"aa", "b", "aa", "m"}, 100);
  track.truncate(450 * kMs);
  CHECK_EQUAL(track.end(), 450 * kMs);
  CHECK(track.append({"uw", 450 * kMs, 600 * kMs}));
  CHECK(at(track, 550 * kMs)[20] > 0.3f);
}
