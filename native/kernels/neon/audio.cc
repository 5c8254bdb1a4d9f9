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
#include "lanes.h"

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
