#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace facewire {

// The nine filters of taps / 4 that the fast algorithm of
// kernels/fast_upsample.h uses instead of each row of `taps`: of the row, and then of
// each of the three results, the even taps, the sums of neighbours, and the odd taps.
template <typename Number>
std::vector<float> fast_upsample_parts(std::span<const Number> rows, size_t taps) {
  std::vector<float> parts;
  parts.reserve(rows.size() / 4 * 9);
  const auto part = [](int which, auto even, auto odd) {
    return which == 0 ? even : which == 1 ? even + odd : odd;
  };
  for (; !rows.empty(); rows = rows.subspan(taps)) {
    for (int outer = 0; outer < 3; ++outer) {
      for (int inner = 0; inner < 3; ++inner) {
        for (size_t k = 0; k < taps; k += 4) {
          parts.push_back(static_cast<float>(part(inner, part(outer, rows[k], rows[k + 1]),
                                                  part(outer, rows[k + 2], rows[k + 3]))));
        }
      }
    }
  }
  return parts;
}

}  // namespace facewire
