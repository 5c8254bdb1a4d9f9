#include "facewire/idle.h"

#include <algorithm>
#include <cmath>

#include "facewire/ease.h"

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
  kSway
};

// Blinks come one to a slot at a random place in its first 3 of 5 seconds, so 2 to 8 s lie between
// two.
constexpr double kBlinkSlot = 5.0;
constexpr double kBlinkSpread = 3.0;
// The lid closes within the 12 per second that every channel keeps, and opens more slowly.
constexpr double kLidCloseSeconds = kEaseMs / 1000.0;
constexpr double kLidOpenSeconds = 0.150;

constexpr double kGazeSlot = 1.5;
constexpr double kGazeSpread = 0.9;
constexpr double kDartSeconds = 0.045;

// splitmix64's finaliser: every bit of the input reaches every bit of the output.
uint64_t mix(uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// In [0, 1).
double random_of(int64_t seed, uint64_t purpose, int64_t slot) noexcept {
  const uint64_t hash =
      mix(mix(mix(static_cast<uint64_t>(seed)) ^ purpose) ^ static_cast<uint64_t>(slot));
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

// A smooth random curve in [-1, 1] that passes a new random value each `period` seconds.
double wander(int64_t seed, uint64_t purpose, double seconds, double period) noexcept {
  const double at = seconds / period;
  const double slot = std::floor(at);
  const double x = at - slot;
  const double smooth = x * x * x * (x * (x * 6.0 - 15.0) + 10.0);
  const auto index = static_cast<int64_t>(slot);
  const double from = random_of(seed, purpose, index);
  const double to = random_of(seed, purpose, index + 1);
  return 2.0 * (from + (to - from) * smooth) - 1.0;
}

double blink(int64_t seed, double seconds) noexcept {
  const double slot = std::floor(seconds / kBlinkSlot);
  const auto index = static_cast<int64_t>(slot);
  const double start = slot * kBlinkSlot + kBlinkSpread * random_of(seed, kBlinkTime, index);
  const double shut = 0.02 + 0.05 * random_of(seed, kBlinkLength, index);
  const double since = seconds - start;
  const double opening = since - kLidCloseSeconds - shut;
  return ease(since / kLidCloseSeconds) - ease(opening / kLidOpenSeconds);
}

struct Gaze {
  double side;    // Positive looks to the face's own left.
  double height;  // Positive looks up.
};

Gaze gaze_target(int64_t seed, int64_t slot) noexcept {
  if (random_of(seed, kGazeHome, slot) < 0.45) return {0.0, 0.0};
  return {0.36 * (random_of(seed, kGazeSide, slot) - 0.5),
          0.2 * (random_of(seed, kGazeHeight, slot) - 0.5)};
}

double dart_time(int64_t seed, int64_t slot) noexcept {
  return static_cast<double>(slot) * kGazeSlot + kGazeSpread * random_of(seed, kGazeTime, slot);
}

// The eyes rest on one point, then dart to the next.
Gaze gaze(int64_t seed, double seconds) noexcept {
  auto slot = static_cast<int64_t>(std::floor(seconds / kGazeSlot));
  if (dart_time(seed, slot) > seconds) slot -= 1;
  const double moved = ease((seconds - dart_time(seed, slot)) / kDartSeconds);
  const Gaze from = gaze_target(seed, slot - 1);
  const Gaze to = gaze_target(seed, slot);
  return {from.side + (to.side - from.side) * moved,
          from.height + (to.height - from.height) * moved};
}

// Up in the first 45 % of a breath, down in the rest; 0 to 1, smooth.
double breath(double seconds) noexcept {
  const double at = seconds / 4.2;
  const double phase = at - std::floor(at);
  const double x = phase < 0.45 ? phase / 0.45 : (1.0 - phase) / 0.55;
  return x * x * (3.0 - 2.0 * x);
}

void raise(float& weight, double by) noexcept {
  weight = std::clamp(weight + static_cast<float>(std::max(by, 0.0)), 0.0f, 1.0f);
}

}  // namespace

IdleLife::IdleLife(int64_t seed, uint32_t sample_rate) noexcept
    : seed_(seed), seconds_per_sample_(1.0 / static_cast<double>(sample_rate)) {}

void IdleLife::add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept {
  if (seed_ < 0) return;
  const double seconds = static_cast<double>(sample) * seconds_per_sample_;

  const double lid = blink(seed_, seconds);
  raise(row[kEyeBlinkLeft], lid);
  raise(row[kEyeBlinkRight], lid);

  const Gaze eyes = gaze(seed_, seconds);
  raise(row[kEyeLookOutLeft], eyes.side);
  raise(row[kEyeLookInRight], eyes.side);
  raise(row[kEyeLookInLeft], -eyes.side);
  raise(row[kEyeLookOutRight], -eyes.side);
  raise(row[kEyeLookUpLeft], eyes.height);
  raise(row[kEyeLookUpRight], eyes.height);
  raise(row[kEyeLookDownLeft], -eyes.height);
  raise(row[kEyeLookDownRight], -eyes.height);

  const double brows = wander(seed_, kBrowRaise, seconds, 2.7);
  const double tilt = 0.03 * wander(seed_, kBrowTilt, seconds, 3.9);
  raise(row[kBrowInnerUp], 0.08 * brows);
  raise(row[kBrowOuterUpLeft], 0.05 * brows + tilt);
  raise(row[kBrowOuterUpRight], 0.05 * brows - tilt);

  // The head follows the eyes a little and drifts on its own, slow and fast.
  const double yaw =
      0.045 * wander(seed_, kSway, seconds, 3.7) + 0.012 * wander(seed_, kSway + 1, seconds, 1.3);
  const double pitch = 0.022 * wander(seed_, kSway + 2, seconds, 3.1) +
                       0.007 * wander(seed_, kSway + 3, seconds, 1.1);
  const double roll = 0.020 * wander(seed_, kSway + 4, seconds, 4.3);
  row[kYaw] += static_cast<float>(yaw);
  row[kPitch] += static_cast<float>(pitch + 0.006 * breath(seconds));
  row[kRoll] += static_cast<float>(roll);
}

}  // namespace facewire
