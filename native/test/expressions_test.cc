#include "facewire/expressions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "check.h"

using facewire::Expressions;
using facewire::kFrameWidth;
using facewire::kWeightCount;
using Row = std::array<float, kFrameWidth>;
using Weights = std::array<float, kWeightCount>;

namespace {

constexpr uint32_t kRate = 48000;
constexpr int64_t kSecond = kRate;

float unit() { return std::uniform_real_distribution<float>(0.0f, 1.0f)(check::random()); }

Weights filled(float value) {
  Weights weights;
  weights.fill(value);
  return weights;
}

Row shown(const Expressions& expressions, int64_t sample, Row row = {}) {
  expressions.add(sample, row);
  return row;
}

bool is_mouth(size_t column) {
  const std::string_view name = facewire::kArkitNames[column];
  return name.starts_with("mouth") || name.starts_with("jaw") || name == "tongueOut" ||
         name.starts_with("noseSneer");
}

}  // namespace

TEST(an_expression_never_moves_what_opens_and_closes_the_mouth) {
  for (int run = 0; run < 2000; ++run) {
    Expressions expressions(kRate);
    Weights weights;
    for (float& weight : weights) weight = unit();
    CHECK(expressions.wear(1, weights, 1.0f, 0, Expressions::kOpen));
    if (run % 2 == 0) expressions.speech(0, true);
    Row row{};
    for (size_t i = 0; i < kWeightCount; ++i) row[i] = unit();
    // Closed in half the runs, by a shut jaw or by lips that meet below an open one.
    if (run % 4 < 2)
      row[facewire::kMouthClose] = std::max(0.0f, row[facewire::kJawOpen] - 0.03f * unit());
    const Row after = shown(expressions, kSecond, row);
    CHECK_EQUAL(after[facewire::kJawOpen], row[facewire::kJawOpen]);
    CHECK_EQUAL(after[facewire::kMouthClose], row[facewire::kMouthClose]);
    const bool closed = facewire::aperture(row.data()) <= 0.03f;
    for (size_t i = 0; i < kWeightCount; ++i) {
      CHECK(after[i] >= row[i] && after[i] <= 1.0f);
      const std::string_view name = facewire::kArkitNames[i];
      const bool parts_lips = name.starts_with("mouthLowerDown") ||
                              name.starts_with("mouthUpperUp") || name == "mouthFunnel";
      if (closed && parts_lips) CHECK_EQUAL(after[i], row[i]);
    }
  }
}

TEST(speech_leaves_a_third_of_the_mouth) {
  Expressions expressions(kRate);
  expressions.wear(1, filled(1.0f), 1.0f, 0, Expressions::kOpen);
  expressions.speech(2 * kSecond, true);
  expressions.speech(4 * kSecond, false);
  Row open{};
  open[facewire::kJawOpen] = 0.5f;
  for (const auto& [second, most] : {std::pair<double, float>{3.0, 1.0f / 3.0f}, {6.0, 1.0f}}) {
    // The later change was told last; what is asked for in between is asked for before.
    Expressions now(kRate);
    now.wear(1, filled(1.0f), 1.0f, 0, Expressions::kOpen);
    now.speech(0, second < 4.0);
    const Row row = shown(now, static_cast<int64_t>(second * kSecond), open);
    for (size_t i = 0; i < kWeightCount; ++i) {
      if (!is_mouth(i)) CHECK(row[i] > 0.999f);
      if (is_mouth(i) && i != facewire::kJawOpen) CHECK(row[i] <= most + 1e-6f);
    }
  }
}

TEST(rounded_lips_stay_rounded_under_a_smile) {
  Expressions expressions(kRate);
  Weights smile{};
  smile[23] = smile[24] = 1.0f;
  expressions.wear(1, smile, 1.0f, 0, Expressions::kOpen);
  Row row{};
  row[20] = 0.8f;  // mouthPucker
  const Row after = shown(expressions, kSecond, row);
  CHECK(after[23] <= 0.2001f && after[20] == 0.8f);
}

TEST(comes_and_goes_without_a_jump) {
  for (const double fps : {25.0, 30.0, 50.0, 60.0}) {
    for (int run = 0; run < 40; ++run) {
      Expressions expressions(kRate);
      const auto step = static_cast<int64_t>(kRate / fps);
      // Two that overlap anyhow, with speech that begins and ends anywhere.
      const auto at = [&] { return static_cast<int64_t>(unit() * 3.0f * kRate); };
      for (int64_t key = 0; key < 2; ++key) {
        const int64_t from = at();
        expressions.wear(key, filled(1.0f), 1.0f, from, from + at() / 2);
      }
      const int64_t turn = at();
      bool begun = false;
      Row before = shown(expressions, 0);
      for (int64_t sample = step; sample < 6 * kSecond; sample += step) {
        if (!begun && sample > turn) {
          expressions.speech(sample, true);
          begun = true;
        }
        const Row now = shown(expressions, sample);
        for (size_t i = 0; i < kWeightCount; ++i)
          CHECK(std::abs(now[i] - before[i]) <= 0.15f * 25.0f / static_cast<float>(fps));
        before = now;
      }
      CHECK(*std::max_element(before.begin(), before.end()) == 0.0f);
    }
  }
}

TEST(wears_so_many_at_once_and_frees_their_places) {
  Expressions expressions(kRate);
  const auto most = static_cast<int64_t>(Expressions::kMost);
  for (int64_t key = 0; key < most; ++key)
    CHECK(expressions.wear(key, filled(0.1f), 1.0f, 0, kSecond));
  CHECK(!expressions.wear(most, filled(1.0f), 1.0f, 0, kSecond));
  // One that is known is only told its end.
  CHECK(expressions.wear(0, filled(1.0f), 1.0f, 0, 3 * kSecond));
  CHECK(std::abs(shown(expressions, 2 * kSecond)[0] - 0.1f) < 1e-6f);
  CHECK_EQUAL(shown(expressions, 4 * kSecond)[0], 0.0f);
  CHECK(expressions.wear(most, filled(1.0f), 1.0f, 5 * kSecond, 6 * kSecond));
  CHECK(shown(expressions, 6 * kSecond)[0] == 1.0f);
  CHECK(expressions.until() > 6 * kSecond && expressions.until() < 7 * kSecond);
}

TEST(takes_nothing_for_what_is_no_weight) {
  Expressions expressions(kRate);
  Weights weights = filled(0.0f);
  weights[0] = NAN;
  weights[1] = -1.0f;
  weights[2] = INFINITY;
  weights[3] = 7.0f;
  expressions.wear(1, weights, 1.0f, 0, Expressions::kOpen);
  const Row row = shown(expressions, kSecond);
  CHECK(row[0] == 0.0f && row[1] == 0.0f && row[2] == 1.0f && row[3] == 1.0f);
}
