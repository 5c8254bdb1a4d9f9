#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/kernel_table.h"

namespace facewire {

// How the bytes of a pixel lie: red, green, blue, alpha or blue, green, red, alpha.
enum class PixelOrder : uint8_t { rgba, bgra };

// What alpha does to colour. `straight`: colour is that of the opaque part; `premultiplied`: it was
// multiplied by alpha before.
enum class AlphaUse : uint8_t { ignored, straight, premultiplied };

// A picture of four bytes a pixel, rows without padding.
struct RawPicture {
  std::span<const uint8_t> bytes;
  size_t width = 0;
  size_t height = 0;
  PixelOrder order = PixelOrder::rgba;
};

// A picture in YUV 4:2:0 as in yuv_picture.h, and the first column that is written. Even, all
// three.
struct YuvTarget {
  std::span<uint8_t> bytes;
  size_t width = 0;
  size_t height = 0;
  size_t column = 0;
};

// What lies behind a picture that lets something through: red, green, blue.
using Backdrop = std::array<uint8_t, 3>;

// Puts a picture over a colour and converts it (BT.709, limited range), into columns `column` to
// `column` + picture.width of `out`. Sizes are even, heights equal, and the picture fits.
void compose_yuv420(const KernelTable& kernels, const RawPicture& picture, AlphaUse alpha,
                    const Backdrop& behind, const YuvTarget& out) noexcept;

// Writes alpha as a grey picture: transparent is black (16), opaque is white (235).
void key_yuv420(const RawPicture& picture, const YuvTarget& out) noexcept;

// Takes the two chromas of NV12 apart. Both hold yuv420_bytes(width, height).
void nv12_to_yuv420(std::span<const uint8_t> nv12, size_t width, size_t height,
                    std::span<uint8_t> out) noexcept;

// Bytes of an overlay: luma and alpha of each pixel, then both chromas and alpha of each square of
// four.
constexpr size_t overlay_bytes(size_t width, size_t height) noexcept {
  return width * height * 2 + width * height / 4 * 3;
}

// Prepares straight RGBA of even size to be put over YUV pictures again and again.
void make_overlay(std::span<const uint8_t> rgba, size_t width, size_t height,
                  std::span<uint8_t> out) noexcept;

// Puts an overlay over `out` with its corner at (out.column, row), all even; it must fit.
// `key`: `out` is a key as key_yuv420 writes it, which becomes more opaque.
void put_overlay(std::span<const uint8_t> overlay, size_t width, size_t height,
                 const YuvTarget& out, size_t row, bool key) noexcept;

}  // namespace facewire
