// Every CPU that runs this has NEON; includes are kept to what the other
// vector tables may include, so that all of them read alike.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::neon {
namespace {

// Not vminq and vmaxq: the scalar table gives the second of two zeros, and
// for NaN, which these hand on.
float32x4_t lesser(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
float32x4_t greater(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }

float32x4_t steffen_slope(float32x4_t left, float32x4_t right) {
  const float32x4_t zero = vdupq_n_f32(0.0f);
  const float32x4_t mean = vmulq_n_f32(vaddq_f32(left, right), 0.5f);
  const float32x4_t limit = vmulq_n_f32(lesser(vabsq_f32(left), vabsq_f32(right)), 2.0f);
  const float32x4_t size = lesser(vabsq_f32(mean), limit);
  const uint32x4_t rising = vandq_u32(vcgtq_f32(left, zero), vcgtq_f32(right, zero));
  const uint32x4_t falling = vandq_u32(vcltq_f32(left, zero), vcltq_f32(right, zero));
  return vbslq_f32(rising, size, vbslq_f32(falling, vsubq_f32(zero, size), zero));
}

float32x4_t cubic_between(float32x4_t before, float32x4_t a, float32x4_t b, float32x4_t after,
                          float t) {
  const float32x4_t rise = vsubq_f32(b, a);
  const float32x4_t slope_a = steffen_slope(vsubq_f32(a, before), rise);
  const float32x4_t slope_b = steffen_slope(rise, vsubq_f32(after, b));
  const float32x4_t rise2 = vaddq_f32(rise, rise);
  const float32x4_t cubic = vsubq_f32(vaddq_f32(slope_a, slope_b), rise2);
  const float32x4_t square =
      vsubq_f32(vaddq_f32(rise2, rise), vaddq_f32(vaddq_f32(slope_a, slope_a), slope_b));
  // Multiplied and added apart: a fused step would round otherwise than the scalar table.
  const float32x4_t inner = vaddq_f32(square, vmulq_n_f32(cubic, t));
  const float32x4_t y = vaddq_f32(a, vmulq_n_f32(vaddq_f32(slope_a, vmulq_n_f32(inner, t)), t));
  return lesser(greater(y, lesser(a, b)), greater(a, b));
}

void monotone_cubic(const float* before, const float* from, const float* to, const float* after,
                    size_t width, float t, float* out) {
  const bool at_end = !(t < 1.0f);
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const float32x4_t b = vld1q_f32(to + i);
    const float32x4_t y =
        cubic_between(vld1q_f32(before + i), vld1q_f32(from + i), b, vld1q_f32(after + i), t);
    vst1q_f32(out + i, at_end ? b : y);
  }
  scalar::kFace.monotone_cubic(before + i, from + i, to + i, after + i, width - i, t, out + i);
}

size_t clamp01(const float* in, size_t count, float* out) {
  const float32x4_t zero = vdupq_n_f32(0.0f);
  const float32x4_t one = vdupq_n_f32(1.0f);
  size_t i = 0;
  size_t inside = 0;
  for (; i + 4 <= count; i += 4) {
    const float32x4_t x = vld1q_f32(in + i);
    const uint32x4_t good = vandq_u32(vcgeq_f32(x, zero), vcleq_f32(x, one));
    inside += vaddvq_u32(vshrq_n_u32(good, 31));
    vst1q_f32(out + i, lesser(greater(x, zero), one));
  }
  return i - inside + scalar::kFace.clamp01(in + i, count - i, out + i);
}

void gather(const float* in, size_t in_count, const int32_t* index, size_t count, float* out) {
  const uint32x4_t limit = vdupq_n_u32(static_cast<uint32_t>(in_count));
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    // As unsigned numbers the negative indices are above every limit, too.
    const uint32x4_t from = vreinterpretq_u32_s32(vld1q_s32(index + i));
    if (vminvq_u32(vcltq_u32(from, limit)) != 0) {
      float32x4_t row = vdupq_n_f32(in[index[i]]);
      row = vld1q_lane_f32(in + index[i + 1], row, 1);
      row = vld1q_lane_f32(in + index[i + 2], row, 2);
      row = vld1q_lane_f32(in + index[i + 3], row, 3);
      vst1q_f32(out + i, row);
    } else {
      scalar::kFace.gather(in, in_count, index + i, 4, out + i);
    }
  }
  scalar::kFace.gather(in, in_count, index + i, count - i, out + i);
}

}  // namespace

void replace_face(FaceKernels& kernels) noexcept {
  kernels.monotone_cubic = monotone_cubic;
  kernels.clamp01 = clamp01;
  kernels.gather = gather;
}

}  // namespace facewire::neon
