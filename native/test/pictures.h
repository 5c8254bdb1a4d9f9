#pragma once

#include <cstdint>
#include <vector>

#include "check.h"
#include "facewire/yuv_picture.h"

namespace pictures {

// Extremes are as common as all the rest.
inline std::vector<uint8_t> random_bytes(size_t count) {
  std::vector<uint8_t> list(count);
  for (uint8_t& x : list) {
    const auto value = static_cast<uint32_t>(check::random()());
    x = (value & 0x300) == 0 ? 255 : (value & 0x300) == 0x100 ? 0 : static_cast<uint8_t>(value);
  }
  return list;
}

// Anywhere in a picture; may be empty.
inline facewire::PictureArea random_area(size_t width, size_t height) {
  auto& random = check::random();
  facewire::PictureArea area;
  area.x = random() % width;
  area.y = random() % height;
  area.width = random() % (width - area.x + 1);
  area.height = random() % (height - area.y + 1);
  return area;
}

}  // namespace pictures
