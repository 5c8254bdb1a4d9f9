#include "facewire/compose.h"

#include <algorithm>
#include <cstring>

namespace facewire {
namespace {

// Pixels of two rows that are made ready at a time; they stay in the first-level cache.
constexpr size_t kBlock = 256;
constexpr uint8_t kBlack = 16;
constexpr uint8_t kWhite = 235;
constexpr uint8_t kNoColour = 128;

// Rounded quotient of v / 255, exact for v up to 255 * 255.
constexpr uint32_t by_255(uint32_t v) noexcept {
  v += 128;
  return (v + (v >> 8)) >> 8;
}

// Opaque RGBA of `count` pixels. Two channels are weighed in one multiplication.
template <PixelOrder kOrder, AlphaUse kAlpha>
void lay_over(const uint8_t* from, size_t count, uint32_t behind, uint8_t* to) noexcept {
  constexpr uint32_t kEven = 0x00ff00ff;
  const uint32_t behind_even = behind & kEven;
  const uint32_t behind_odd = (behind >> 8) & 0xff;
  for (size_t i = 0; i < count; ++i) {
    uint32_t pixel;
    std::memcpy(&pixel, from + 4 * i, 4);
    // Little-endian: the first byte is the lowest.
    uint32_t even = pixel & kEven;
    uint32_t odd = (pixel >> 8) & 0xff;
    if constexpr (kOrder == PixelOrder::bgra) even = even >> 16 | (even & 0xff) << 16;
    if constexpr (kAlpha != AlphaUse::ignored) {
      const uint32_t alpha = pixel >> 24;
      const uint32_t rest = 255 - alpha;
      const uint32_t own = kAlpha == AlphaUse::straight ? alpha : 255;
      if constexpr (kAlpha == AlphaUse::premultiplied) {
        // Colour that is brighter than its alpha allows would run over.
        const uint32_t low = std::min(even & 0xff, alpha);
        const uint32_t high = std::min(even >> 16, alpha);
        even = low | high << 16;
        odd = std::min(odd, alpha);
      }
      uint32_t two = even * own + behind_even * rest + 0x00800080;
      two = ((two + ((two >> 8) & kEven)) >> 8) & kEven;
      even = two;
      odd = by_255(odd * own + behind_odd * rest);
    }
    const uint32_t out = even | odd << 8 | 0xff000000;
    std::memcpy(to + 4 * i, &out, 4);
  }
}

// Most of a picture is all there or not at all; only the edges between have to be weighed.
template <PixelOrder kOrder, AlphaUse kAlpha>
void lay_over_by_groups(const uint8_t* from, size_t count, uint32_t behind, uint8_t* to) noexcept {
  constexpr size_t kGroup = 32;
  for (; count > 0; from += 4 * kGroup, to += 4 * kGroup) {
    const size_t group = std::min(kGroup, count);
    count -= group;
    uint32_t every = 0xff000000;
    uint32_t any = 0;
    for (size_t i = 0; i < group; ++i) {
      uint32_t pixel;
      std::memcpy(&pixel, from + 4 * i, 4);
      every &= pixel;
      any |= pixel;
    }
    if (every >> 24 == 0xff) {
      lay_over<kOrder, AlphaUse::ignored>(from, group, behind, to);
    } else if (any >> 24 == 0) {
      const uint32_t out = behind | 0xff000000;
      for (size_t i = 0; i < group; ++i) std::memcpy(to + 4 * i, &out, 4);
    } else {
      lay_over<kOrder, kAlpha>(from, group, behind, to);
    }
  }
}

using LayOver = void (*)(const uint8_t*, size_t, uint32_t, uint8_t*) noexcept;

template <PixelOrder kOrder>
LayOver way_of(AlphaUse alpha) noexcept {
  if (alpha == AlphaUse::straight) return lay_over_by_groups<kOrder, AlphaUse::straight>;
  if (alpha == AlphaUse::premultiplied) return lay_over_by_groups<kOrder, AlphaUse::premultiplied>;
  return lay_over<kOrder, AlphaUse::ignored>;
}

struct Rows {
  uint8_t* luma_top;
  uint8_t* luma_bottom;
  uint8_t* blue;
  uint8_t* red;
};

Rows rows_of(const YuvTarget& out, size_t y, size_t x) noexcept {
  uint8_t* const luma = out.bytes.data() + y * out.width + out.column + x;
  uint8_t* const blue =
      out.bytes.data() + out.width * out.height + y / 2 * (out.width / 2) + (out.column + x) / 2;
  return {luma, luma + out.width, blue, blue + out.width * out.height / 4};
}

uint8_t mixed(uint32_t over, uint32_t under, uint32_t alpha) noexcept {
  return static_cast<uint8_t>(by_255(over * alpha + under * (255 - alpha)));
}

void mix(const uint8_t* over, const uint8_t* alpha, size_t count, uint8_t* out) noexcept {
  for (size_t i = 0; i < count; ++i) out[i] = mixed(over[i], out[i], alpha[i]);
}

void mix(uint8_t over, const uint8_t* alpha, size_t count, uint8_t* out) noexcept {
  for (size_t i = 0; i < count; ++i) out[i] = mixed(over, out[i], alpha[i]);
}

// Rounded, of three channels that are sums over `weight` and weights that are parts of 2^15.
uint8_t weigh(const int16_t (&weights)[3], const uint32_t (&sum)[3], uint32_t weight,
              uint8_t zero) noexcept {
  if (weight == 0) return zero;
  int64_t total = 0;
  for (size_t c = 0; c < 3; ++c) total += int64_t{weights[c]} * sum[c];
  const int64_t whole = int64_t{weight} << 15;
  const int64_t rounded = (2 * (total + zero * whole) + whole) / (2 * whole);
  return static_cast<uint8_t>(rounded);
}

}  // namespace

void compose_yuv420(const KernelTable& kernels, const RawPicture& picture, AlphaUse alpha,
                    const Backdrop& behind, const YuvTarget& out) noexcept {
  const LayOver lay = picture.order == PixelOrder::rgba ? way_of<PixelOrder::rgba>(alpha)
                                                        : way_of<PixelOrder::bgra>(alpha);
  const bool as_it_is = picture.order == PixelOrder::rgba && alpha == AlphaUse::ignored;
  const uint32_t colour =
      uint32_t{behind[0]} | uint32_t{behind[1]} << 8 | uint32_t{behind[2]} << 16;
  uint8_t ready[2][4 * kBlock];
  for (size_t y = 0; y < picture.height; y += 2) {
    for (size_t x = 0; x < picture.width; x += kBlock) {
      const size_t count = std::min(kBlock, picture.width - x);
      const uint8_t* top = picture.bytes.data() + 4 * (y * picture.width + x);
      const uint8_t* bottom = top + 4 * picture.width;
      if (!as_it_is) {
        lay(top, count, colour, ready[0]);
        lay(bottom, count, colour, ready[1]);
        top = ready[0];
        bottom = ready[1];
      }
      const Rows to = rows_of(out, y, x);
      kernels.video->rgba_to_yuv420(top, bottom, count, to.luma_top, to.luma_bottom, to.blue,
                                    to.red);
    }
  }
}

void key_yuv420(const RawPicture& picture, const YuvTarget& out) noexcept {
  for (size_t y = 0; y < picture.height; ++y) {
    const uint8_t* from = picture.bytes.data() + 4 * y * picture.width;
    uint8_t* const luma = out.bytes.data() + y * out.width + out.column;
    for (size_t x = 0; x < picture.width; ++x) {
      luma[x] = static_cast<uint8_t>(kBlack + by_255(from[4 * x + 3] * uint32_t{kWhite - kBlack}));
    }
    if (y % 2 != 0) continue;
    const Rows to = rows_of(out, y, 0);
    std::memset(to.blue, kNoColour, picture.width / 2);
    std::memset(to.red, kNoColour, picture.width / 2);
  }
}

void nv12_to_yuv420(std::span<const uint8_t> nv12, size_t width, size_t height,
                    std::span<uint8_t> out) noexcept {
  const size_t pixels = width * height;
  std::memcpy(out.data(), nv12.data(), pixels);
  const uint8_t* const pairs = nv12.data() + pixels;
  uint8_t* const blue = out.data() + pixels;
  uint8_t* const red = blue + pixels / 4;
  for (size_t i = 0; i < pixels / 4; ++i) {
    blue[i] = pairs[2 * i];
    red[i] = pairs[2 * i + 1];
  }
}

void make_overlay(std::span<const uint8_t> rgba, size_t width, size_t height,
                  std::span<uint8_t> out) noexcept {
  const size_t pixels = width * height;
  uint8_t* const luma = out.data();
  uint8_t* const alpha = luma + pixels;
  uint8_t* const blue = alpha + pixels;
  uint8_t* const red = blue + pixels / 4;
  uint8_t* const square_alpha = red + pixels / 4;
  for (size_t i = 0; i < pixels; ++i) {
    const uint32_t colour[3] = {rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]};
    luma[i] = weigh(kLumaWeights, colour, 1, kBlack);
    alpha[i] = rgba[4 * i + 3];
  }
  for (size_t y = 0; y < height; y += 2) {
    for (size_t x = 0; x < width; x += 2) {
      // Each pixel counts for as much of the square as it covers.
      uint32_t sum[3] = {};
      uint32_t covered = 0;
      for (const size_t at :
           {y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1}) {
        const uint32_t a = rgba[4 * at + 3];
        for (size_t c = 0; c < 3; ++c) sum[c] += a * rgba[4 * at + c];
        covered += a;
      }
      const size_t to = y / 2 * (width / 2) + x / 2;
      blue[to] = weigh(kBlueWeights, sum, covered, kNoColour);
      red[to] = weigh(kRedWeights, sum, covered, kNoColour);
      square_alpha[to] = static_cast<uint8_t>((covered + 2) / 4);
    }
  }
}

void put_overlay(std::span<const uint8_t> overlay, size_t width, size_t height,
                 const YuvTarget& out, size_t row, bool key) noexcept {
  const size_t pixels = width * height;
  const uint8_t* const luma = overlay.data();
  const uint8_t* const alpha = luma + pixels;
  const uint8_t* const blue = alpha + pixels;
  const uint8_t* const red = blue + pixels / 4;
  const uint8_t* const square_alpha = red + pixels / 4;
  for (size_t y = 0; y < height; y += 2) {
    const Rows to = rows_of(out, row + y, 0);
    const size_t top = y * width;
    const size_t bottom = top + width;
    if (key) {
      mix(kWhite, alpha + top, width, to.luma_top);
      mix(kWhite, alpha + bottom, width, to.luma_bottom);
      continue;
    }
    mix(luma + top, alpha + top, width, to.luma_top);
    mix(luma + bottom, alpha + bottom, width, to.luma_bottom);
    const size_t square = y / 2 * (width / 2);
    mix(blue + square, square_alpha + square, width / 2, to.blue);
    mix(red + square, square_alpha + square, width / 2, to.red);
  }
}

}  // namespace facewire
