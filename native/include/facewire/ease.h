#pragma once

namespace facewire {

// No weight of a mouth moves faster than this from picture to picture, per
// second; see speed_limit.h. Real jaws reach 6 to 10.
inline constexpr double kMaxSpeed = 12.0;

// After the last data the mouth keeps its shape for kHoldMs and goes to rest
// over kEaseMs: 120 ms in all, and a full swing in kEaseMs stays below kMaxSpeed.
inline constexpr double kHoldMs = 30.0;
inline constexpr double kEaseMs = 90.0;

// From 0 to 1 for `progress` from 0 to 1, with a continuous speed: short
// parabolas at both ends and a straight line between. Its steepest slope is 1 / 0.93.
constexpr double ease(double progress) noexcept {
  constexpr double kBend = 0.07;
  constexpr double kSpeed = 1.0 / (1.0 - kBend);
  if (progress <= 0.0) return 0.0;
  if (progress >= 1.0) return 1.0;
  if (progress < kBend) return kSpeed * progress * progress / (2.0 * kBend);
  const double left = 1.0 - progress;
  if (left < kBend) return 1.0 - kSpeed * left * left / (2.0 * kBend);
  return kSpeed * (progress - kBend / 2.0);
}

// One source of weights gives way to another over this time.
inline constexpr double kFadeMs = 110.0;
// After it, what still lies between the two is closed with kMaxSpeed.
inline constexpr double kFadeEndMs = kFadeMs + 1000.0 / kMaxSpeed;

// How far a weight may be from what was shown, `ms` after another source took over whose weight
// differed by `difference` then. The speed of the two adds up to no more than kMaxSpeed.
constexpr double fade_reach(double difference, double ms) noexcept {
  if (ms < kFadeMs) return difference * ease(ms / kFadeMs);
  return difference + (ms - kFadeMs) * kMaxSpeed / 1000.0;
}

}  // namespace facewire
