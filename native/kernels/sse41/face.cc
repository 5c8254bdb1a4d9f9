// Compiled with SSE4.1 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <smmintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::sse41 {
namespace {

#include "../vector_face.h"
#include "lanes.h"

// Four loads beat a vector of addresses that has to be taken apart again.
void gather(const float* in, size_t in_count, const int32_t* index, size_t count, float* out) {
  const __m128i limit = _mm_set1_epi32(static_cast<int>(in_count));
  const __m128i minus_one = _mm_set1_epi32(-1);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const __m128i from = _mm_loadu_si128(reinterpret_cast<const __m128i*>(index + i));
    const __m128i valid =
        _mm_and_si128(_mm_cmpgt_epi32(from, minus_one), _mm_cmpgt_epi32(limit, from));
    if (_mm_movemask_epi8(valid) == 0xffff) {
      _mm_storeu_ps(
          out + i, _mm_setr_ps(in[index[i]], in[index[i + 1]], in[index[i + 2]], in[index[i + 3]]));
    } else {
      scalar::kFace.gather(in, in_count, index + i, 4, out + i);
    }
  }
  scalar::kFace.gather(in, in_count, index + i, count - i, out + i);
}

}  // namespace

const FaceKernels kFace = {vector_monotone_slopes<Vec>, vector_hermite<Vec>, vector_clamp01<Vec>,
                           gather};

}  // namespace facewire::sse41
