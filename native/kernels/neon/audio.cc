// Every CPU that runs this has NEON; includes are kept to what the other
// vector tables may include, so that all of them read alike.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::neon {
namespace {

#include "../fast_upsample.h"
#include "../vector_filters.h"

struct Vec {
  using Type = float32x4_t;
  static constexpr size_t kLanes = 4;

  static Type zero() { return vdupq_n_f32(0.0f); }
  static Type broadcast(const float* from) { return vld1q_dup_f32(from); }
  static Type load(const float* from) { return vld1q_f32(from); }
  static void store(float* to, Type a) { vst1q_f32(to, a); }
  static Type add(Type a, Type b) { return vaddq_f32(a, b); }
  static Type sub(Type a, Type b) { return vsubq_f32(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return vfmaq_f32(c, a, b); }
  static Type load_any(const float* from) { return vld1q_f32(from); }
  static void store_any(float* to, Type a) { vst1q_f32(to, a); }
  static Type multiply(Type a, Type b) { return vmulq_f32(a, b); }
  static Type spread(float a) { return vdupq_n_f32(a); }

  static void transpose(Type (&x)[4]) {
    const float32x4x2_t a = vtrnq_f32(x[0], x[1]);
    const float32x4x2_t b = vtrnq_f32(x[2], x[3]);
    x[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    x[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    x[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    x[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = load_any(from + k * apart);
    transpose(x);
  }
  // The way back, of what is transposed already and for the first `lanes` only:
  // to[s * apart + k] = what was x[k], lane s.
  static void store_quads(float* to, size_t apart, const Type (&x)[4], size_t lanes) {
    for (size_t k = 0; k < 4; ++k) {
      if (k < lanes) store_any(to + k * apart, x[k]);
    }
  }
  // For every register (l0 + l1) + (l2 + l3).
  static Type add_lanes(const Type (&x)[4]) {
    return vpaddq_f32(vpaddq_f32(x[0], x[1]), vpaddq_f32(x[2], x[3]));
  }
  static float total(Type x) {
    const Type pairs = vpaddq_f32(x, x);
    return vgetq_lane_f32(vpaddq_f32(pairs, pairs), 0);
  }
};

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const int16x8_t narrow = vld1q_s16(in + i);
    // The conversion divides by 2^15 on the way.
    vst1q_f32(out + i, vcvtq_n_f32_s32(vmovl_s16(vget_low_s16(narrow)), 15));
    vst1q_f32(out + i + 4, vcvtq_n_f32_s32(vmovl_s16(vget_high_s16(narrow)), 15));
  }
  scalar::kAudio.s16_to_f32(in + i, count - i, out + i);
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, fast_upsample<Vec>, vector_fir<Vec>, vector_drift<Vec>};

}  // namespace facewire::neon
