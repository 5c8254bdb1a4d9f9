#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "facewire/channels.h"

namespace facewire {

// What a face does while nobody drives it: blinks, glances, small movements of
// brows and head, breath. A pure function of seed and output sample: any
// instant can be asked for in any order, and the same seed gives the same life.
// It never touches a channel of mouth, jaw, cheek or nose. Not thread-safe: it
// keeps the random numbers of the latest instant, which the next one mostly shares.
class IdleLife {
 public:
  // A negative seed means no idle life.
  IdleLife(int64_t seed, uint32_t sample_rate) noexcept;

  // Adds to eye and brow columns of a weight row and to its head pose. Weights stay in [0, 1].
  void add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept;

 private:
  // Smooth curves through a new random value each period: brows, then head.
  // One is spare, for whole registers.
  static constexpr size_t kCurves = 8;
  struct Wander {
    std::array<double, kCurves> slot;  // In periods.
    std::array<float, kCurves> from;
    std::array<float, kCurves> rise;
  };
  struct Blink {
    double slot;
    double start;    // Seconds.
    double opening;  // Seconds.
    double again;    // Seconds; where a second one starts, if there is one.
  };
  // Between two darts the eyes go from one point to another, and rest there.
  struct Gaze {
    double begin;  // Seconds.
    double end;
    float from_side, from_height;
    float to_side, to_height;
  };

  void find_wander(double seconds) const noexcept;
  void find_blink(double slot) const noexcept;
  void find_gaze(double seconds) const noexcept;
  void wander(double seconds, std::array<float, kCurves>& out) const noexcept;

  int64_t seed_;
  double seconds_per_sample_;
  mutable Wander wander_;
  mutable Blink blink_;
  mutable Gaze gaze_;
};

}  // namespace facewire
