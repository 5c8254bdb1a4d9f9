// Every CPU that runs this has NEON; includes are kept to what the other
// vector tables may include, so that all of them read alike.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::neon {
namespace {

// NEON takes pixels apart while it loads them, so this has a loop of its own
// instead of that of vector_video.h.

// Sixteen pixels of a row.
void luma(const uint8x16x4_t& pixels, uint8_t* out) {
  const auto part = [](uint8x8_t red, uint8x8_t green, uint8x8_t blue) {
    const int16x8_t r = vreinterpretq_s16_u16(vmovl_u8(red));
    const int16x8_t g = vreinterpretq_s16_u16(vmovl_u8(green));
    const int16x8_t b = vreinterpretq_s16_u16(vmovl_u8(blue));
    int32x4_t low = vmull_n_s16(vget_low_s16(r), kLumaWeights[0]);
    low = vmlal_n_s16(low, vget_low_s16(g), kLumaWeights[1]);
    low = vmlal_n_s16(low, vget_low_s16(b), kLumaWeights[2]);
    int32x4_t high = vmull_n_s16(vget_high_s16(r), kLumaWeights[0]);
    high = vmlal_n_s16(high, vget_high_s16(g), kLumaWeights[1]);
    high = vmlal_n_s16(high, vget_high_s16(b), kLumaWeights[2]);
    // Rounds while it shifts by 15.
    const int16x8_t sum = vcombine_s16(vrshrn_n_s32(low, 15), vrshrn_n_s32(high, 15));
    return vqmovun_s16(vaddq_s16(sum, vdupq_n_s16(16)));
  };
  const uint8x8_t low =
      part(vget_low_u8(pixels.val[0]), vget_low_u8(pixels.val[1]), vget_low_u8(pixels.val[2]));
  const uint8x8_t high =
      part(vget_high_u8(pixels.val[0]), vget_high_u8(pixels.val[1]), vget_high_u8(pixels.val[2]));
  vst1q_u8(out, vcombine_u8(low, high));
}

// Eight squares of four pixels, each channel summed.
void chroma(const int16x8_t (&sums)[3], const int16_t (&w)[3], uint8_t* out) {
  int32x4_t low = vmull_n_s16(vget_low_s16(sums[0]), w[0]);
  low = vmlal_n_s16(low, vget_low_s16(sums[1]), w[1]);
  low = vmlal_n_s16(low, vget_low_s16(sums[2]), w[2]);
  int32x4_t high = vmull_n_s16(vget_high_s16(sums[0]), w[0]);
  high = vmlal_n_s16(high, vget_high_s16(sums[1]), w[1]);
  high = vmlal_n_s16(high, vget_high_s16(sums[2]), w[2]);
  const int16x8_t sum =
      vcombine_s16(vmovn_s32(vrshrq_n_s32(low, 17)), vmovn_s32(vrshrq_n_s32(high, 17)));
  vst1_u8(out, vqmovun_s16(vaddq_s16(sum, vdupq_n_s16(128))));
}

void rgba_to_yuv420(const uint8_t* top, const uint8_t* bottom, size_t width, uint8_t* luma_top,
                    uint8_t* luma_bottom, uint8_t* blue, uint8_t* red) {
  size_t i = 0;
  for (; i + 16 <= width; i += 16) {
    const uint8x16x4_t a = vld4q_u8(top + 4 * i);
    const uint8x16x4_t b = vld4q_u8(bottom + 4 * i);
    luma(a, luma_top + i);
    luma(b, luma_bottom + i);
    int16x8_t sums[3];
    for (size_t c = 0; c < 3; ++c)
      sums[c] = vreinterpretq_s16_u16(vpadalq_u8(vpaddlq_u8(a.val[c]), b.val[c]));
    chroma(sums, kBlueWeights, blue + i / 2);
    chroma(sums, kRedWeights, red + i / 2);
  }
  scalar::rgba_to_yuv420(top + 4 * i, bottom + 4 * i, width - i, luma_top + i, luma_bottom + i,
                         blue + i / 2, red + i / 2);
}

}  // namespace

const VideoKernels kVideo = {rgba_to_yuv420};

}  // namespace facewire::neon
