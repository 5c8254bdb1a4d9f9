#include "facewire/idle.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "facewire/ease.h"

using facewire::IdleLife;
using Row = std::array<float, facewire::kFrameWidth>;

namespace {

constexpr uint32_t kRate = 48000;

Row at(const IdleLife& life, int64_t sample) {
  Row row{};
  life.add(sample, row);
  return row;
}

bool may_move(size_t column) {
  const std::string_view name = facewire::kArkitNames[column];
  return name.starts_with("eye") || name.starts_with("brow");
}

}  // namespace

TEST(is_a_pure_function_of_seed_and_sample) {
  const IdleLife life(7, kRate);
  std::vector<int64_t> samples;
  for (int i = 0; i < 500; ++i)
    samples.push_back(static_cast<int64_t>(check::random()() % 100'000'000));
  std::vector<Row> rows;
  for (const int64_t sample : samples) rows.push_back(at(life, sample));
  const IdleLife again(7, kRate);
  for (size_t i = samples.size(); i-- > 0;) CHECK(at(again, samples[i]) == rows[i]);
}

TEST(other_seeds_live_otherwise_and_none_is_still) {
  int different = 0;
  for (int64_t seed = 0; seed < 20; ++seed) {
    if (at(IdleLife(seed, kRate), 1'000'000) != at(IdleLife(seed + 1, kRate), 1'000'000))
      ++different;
  }
  CHECK_EQUAL(different, 20);
  CHECK(at(IdleLife(-1, kRate), 1'000'000) == Row{});
}

TEST(never_touches_the_mouth_and_stays_in_range) {
  const IdleLife life(3, kRate);
  for (int64_t sample = 0; sample < 120LL * kRate; sample += 997) {
    const Row row = at(life, sample);
    for (size_t i = 0; i < facewire::kWeightCount; ++i) {
      if (!may_move(i)) CHECK_EQUAL(row[i], 0.0f);
      CHECK(row[i] >= 0.0f && row[i] <= 1.0f);
    }
    CHECK(std::abs(row[facewire::kYaw]) < 0.1f && std::abs(row[facewire::kPitch]) < 0.1f);
    CHECK(std::abs(row[facewire::kRoll]) < 0.1f);
  }
}

TEST(blinks_every_2_to_8_seconds_closing_faster_than_opening) {
  const IdleLife life(11, kRate);
  constexpr int64_t kStep = kRate / 1000;
  std::vector<double> starts;
  int64_t start = -1, peak = -1;
  float most = 0;
  for (int64_t sample = 0; sample < 600LL * kRate; sample += kStep) {
    const float lid = at(life, sample)[facewire::kEyeBlinkLeft];
    CHECK_EQUAL(lid, at(life, sample)[facewire::kEyeBlinkRight]);
    if (lid > 0 && start < 0) start = sample, most = 0;
    if (lid > most) most = lid, peak = sample;
    if (lid == 0 && start >= 0) {
      CHECK(most > 0.999f);
      CHECK(peak - start < sample - peak);
      starts.push_back(static_cast<double>(start) / kRate);
      start = -1;
    }
  }
  CHECK(starts.size() > 75);
  int pairs = 0;
  for (size_t i = 1; i < starts.size(); ++i) {
    const double gap = starts[i] - starts[i - 1];
    // The second of two that belong together comes as soon as the lid is open again.
    const bool twice = gap < 0.6;
    if (twice) {
      CHECK(i < 2 || starts[i - 1] - starts[i - 2] >= 0.6);
      pairs += 1;
      continue;
    }
    const bool after_two = i >= 2 && starts[i - 1] - starts[i - 2] < 0.6;
    const double since_first = after_two ? starts[i] - starts[i - 2] : gap;
    CHECK(since_first >= 1.99 && since_first <= 8.01);
  }
  CHECK(pairs >= 8 && pairs <= 35);
}

TEST(moves_every_channel_it_has_within_the_speed_limit) {
  const IdleLife life(5, kRate);
  constexpr int64_t kStep = kRate / 480;
  const auto limit = static_cast<float>(facewire::kMaxSpeed / 480.0 + 1e-5);
  Row before = at(life, 0);
  Row low = before, high = before;
  for (int64_t sample = kStep; sample < 300LL * kRate; sample += kStep) {
    const Row now = at(life, sample);
    for (size_t i = 0; i < now.size(); ++i) {
      CHECK(std::abs(now[i] - before[i]) <= limit);
      low[i] = std::min(low[i], now[i]);
      high[i] = std::max(high[i], now[i]);
    }
    before = now;
  }
  for (const size_t column :
       {facewire::kEyeLookInLeft, facewire::kEyeLookOutLeft, facewire::kEyeLookUpRight,
        facewire::kEyeLookDownRight, facewire::kBrowInnerUp, facewire::kYaw, facewire::kPitch,
        facewire::kRoll}) {
    CHECK(high[column] - low[column] > 0.01f);
  }
}
