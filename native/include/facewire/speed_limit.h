#pragma once

#include <cstdint>
#include <span>

#include "facewire/channels.h"

namespace facewire {

// How far a weight may change over `samples`, at kMaxSpeed.
float most_change(int64_t samples, uint32_t sample_rate) noexcept;

// Brings `row` as near to `before` as `change` asks for, whatever it was made from. Weights that
// change by less stay as they are, to the bit. Jaw and lips keep the aperture, as far as they may:
// lips that meet do so as soon as they can. True when anything had to be held back.
bool limit_speed(std::span<const float, kWeightCount> before, float change,
                 std::span<float, kWeightCount> row) noexcept;

}  // namespace facewire
