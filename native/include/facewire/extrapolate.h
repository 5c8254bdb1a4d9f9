#pragma once

#include <cstdint>
#include <span>

namespace facewire {

// Goes on after `known` as it would if nothing changed: linear prediction with
// the coefficients of Burg's method (J. P. Burg 1975, "Maximum entropy spectral
// analysis"), whose filter never grows. Looks at the last 512 samples. Where
// there are too few to tell, and after silence, writes silence.
void extrapolate(std::span<const int16_t> known, std::span<int16_t> next) noexcept;

}  // namespace facewire
