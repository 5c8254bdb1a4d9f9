// Pictures of other engines: byte orders, alpha over a colour, keys, NV12 and overlays, each
// against the formula in doubles; every table gives the same bits.
#include "facewire/compose.h"

#include <cmath>

#include "check.h"
#include "facewire/kernels.h"
#include "facewire/yuv_picture.h"
#include "pictures.h"

using namespace facewire;

using pictures::random_bytes;

namespace {

constexpr uint8_t kPoison = 0xa5;

struct Colour {
  double red, green, blue;
};

double luma(const Colour& c) { return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue; }
double y_of(const Colour& c) { return 16 + luma(c) * 219 / 255; }
double u_of(const Colour& c) { return 128 + (c.blue - luma(c)) / 1.8556 * 224 / 255; }
double v_of(const Colour& c) { return 128 + (c.red - luma(c)) / 1.5748 * 224 / 255; }

// One pixel over a colour, as the definition of alpha has it.
Colour over(const uint8_t* pixel, PixelOrder order, AlphaUse alpha, const Backdrop& behind) {
  const size_t first = order == PixelOrder::rgba ? 0 : 2;
  const double a = pixel[3] / 255.0;
  double out[3];
  for (size_t c = 0; c < 3; ++c) {
    const double value = pixel[c == 0 ? first : c == 1 ? 1 : 2 - first];
    if (alpha == AlphaUse::ignored) out[c] = value;
    if (alpha == AlphaUse::straight) out[c] = value * a + behind[c] * (1 - a);
    if (alpha == AlphaUse::premultiplied)
      out[c] = std::min<double>(value, pixel[3]) + behind[c] * (1 - a);
  }
  return {out[0], out[1], out[2]};
}

}  // namespace

TEST(a_picture_over_a_colour_is_what_the_formula_says) {
  // Not a multiple of a block, and wider than one.
  const size_t width = 302;
  const size_t height = 6;
  const size_t out_width = 2 * width;
  const Backdrop behind = {0, 177, 64};
  auto bytes = random_bytes(4 * width * height);
  // Stretches that are all there, and all transparent.
  for (size_t i = 0; i < width * height; ++i) {
    if (i % width >= 60 && i % width < 140) bytes[4 * i + 3] = 255;
    if (i % width >= 150 && i % width < 230) bytes[4 * i + 3] = 0;
  }
  for (const PixelOrder order : {PixelOrder::rgba, PixelOrder::bgra}) {
    for (const AlphaUse alpha : {AlphaUse::ignored, AlphaUse::straight, AlphaUse::premultiplied}) {
      const RawPicture picture{bytes, width, height, order};
      std::vector<uint8_t> first;
      for (const KernelTable* table : available_kernels()) {
        std::vector<uint8_t> out(yuv420_bytes(out_width, height), kPoison);
        compose_yuv420(*table, picture, alpha, behind, {out, out_width, height, width});
        if (first.empty()) first = out;
        CHECK(out == first);
      }
      for (size_t y = 0; y < height; ++y) {
        for (size_t x = 0; x < width; ++x) {
          const Colour c = over(&bytes[4 * (y * width + x)], order, alpha, behind);
          if (!CHECK_EQUAL(first[y * out_width + x], kPoison)) return;
          if (!CHECK(std::abs(first[y * out_width + width + x] - y_of(c)) < 1.01)) return;
        }
      }
      for (size_t y = 0; y < height; y += 2) {
        for (size_t x = 0; x < width; x += 2) {
          Colour mean{};
          for (const size_t at :
               {y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1}) {
            const Colour c = over(&bytes[4 * at], order, alpha, behind);
            mean.red += c.red / 4;
            mean.green += c.green / 4;
            mean.blue += c.blue / 4;
          }
          const size_t blue = out_width * height + y / 2 * width + (width + x) / 2;
          const size_t red = blue + out_width * height / 4;
          if (!CHECK(std::abs(first[blue] - u_of(mean)) < 1.1)) return;
          if (!CHECK(std::abs(first[red] - v_of(mean)) < 1.1)) return;
        }
      }
    }
  }
}

TEST(a_key_is_alpha_between_black_and_white) {
  const size_t width = 256;
  std::vector<uint8_t> bytes(4 * width * 2);
  for (size_t i = 0; i < 2 * width; ++i) bytes[4 * i + 3] = static_cast<uint8_t>(i);
  std::vector<uint8_t> out(yuv420_bytes(2 * width, 2), kPoison);
  key_yuv420({bytes, width, 2, PixelOrder::rgba}, {out, 2 * width, 2, width});
  for (size_t x = 0; x < width; ++x) {
    CHECK_EQUAL(out[width + x], std::lround(16 + static_cast<double>(x) * 219 / 255));
    CHECK_EQUAL(out[x], kPoison);
  }
  for (size_t x = 0; x < width; ++x) {
    CHECK_EQUAL(out[4 * width + x], x < width / 2 ? kPoison : 128);
    CHECK_EQUAL(out[5 * width + x], x < width / 2 ? kPoison : 128);
  }
}

TEST(nv12_is_taken_apart) {
  const size_t width = 70;
  const size_t height = 6;
  const auto nv12 = random_bytes(yuv420_bytes(width, height));
  std::vector<uint8_t> out(nv12.size());
  nv12_to_yuv420(nv12, width, height, out);
  const size_t pixels = width * height;
  for (size_t i = 0; i < pixels; ++i) CHECK_EQUAL(out[i], nv12[i]);
  for (size_t i = 0; i < pixels / 4; ++i) {
    CHECK_EQUAL(out[pixels + i], nv12[pixels + 2 * i]);
    CHECK_EQUAL(out[pixels / 4 * 5 + i], nv12[pixels + 2 * i + 1]);
  }
}

TEST(an_overlay_covers_as_its_alpha_says) {
  const size_t width = 34;
  const size_t height = 10;
  const size_t out_width = 64;
  const size_t out_height = 20;
  const size_t left = 6;
  const size_t top = 4;
  const auto rgba = random_bytes(4 * width * height);
  std::vector<uint8_t> overlay(overlay_bytes(width, height));
  make_overlay(rgba, width, height, overlay);
  for (const bool key : {false, true}) {
    const auto before = random_bytes(yuv420_bytes(out_width, out_height));
    auto after = before;
    put_overlay(overlay, width, height, {after, out_width, out_height, left}, top, key);
    for (size_t y = 0; y < out_height; ++y) {
      for (size_t x = 0; x < out_width; ++x) {
        const size_t at = y * out_width + x;
        const bool inside = x >= left && x < left + width && y >= top && y < top + height;
        double expected = before[at];
        if (inside) {
          const uint8_t* pixel = &rgba[4 * ((y - top) * width + x - left)];
          const double a = pixel[3] / 255.0;
          const double own = key ? 235 : y_of(over(pixel, PixelOrder::rgba, AlphaUse::ignored, {}));
          expected = own * a + before[at] * (1 - a);
        }
        if (!CHECK(std::abs(after[at] - expected) <= (inside ? 1.01 : 0))) return;
      }
    }
    for (size_t y = 0; y < out_height / 2; ++y) {
      for (size_t x = 0; x < out_width / 2; ++x) {
        const size_t at = out_width * out_height + y * (out_width / 2) + x;
        const size_t red = at + out_width * out_height / 4;
        const bool inside =
            2 * x >= left && 2 * x < left + width && 2 * y >= top && 2 * y < top + height && !key;
        double u = before[at];
        double v = before[red];
        if (inside) {
          // The four pixels one by one, which is the same as the square at once.
          double sum_u = 0;
          double sum_v = 0;
          for (size_t i = 0; i < 4; ++i) {
            const size_t from = (2 * y - top + i / 2) * width + 2 * x - left + i % 2;
            const double a = rgba[4 * from + 3] / 255.0;
            const Colour c = over(&rgba[4 * from], PixelOrder::rgba, AlphaUse::ignored, {});
            sum_u += (u_of(c) * a + u * (1 - a)) / 4;
            sum_v += (v_of(c) * a + v * (1 - a)) / 4;
          }
          u = sum_u;
          v = sum_v;
        }
        if (!CHECK(std::abs(after[at] - u) <= (inside ? 1.4 : 0))) return;
        if (!CHECK(std::abs(after[red] - v) <= (inside ? 1.4 : 0))) return;
      }
    }
  }
}

TEST(an_overlay_of_nothing_changes_nothing) {
  const std::vector<uint8_t> rgba(4 * 8 * 8, 0);
  std::vector<uint8_t> overlay(overlay_bytes(8, 8));
  make_overlay(rgba, 8, 8, overlay);
  const auto before = random_bytes(yuv420_bytes(16, 16));
  auto after = before;
  put_overlay(overlay, 8, 8, {after, 16, 16, 8}, 8, false);
  put_overlay(overlay, 8, 8, {after, 16, 16, 0}, 0, true);
  CHECK(after == before);
}
