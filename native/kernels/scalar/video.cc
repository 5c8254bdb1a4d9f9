#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::scalar {
namespace {

int32_t weigh(const int16_t (&weights)[3], int32_t red, int32_t green, int32_t blue) {
  return weights[0] * red + weights[1] * green + weights[2] * blue;
}

void luma(const uint8_t* row, size_t width, uint8_t* out) {
  for (size_t i = 0; i < width; ++i) {
    const uint8_t* pixel = row + 4 * i;
    const int32_t sum = weigh(kLumaWeights, pixel[0], pixel[1], pixel[2]);
    out[i] = static_cast<uint8_t>(16 + ((sum + (1 << 14)) >> 15));
  }
}

}  // namespace

void rgba_to_yuv420(const uint8_t* top, const uint8_t* bottom, size_t width, uint8_t* luma_top,
                    uint8_t* luma_bottom, uint8_t* blue, uint8_t* red) {
  luma(top, width, luma_top);
  luma(bottom, width, luma_bottom);
  for (size_t i = 0; i < width / 2; ++i) {
    int32_t sum[3];
    for (size_t c = 0; c < 3; ++c) {
      sum[c] = top[8 * i + c] + top[8 * i + 4 + c] + bottom[8 * i + c] + bottom[8 * i + 4 + c];
    }
    const int32_t b = weigh(kBlueWeights, sum[0], sum[1], sum[2]);
    const int32_t r = weigh(kRedWeights, sum[0], sum[1], sum[2]);
    blue[i] = static_cast<uint8_t>(128 + ((b + (1 << 16)) >> 17));
    red[i] = static_cast<uint8_t>(128 + ((r + (1 << 16)) >> 17));
  }
}

const VideoKernels kVideo = {rgba_to_yuv420};

}  // namespace facewire::scalar
