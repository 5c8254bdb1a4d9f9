#pragma once

#include <cmath>
#include <limits>

namespace facewire {

// The nearest float, NaN when that is infinite. A conversion out of range is
// undefined in C++, so that case is spelled out.
inline float to_float(double value) noexcept {
  constexpr double kTooLarge = 3.4028235677973366e38;  // Half an ulp above FLT_MAX.
  return std::abs(value) < kTooLarge ? static_cast<float>(value)
                                     : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace facewire
