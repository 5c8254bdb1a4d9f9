#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace facewire {

// A pixel as it lies in memory: red, green, blue, alpha, the colours multiplied by alpha.
using Pixel = uint32_t;
// Pixels are taken apart as numbers.
static_assert(std::endian::native == std::endian::little);

// Two channels at a time, each with room above it.
inline constexpr Pixel kPairs = 0x00ff00ff;

// Every channel times level / 255, rounded.
inline Pixel scaled(Pixel p, Pixel level) noexcept {
  Pixel even = (p & kPairs) * level + 0x00800080;
  Pixel odd = (p >> 8 & kPairs) * level + 0x00800080;
  even = (even + (even >> 8 & kPairs)) >> 8 & kPairs;
  odd = (odd + (odd >> 8 & kPairs)) & ~kPairs;
  return even | odd;
}

inline Pixel over(Pixel below, Pixel above) noexcept {
  return above + scaled(below, 255 - (above >> 24));
}

// Puts pixels over those of a row.
void blend(Pixel* row, const Pixel* from, size_t count) noexcept;

// From colours as they are without alpha, and back.
Pixel premultiplied(const uint8_t* rgba) noexcept;
void unmultiply(Pixel* row, size_t count) noexcept;

}  // namespace facewire
