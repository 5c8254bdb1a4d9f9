#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "check.h"
#include "facewire/channels.h"
#include "facewire/ease.h"
#include "facewire/feature_track.h"
#include "facewire/message.h"

using facewire::Errc;
using facewire::FeatureTrack;
using facewire::kWeightCount;
using Row = std::array<float, kWeightCount>;

namespace {

constexpr uint32_t kRate = 48000;
constexpr int64_t kHop = 1920;
constexpr int64_t kFar = int64_t{1} << 50;

// Wire column i feeds ARKit column (i + 5) % 52.
std::vector<uint8_t> shifted_order(size_t count = kWeightCount) {
  std::vector<uint8_t> order;
  for (size_t i = 0; i < count; ++i) order.push_back(static_cast<uint8_t>((i + 5) % kWeightCount));
  return order;
}

std::unique_ptr<FeatureTrack> make_track(size_t max_rows = 500,
                                         const std::vector<uint8_t>& order = shifted_order()) {
  return FeatureTrack::create(
      {.sample_rate = kRate, .hop_ticks = 400000, .columns = order, .max_rows = max_rows});
}

std::vector<float> random_values(size_t count) {
  std::uniform_real_distribution<float> in_range(0, 1);
  std::vector<float> values(count);
  for (float& value : values) value = in_range(check::random());
  return values;
}

size_t add(FeatureTrack& track, std::span<const float> values, size_t dimension = kWeightCount) {
  uint32_t warnings = 0;
  const auto result = track.append(values, dimension, warnings);
  CHECK(result);
  return result.count;
}

Row at(const FeatureTrack& track, int64_t source, int64_t end = kFar) {
  Row row;
  track.evaluate(track.clause_at(source), source, end, row);
  return row;
}

}  // namespace

TEST(names_are_52_different_ones_and_found) {
  std::set<std::string_view> names(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  CHECK_EQUAL(names.size(), kWeightCount);
  for (size_t i = 0; i < kWeightCount; ++i)
    CHECK_EQUAL(facewire::column_of(facewire::kArkitNames[i]), i);
  CHECK_EQUAL(facewire::column_of("jawopen"), kWeightCount);
  CHECK(facewire::kArkitNames[facewire::kJawOpen] == "jawOpen");
  CHECK(facewire::kArkitNames[facewire::kMouthClose] == "mouthClose");
  CHECK(facewire::kArkitNames[facewire::kBrowOuterUpRight] == "browOuterUpRight");
  CHECK(facewire::kArkitNames[facewire::kEyeLookUpRight] == "eyeLookUpRight");
}

TEST(ease_goes_from_0_to_1_within_the_speed_limit) {
  CHECK_EQUAL(facewire::ease(0.0), 0.0);
  CHECK_EQUAL(facewire::ease(1.0), 1.0);
  constexpr int kSteps = 9000;
  for (int i = 1; i <= kSteps; ++i) {
    const double rise = facewire::ease(double(i) / kSteps) - facewire::ease(double(i - 1) / kSteps);
    CHECK(rise >= 0 && rise * kSteps / (facewire::kEaseMs / 1000.0) <= facewire::kMaxSpeed);
  }
}

TEST(rows_are_met_exactly_in_their_own_columns) {
  const auto track = make_track();
  const auto values = random_values(20 * kWeightCount);
  track->begin_clause(1000);
  CHECK_EQUAL(add(*track, values), 20);
  for (size_t r = 0; r < 20; ++r) {
    const Row row = at(*track, 1000 + static_cast<int64_t>(r) * kHop);
    for (size_t i = 0; i < kWeightCount; ++i) {
      CHECK_EQUAL(row[(i + 5) % kWeightCount], values[r * kWeightCount + i]);
    }
  }
}

TEST(between_rows_nothing_leaves_its_two_neighbours) {
  const auto track = make_track();
  track->begin_clause(0);
  add(*track, random_values(40 * kWeightCount));
  for (int64_t source = 0; source < 39 * kHop; source += 61) {
    const Row row = at(*track, source);
    const Row left = at(*track, source / kHop * kHop);
    const Row right = at(*track, (source / kHop + 1) * kHop);
    for (size_t i = 0; i < kWeightCount; ++i) {
      CHECK(row[i] >= std::min(left[i], right[i]) - 1e-6f &&
            row[i] <= std::max(left[i], right[i]) + 1e-6f);
    }
  }
}

TEST(after_the_last_row_the_shape_is_held_and_eased_to_rest) {
  const auto track = make_track();
  track->begin_clause(0);
  add(*track, std::vector<float>(3 * kWeightCount, 1.0f));
  const int64_t last = 2 * kHop;
  CHECK_EQUAL(at(*track, last + kRate * 30 / 1000)[0], 1.0f);
  const float half = at(*track, last + kRate * 75 / 1000)[0];
  CHECK(half > 0.45f && half < 0.55f);
  CHECK_EQUAL(at(*track, last + kRate * 120 / 1000)[0], 0.0f);
  // The end of the sound counts as much as the last row.
  CHECK_EQUAL(at(*track, kHop + kRate * 120 / 1000, kHop)[0], 0.0f);
}

TEST(clauses_are_never_mixed) {
  const auto values = random_values(30 * kWeightCount);
  const auto alone = make_track(), both = make_track();
  alone->begin_clause(0);
  both->begin_clause(0);
  add(*alone, std::span(values).first(10 * kWeightCount));
  add(*both, std::span(values).first(10 * kWeightCount));
  both->begin_clause(9 * kHop + 777);
  add(*both, std::span(values).subspan(10 * kWeightCount));
  for (int64_t source = 0; source < 9 * kHop + 777; source += 91)
    CHECK(at(*alone, source) == at(*both, source));
  CHECK(at(*both, 9 * kHop + 777) != at(*alone, 9 * kHop + 777));
}

TEST(any_cut_of_the_values_gives_the_same_rows) {
  const auto values = random_values(60 * kWeightCount);
  const auto whole = make_track();
  whole->begin_clause(0);
  add(*whole, values);
  for (int round = 0; round < 50; ++round) {
    const auto track = make_track();
    track->begin_clause(0);
    size_t rows = 0;
    for (size_t from = 0; from < values.size();) {
      const size_t count = std::min<size_t>(1 + check::random()() % 200, values.size() - from);
      const size_t predicted = track->rows_in(count, round % 2 == 0 ? kWeightCount : 0);
      const size_t added =
          add(*track, std::span(values).subspan(from, count), round % 2 == 0 ? kWeightCount : 0);
      CHECK_EQUAL(added, predicted);
      rows += added;
      from += count;
    }
    CHECK_EQUAL(rows, 60u);
    for (int64_t source = 0; source < 63 * kHop; source += 311)
      CHECK(at(*track, source) == at(*whole, source));
  }
}

TEST(a_row_that_is_not_all_numbers_repeats_the_one_before) {
  const auto track = make_track();
  auto values = random_values(3 * kWeightCount);
  values[kWeightCount + 7] = std::numeric_limits<float>::quiet_NaN();
  track->begin_clause(0);
  uint32_t warnings = 0;
  CHECK(track->append(values, kWeightCount, warnings));
  CHECK_EQUAL(warnings, facewire::kWarnFeatureNotFinite);
  CHECK(at(*track, kHop) == at(*track, 0));
  CHECK(at(*track, 2 * kHop) != at(*track, 0));
  // With nothing before it, such a row is rest.
  track->begin_clause(100 * kHop);
  CHECK(track->append(std::vector<float>(kWeightCount, std::numeric_limits<float>::infinity()), 0,
                      warnings));
  CHECK(at(*track, 100 * kHop) == Row{});
}

TEST(values_are_clamped_and_said_to_be) {
  const auto track = make_track();
  track->begin_clause(0);
  std::vector<float> values(kWeightCount, 0.5f);
  values[0] = -3.0f;
  values[1] = 1.5f;
  uint32_t warnings = 0;
  CHECK(track->append(values, 0, warnings));
  CHECK_EQUAL(warnings, facewire::kWarnFeatureOutOfRange);
  CHECK_EQUAL(at(*track, 0)[5], 0.0f);
  CHECK_EQUAL(at(*track, 0)[6], 1.0f);
  CHECK_EQUAL(at(*track, 0)[7], 0.5f);
}

TEST(a_shorter_row_is_a_prefix_and_a_longer_one_is_cut) {
  const auto track = make_track();
  track->begin_clause(0);
  CHECK_EQUAL(add(*track, std::vector<float>(32, 0.25f), 32), 1);
  Row row = at(*track, 0);
  for (size_t i = 0; i < kWeightCount; ++i)
    CHECK_EQUAL(row[(i + 5) % kWeightCount], i < 32 ? 0.25f : 0.0f);
  track->begin_clause(100);
  CHECK_EQUAL(add(*track, std::vector<float>(2 * 61, 0.5f), 61), 2);
  row = at(*track, 100);
  for (const float weight : row) CHECK_EQUAL(weight, 0.5f);
  uint32_t warnings = 0;
  CHECK(track->append(std::vector<float>(10, 0.0f), 100000, warnings).error == Errc::bad_features);
}

TEST(a_full_track_takes_nothing_and_trimming_makes_room) {
  const auto track = make_track(10);
  const auto values = random_values(10 * kWeightCount);
  track->begin_clause(0);
  add(*track, values);
  uint32_t warnings = 0;
  CHECK(track->append(std::span(values).first(kWeightCount), 0, warnings).error ==
        Errc::buffer_full);
  const Row before = at(*track, 7 * kHop + 100);
  track->trim(6 * kHop);
  CHECK_EQUAL(track->free_rows(), 4u);
  add(*track, std::span(values).first(4 * kWeightCount));
  CHECK(at(*track, 7 * kHop + 100) == before);
}

TEST(truncating_forgets_what_was_not_shown) {
  const auto track = make_track(100);
  track->begin_clause(0);
  add(*track, random_values(20 * kWeightCount));
  track->begin_clause(20 * kHop);
  add(*track, random_values(20 * kWeightCount));
  const Row shown = at(*track, 5 * kHop + 17);
  track->truncate(5 * kHop + 17);
  CHECK(at(*track, 5 * kHop + 17) == shown);
  CHECK_EQUAL(track->free_rows(), 92u);
  track->begin_clause(6 * kHop);
  add(*track, random_values(92 * kWeightCount));
}
