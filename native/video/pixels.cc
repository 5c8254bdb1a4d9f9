#include "pixels.h"

#include <algorithm>
#include <cstring>

namespace facewire {

// Eight at a time, as the vectors of any processor like it.
void blend(Pixel* row, const Pixel* from, size_t count) noexcept {
  constexpr size_t kGroup = 8;
  size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    Pixel rest[kGroup];
    for (size_t k = 0; k < kGroup; ++k) rest[k] = (255 - (from[i + k] >> 24)) * 0x01010101;
    uint8_t below[4 * kGroup], above[4 * kGroup], share[4 * kGroup];
    std::memcpy(below, row + i, sizeof below);
    std::memcpy(above, from + i, sizeof above);
    std::memcpy(share, rest, sizeof share);
    for (size_t k = 0; k < 4 * kGroup; ++k) {
      const auto product = static_cast<uint16_t>(below[k] * share[k] + 128);
      below[k] = static_cast<uint8_t>(above[k] + ((product + (product >> 8)) >> 8));
    }
    std::memcpy(row + i, below, sizeof below);
  }
  for (; i < count; ++i) row[i] = over(row[i], from[i]);
}

Pixel premultiplied(const uint8_t* rgba) noexcept {
  Pixel p;
  std::memcpy(&p, rgba, sizeof p);
  return scaled(p | 0xff000000, p >> 24);
}

void unmultiply(Pixel* row, size_t count) noexcept {
  for (size_t i = 0; i < count; ++i) {
    const Pixel alpha = row[i] >> 24;
    if (alpha == 0 || alpha == 255) continue;
    const auto part = [&](int shift) {
      return std::min<Pixel>(255, ((row[i] >> shift & 255) * 255 + alpha / 2) / alpha) << shift;
    };
    row[i] = part(0) | part(8) | part(16) | alpha << 24;
  }
}

}  // namespace facewire
