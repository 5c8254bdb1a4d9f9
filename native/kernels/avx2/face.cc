// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::avx2 {
namespace {

#include "../vector_face.h"
#include "lanes.h"

void gather(const float* in, size_t in_count, const int32_t* index, size_t count, float* out) {
  const __m256i limit = _mm256_set1_epi32(static_cast<int>(in_count));
  const __m256i minus_one = _mm256_set1_epi32(-1);
  const __m256 zero = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i from = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index + i));
    const __m256i valid =
        _mm256_and_si256(_mm256_cmpgt_epi32(from, minus_one), _mm256_cmpgt_epi32(limit, from));
    _mm256_storeu_ps(out + i,
                     _mm256_mask_i32gather_ps(zero, in, from, _mm256_castsi256_ps(valid), 4));
  }
  for (; i < count; ++i) {
    const int32_t from = index[i];
    out[i] = from >= 0 && static_cast<size_t>(from) < in_count ? in[from] : 0.0f;
  }
}

}  // namespace

const FaceKernels kFace = {vector_monotone_slopes<Vec>, vector_hermite<Vec>, vector_clamp01<Vec>,
                           gather};

}  // namespace facewire::avx2
