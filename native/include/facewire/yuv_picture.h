#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/kernel_table.h"

namespace facewire {

// A part of a picture, in pixels.
struct PictureArea {
  size_t x = 0;
  size_t y = 0;
  size_t width = 0;
  size_t height = 0;
};

// Bytes of a picture of even width and height: luma, then each chroma at half the size.
constexpr size_t yuv420_bytes(size_t width, size_t height) noexcept {
  return width * height / 2 * 3;
}

// Converts the squares of four pixels that `area` touches; what is outside keeps its value.
// `rgba` holds width x height pixels and `out` yuv420_bytes(). Width and height are even, and
// `area` is inside.
void convert_to_yuv420(const KernelTable& kernels, std::span<const uint8_t> rgba, size_t width,
                       size_t height, const PictureArea& area, std::span<uint8_t> out) noexcept;

}  // namespace facewire
