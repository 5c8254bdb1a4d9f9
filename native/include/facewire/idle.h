#pragma once

#include <cstdint>
#include <span>

#include "facewire/channels.h"

namespace facewire {

// What a face does while nobody drives it: blinks, glances, small movements of
// brows and head, breath. A pure function of seed and output sample: any
// instant can be asked for in any order, and the same seed gives the same life.
// It never touches a channel of mouth, jaw, cheek or nose.
class IdleLife {
 public:
  // A negative seed means no idle life.
  IdleLife(int64_t seed, uint32_t sample_rate) noexcept;

  // Adds to eye and brow columns of a weight row and to its head pose. Weights stay in [0, 1].
  void add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept;

 private:
  int64_t seed_;
  double seconds_per_sample_;
};

}  // namespace facewire
