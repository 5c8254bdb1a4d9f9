#include "facewire/idle.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "facewire/ease.h"
#include "random.h"

namespace facewire {
namespace {

// What a random number is for; part of the hash, so that two uses never share a sequence.
enum Purpose : uint64_t {
  kBlinkTime = 1,
  kBlinkLength,
  kGazeTime,
  kGazeSide,
  kGazeHeight,
  kGazeHome,
  kBrowRaise,
  kBrowTilt,
  kSway,
  // kSway has six.
  kBlinkTwice = 20,
  kBlinkPause
};

// Blinks come one to a slot at a random place in its first 3 of 5 seconds, so 2 to 8 s lie between
// two.
constexpr double kBlinkSlot = 5.0;
constexpr double kBlinkSpread = 3.0;
// The lid closes within the 12 per second that every channel keeps, and opens more slowly.
constexpr double kLidCloseSeconds = kEaseMs / 1000.0;
constexpr double kLidOpenSeconds = 0.150;
// So many blinks are followed by another one at once.
constexpr double kTwice = 0.15;

constexpr double kNever = std::numeric_limits<double>::max();

constexpr double kGazeSlot = 1.5;
constexpr double kGazeSpread = 0.9;
constexpr double kDartSeconds = 0.045;

struct Point {
  double side;    // Positive looks to the face's own left.
  double height;  // Positive looks up.
};

Point gaze_target(int64_t seed, int64_t slot) noexcept {
  if (random_of(seed, kGazeHome, slot) < 0.45) return {0.0, 0.0};
  return {0.36 * (random_of(seed, kGazeSide, slot) - 0.5),
          0.2 * (random_of(seed, kGazeHeight, slot) - 0.5)};
}

double dart_time(int64_t seed, int64_t slot) noexcept {
  return static_cast<double>(slot) * kGazeSlot + kGazeSpread * random_of(seed, kGazeTime, slot);
}

// Up in the first 45 % of a breath, down in the rest; 0 to 1, smooth.
double breath(double seconds) noexcept {
  constexpr double kPerBreath = 1.0 / 4.2;
  const double at = seconds * kPerBreath;
  // As floor(), which is a call on processors of the oldest kind.
  double phase = at - static_cast<double>(static_cast<int64_t>(at));
  if (phase < 0.0) phase += 1.0;
  const double x = phase < 0.45 ? phase / 0.45 : (1.0 - phase) / 0.55;
  return x * x * (3.0 - 2.0 * x);
}

// `weight` is in [0, 1] and stays there; a negative `by` counts as 0.
void raise(float& weight, float by) noexcept {
  weight = std::min(weight + std::max(by, 0.0f), 1.0f);
}

// Of IdleLife::wander: what each curve is for, and how long it takes from one value to the next.
struct Curve {
  uint64_t purpose;
  double seconds;
};
constexpr std::array<Curve, 8> kWander = {{{kBrowRaise, 2.7},
                                           {kBrowTilt, 3.9},
                                           {kSway, 3.7},
                                           {kSway + 1, 1.3},
                                           {kSway + 2, 3.1},
                                           {kSway + 3, 1.1},
                                           {kSway + 4, 4.3},
                                           {kSway + 5, 4.3}}};

constexpr std::array<double, kWander.size()> per_second() {
  std::array<double, kWander.size()> rates{};
  for (size_t i = 0; i < rates.size(); ++i) rates[i] = 1.0 / kWander[i].seconds;
  return rates;
}
constexpr auto kPerSecond = per_second();

}  // namespace

IdleLife::IdleLife(int64_t seed, uint32_t sample_rate) noexcept
    : seed_(seed), seconds_per_sample_(1.0 / static_cast<double>(sample_rate)) {
  // Nothing is known of any instant yet.
  constexpr double kNone = std::numeric_limits<double>::lowest();
  wander_ = {};
  wander_.slot.fill(kNone);
  blink_ = {.slot = kNone, .start = kNone, .opening = kNone, .again = kNever};
  gaze_ = {};
  gaze_.begin = gaze_.end = kNone;
}

void IdleLife::find_wander(double seconds) const noexcept {
  for (size_t i = 0; i < kCurves; ++i) {
    const double slot = std::floor(seconds * kPerSecond[i]);
    if (slot == wander_.slot[i]) continue;
    const auto index = static_cast<int64_t>(slot);
    const double from = random_of(seed_, kWander[i].purpose, index);
    const double to = random_of(seed_, kWander[i].purpose, index + 1);
    wander_.slot[i] = slot;
    wander_.from[i] = static_cast<float>(2.0 * from - 1.0);
    wander_.rise[i] = static_cast<float>(2.0 * (to - from));
  }
}

// The curves in [-1, 1]. Loops without branches, for the compiler to vectorise.
void IdleLife::wander(double seconds, std::array<float, kCurves>& out) const noexcept {
  std::array<double, kCurves> part;
  const auto outside = [&] {
    int64_t count = 0;
    for (size_t i = 0; i < kCurves; ++i) {
      part[i] = seconds * kPerSecond[i] - wander_.slot[i];
      count += (part[i] < 0.0 ? 1 : 0) + (part[i] >= 1.0 ? 1 : 0);
    }
    return count != 0;
  };
  if (outside()) {
    find_wander(seconds);
    outside();
  }
  for (size_t i = 0; i < kCurves; ++i) {
    const auto x = static_cast<float>(part[i]);
    const float smooth = x * x * x * (x * (x * 6.0f - 15.0f) + 10.0f);
    out[i] = wander_.from[i] + wander_.rise[i] * smooth;
  }
}

void IdleLife::find_blink(double slot) const noexcept {
  const auto index = static_cast<int64_t>(slot);
  blink_.slot = slot;
  blink_.start = slot * kBlinkSlot + kBlinkSpread * random_of(seed_, kBlinkTime, index);
  const double shut = 0.02 + 0.05 * random_of(seed_, kBlinkLength, index);
  blink_.opening = blink_.start + kLidCloseSeconds + shut;
  blink_.again = kNever;
  if (random_of(seed_, kBlinkTwice, index) < kTwice) {
    blink_.again =
        blink_.opening + kLidOpenSeconds + 0.02 + 0.1 * random_of(seed_, kBlinkPause, index);
  }
}

void IdleLife::find_gaze(double seconds) const noexcept {
  auto slot = static_cast<int64_t>(std::floor(seconds / kGazeSlot));
  if (dart_time(seed_, slot) > seconds) slot -= 1;
  const Point from = gaze_target(seed_, slot - 1);
  const Point to = gaze_target(seed_, slot);
  gaze_ = {.begin = dart_time(seed_, slot),
           .end = dart_time(seed_, slot + 1),
           .from_side = static_cast<float>(from.side),
           .from_height = static_cast<float>(from.height),
           .to_side = static_cast<float>(to.side),
           .to_height = static_cast<float>(to.height)};
}

void IdleLife::add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept {
  if (seed_ < 0) return;
  const double seconds = static_cast<double>(sample) * seconds_per_sample_;

  if (!(seconds >= blink_.slot * kBlinkSlot && seconds < (blink_.slot + 1.0) * kBlinkSlot))
    find_blink(std::floor(seconds / kBlinkSlot));
  if (seconds > blink_.start) {
    const double after = seconds < blink_.again ? 0.0 : blink_.again - blink_.start;
    const auto lid = static_cast<float>(ease((seconds - blink_.start - after) / kLidCloseSeconds) -
                                        ease((seconds - blink_.opening - after) / kLidOpenSeconds));
    raise(row[kEyeBlinkLeft], lid);
    raise(row[kEyeBlinkRight], lid);
  }

  if (!(seconds >= gaze_.begin && seconds < gaze_.end)) find_gaze(seconds);
  const auto moved = static_cast<float>(ease((seconds - gaze_.begin) / kDartSeconds));
  const float side = gaze_.from_side + (gaze_.to_side - gaze_.from_side) * moved;
  const float height = gaze_.from_height + (gaze_.to_height - gaze_.from_height) * moved;
  raise(row[side > 0.0f ? kEyeLookOutLeft : kEyeLookInLeft], std::abs(side));
  raise(row[side > 0.0f ? kEyeLookInRight : kEyeLookOutRight], std::abs(side));
  raise(row[height > 0.0f ? kEyeLookUpLeft : kEyeLookDownLeft], std::abs(height));
  raise(row[height > 0.0f ? kEyeLookUpRight : kEyeLookDownRight], std::abs(height));

  std::array<float, kCurves> curves;
  wander(seconds, curves);
  const auto [brows, tilt, yaw, quick_yaw, pitch, quick_pitch, roll, spare] = curves;
  static_cast<void>(spare);
  raise(row[kBrowInnerUp], 0.08f * brows);
  raise(row[kBrowOuterUpLeft], 0.05f * brows + 0.03f * tilt);
  raise(row[kBrowOuterUpRight], 0.05f * brows - 0.03f * tilt);

  // The head drifts, slow and fast, and rises a little with each breath.
  row[kYaw] += 0.045f * yaw + 0.012f * quick_yaw;
  row[kPitch] +=
      0.022f * pitch + 0.007f * quick_pitch + static_cast<float>(0.006 * breath(seconds));
  row[kRoll] += 0.020f * roll;
}

}  // namespace facewire
