// Every CPU that runs this has NEON; includes are kept to what the other
// vector tables may include, so that all of them read alike.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::neon {
namespace {

#include "../vector_face.h"
#include "lanes.h"

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

const FaceKernels kFace = {vector_monotone_slopes<Vec>, vector_hermite<Vec>, vector_clamp01<Vec>,
                           gather};

}  // namespace facewire::neon
