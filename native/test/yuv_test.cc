// Pictures from RGBA to YUV: every table over widths and misalignments, against
// the formula in doubles and bit for bit against the scalar table.
#include <cmath>

#include "check.h"
#include "facewire/kernels.h"
#include "facewire/yuv_picture.h"
#include "pictures.h"

using facewire::KernelTable;
using facewire::PictureArea;

using pictures::random_bytes;

namespace {

constexpr uint8_t kPoison = 0xa5;
constexpr size_t kMargin = 40;

double luma(double r, double g, double b) { return 0.2126 * r + 0.7152 * g + 0.0722 * b; }

struct Planes {
  std::vector<uint8_t> top, bottom, blue, red;
  explicit Planes(size_t width)
      : top(width + 2 * kMargin, kPoison),
        bottom(top),
        blue(width / 2 + 2 * kMargin, kPoison),
        red(blue) {}
  bool operator==(const Planes&) const = default;
};

Planes convert(const KernelTable& table, const uint8_t* top, const uint8_t* bottom, size_t width,
               size_t offset) {
  Planes out(width);
  const size_t at = kMargin - offset;
  table.video->rgba_to_yuv420(top, bottom, width, out.top.data() + at, out.bottom.data() + at,
                              out.blue.data() + at, out.red.data() + at);
  return out;
}

}  // namespace

TEST(every_table_gives_the_bits_of_the_scalar_one) {
  const KernelTable& scalar = *facewire::find_kernels("scalar");
  for (const KernelTable* table : facewire::available_kernels()) {
    for (size_t width = 0; width <= 200; width += 2) {
      for (const size_t offset : {0u, 1u, 3u}) {
        check::context() = std::string(table->name) + ", width " + std::to_string(width);
        const auto top = random_bytes(4 * width + offset);
        const auto bottom = random_bytes(4 * width + offset);
        CHECK(convert(*table, top.data() + offset, bottom.data() + offset, width, offset) ==
              convert(scalar, top.data() + offset, bottom.data() + offset, width, offset));
      }
    }
  }
  check::context().clear();
}

TEST(is_within_one_step_of_the_formula) {
  const size_t width = 4096;
  const auto top = random_bytes(4 * width);
  const auto bottom = random_bytes(4 * width);
  const Planes out = convert(facewire::kernels(), top.data(), bottom.data(), width, 0);
  for (size_t i = 0; i < width; ++i) {
    const double y = 16 + luma(top[4 * i], top[4 * i + 1], top[4 * i + 2]) * 219 / 255;
    if (!CHECK(std::abs(out.top[kMargin + i] - y) < 0.51)) return;
  }
  for (size_t i = 0; i < width / 2; ++i) {
    double mean[3];
    for (size_t c = 0; c < 3; ++c) {
      mean[c] =
          (top[8 * i + c] + top[8 * i + 4 + c] + bottom[8 * i + c] + bottom[8 * i + 4 + c]) / 4.0;
    }
    const double y = luma(mean[0], mean[1], mean[2]);
    const double b = 128 + (mean[2] - y) / 1.8556 * 224 / 255;
    const double r = 128 + (mean[0] - y) / 1.5748 * 224 / 255;
    if (!CHECK(std::abs(out.blue[kMargin + i] - b) < 0.52)) return;
    if (!CHECK(std::abs(out.red[kMargin + i] - r) < 0.52)) return;
  }
}

TEST(grey_has_no_colour_and_the_ends_of_the_range_are_kept) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (int grey = 0; grey < 256; ++grey) {
      const std::vector<uint8_t> row(4 * 64, static_cast<uint8_t>(grey));
      const Planes out = convert(*table, row.data(), row.data(), 64, 0);
      if (!CHECK(out.blue[kMargin] == 128 && out.red[kMargin] == 128)) return;
      if (grey == 0) CHECK_EQUAL(out.top[kMargin], 16);
      if (grey == 255) CHECK_EQUAL(out.top[kMargin], 235);
    }
  }
}

TEST(an_area_changes_what_it_touches_and_nothing_else) {
  const size_t width = 70;
  const size_t height = 20;
  const auto rgba = random_bytes(4 * width * height);
  std::vector<uint8_t> whole(facewire::yuv420_bytes(width, height));
  facewire::convert_to_yuv420(facewire::kernels(), rgba, width, height, {0, 0, width, height},
                              whole);
  for (int round = 0; round < 200; ++round) {
    const PictureArea area = pictures::random_area(width, height);
    std::vector<uint8_t> part(whole.size(), kPoison);
    facewire::convert_to_yuv420(facewire::kernels(), rgba, width, height, area, part);
    const auto touched = [&](size_t x, size_t y) {
      return area.width > 0 && area.height > 0 && x / 2 >= area.x / 2 && y / 2 >= area.y / 2 &&
             x / 2 <= (area.x + area.width - 1) / 2 && y / 2 <= (area.y + area.height - 1) / 2;
    };
    for (size_t y = 0; y < height; ++y) {
      for (size_t x = 0; x < width; ++x) {
        const size_t luma_at = y * width + x;
        if (!CHECK_EQUAL(part[luma_at], touched(x, y) ? whole[luma_at] : kPoison)) return;
        for (const size_t plane : {width * height, width * height / 4 * 5}) {
          const size_t at = plane + y / 2 * (width / 2) + x / 2;
          if (!CHECK_EQUAL(part[at], touched(x, y) ? whole[at] : kPoison)) return;
        }
      }
    }
  }
}
