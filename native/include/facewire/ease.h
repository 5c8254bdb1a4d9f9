#pragma once

namespace facewire {

// How long a face takes from one shape to another that does not follow from
// it: at the start of speech, between clauses, after an interrupt. Kept short
// enough for the mouth to be at rest kHoldMs + kEaseMs = 120 ms after the last
// data, and long enough that ease() never moves a weight by more than 12 a second.
inline constexpr double kHoldMs = 30.0;
inline constexpr double kEaseMs = 90.0;

// From 0 to 1 for `progress` from 0 to 1, with a continuous speed: short
// parabolas at both ends and a straight line between. Its steepest slope is
// 1 / 0.93, so over kEaseMs a full swing stays under 12 per second.
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

}  // namespace facewire
