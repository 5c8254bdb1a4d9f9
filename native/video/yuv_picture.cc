#include "facewire/yuv_picture.h"

namespace facewire {

void convert_to_yuv420(const KernelTable& kernels, std::span<const uint8_t> rgba, size_t width,
                       size_t height, const PictureArea& area, std::span<uint8_t> out) noexcept {
  const size_t left = area.x & ~size_t{1};
  const size_t columns = ((area.x + area.width + 1) & ~size_t{1}) - left;
  const size_t bottom = area.y + area.height;
  uint8_t* const blue = out.data() + width * height;
  uint8_t* const red = blue + width * height / 4;
  for (size_t y = area.y & ~size_t{1}; y < bottom && area.width > 0 && area.height > 0; y += 2) {
    const size_t at = y * width + left;
    const size_t half = y / 2 * (width / 2) + left / 2;
    kernels.video->rgba_to_yuv420(rgba.data() + 4 * at, rgba.data() + 4 * (at + width), columns,
                                  out.data() + at, out.data() + at + width, blue + half,
                                  red + half);
  }
}

}  // namespace facewire
