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

float32x4_t slope(float32x4_t left, float32x4_t right) {
  const float32x4_t zero = vdupq_n_f32(0.0f);
  const float32x4_t mean = vmulq_n_f32(vaddq_f32(left, right), 0.5f);
  const float32x4_t limit = vmulq_n_f32(lesser(vabsq_f32(left), vabsq_f32(right)), 2.0f);
  const float32x4_t size = lesser(vabsq_f32(mean), limit);
  const uint32x4_t rising = vandq_u32(vcgtq_f32(left, zero), vcgtq_f32(right, zero));
  const uint32x4_t falling = vandq_u32(vcltq_f32(left, zero), vcltq_f32(right, zero));
  return vbslq_f32(rising, size, vbslq_f32(falling, vsubq_f32(zero, size), zero));
}

void monotone_slopes(const float* before, const float* row, const float* after, size_t width,
                     float* out) {
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const float32x4_t middle = vld1q_f32(row + i);
    vst1q_f32(out + i, slope(vsubq_f32(middle, vld1q_f32(before + i)),
                             vsubq_f32(vld1q_f32(after + i), middle)));
  }
  scalar::kFace.monotone_slopes(before + i, row + i, after + i, width - i, out + i);
}

void hermite(const float* from, const float* from_slopes, const float* to, const float* to_slopes,
             size_t width, float t, float* out) {
  const float w0 = (t * t) * (3.0f - 2.0f * t);
  const float w1 = (t * (1.0f - t)) * (1.0f - t);
  const float w2 = (t * t) * (t - 1.0f);
  const bool at_end = !(t < 1.0f);
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const float32x4_t a = vld1q_f32(from + i);
    const float32x4_t b = vld1q_f32(to + i);
    // Multiplied and added apart: a fused step would round otherwise than the scalar table.
    const float32x4_t slopes = vaddq_f32(vmulq_n_f32(vld1q_f32(from_slopes + i), w1),
                                         vmulq_n_f32(vld1q_f32(to_slopes + i), w2));
    const float32x4_t y = vaddq_f32(a, vaddq_f32(vmulq_n_f32(vsubq_f32(b, a), w0), slopes));
    vst1q_f32(out + i, at_end ? b : lesser(greater(y, lesser(a, b)), greater(a, b)));
  }
  scalar::kFace.hermite(from + i, from_slopes + i, to + i, to_slopes + i, width - i, t, out + i);
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

const FaceKernels kFace = {monotone_slopes, hermite, clamp01, gather};

}  // namespace facewire::neon
