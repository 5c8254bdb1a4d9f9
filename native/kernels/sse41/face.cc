// Compiled with SSE4.1 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <smmintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::sse41 {
namespace {

__m128 magnitude(__m128 a) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), a); }

__m128 slope(__m128 left, __m128 right) {
  const __m128 zero = _mm_setzero_ps();
  const __m128 mean = _mm_mul_ps(_mm_add_ps(left, right), _mm_set1_ps(0.5f));
  const __m128 limit = _mm_mul_ps(_mm_set1_ps(2.0f), _mm_min_ps(magnitude(left), magnitude(right)));
  const __m128 size = _mm_min_ps(magnitude(mean), limit);
  const __m128 rising = _mm_and_ps(_mm_cmpgt_ps(left, zero), _mm_cmpgt_ps(right, zero));
  const __m128 falling = _mm_and_ps(_mm_cmplt_ps(left, zero), _mm_cmplt_ps(right, zero));
  return _mm_or_ps(_mm_and_ps(rising, size), _mm_and_ps(falling, _mm_sub_ps(zero, size)));
}

void monotone_slopes(const float* before, const float* row, const float* after, size_t width,
                     float* out) {
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const __m128 middle = _mm_loadu_ps(row + i);
    _mm_storeu_ps(out + i, slope(_mm_sub_ps(middle, _mm_loadu_ps(before + i)),
                                 _mm_sub_ps(_mm_loadu_ps(after + i), middle)));
  }
  scalar::kFace.monotone_slopes(before + i, row + i, after + i, width - i, out + i);
}

void hermite(const float* from, const float* from_slopes, const float* to, const float* to_slopes,
             size_t width, float t, float* out) {
  const __m128 w0 = _mm_set1_ps((t * t) * (3.0f - 2.0f * t));
  const __m128 w1 = _mm_set1_ps((t * (1.0f - t)) * (1.0f - t));
  const __m128 w2 = _mm_set1_ps((t * t) * (t - 1.0f));
  const __m128 at_end = _mm_cmpnlt_ps(_mm_set1_ps(t), _mm_set1_ps(1.0f));
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const __m128 a = _mm_loadu_ps(from + i);
    const __m128 b = _mm_loadu_ps(to + i);
    const __m128 slopes = _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(from_slopes + i), w1),
                                     _mm_mul_ps(_mm_loadu_ps(to_slopes + i), w2));
    const __m128 y = _mm_add_ps(a, _mm_add_ps(_mm_mul_ps(_mm_sub_ps(b, a), w0), slopes));
    const __m128 inside = _mm_min_ps(_mm_max_ps(y, _mm_min_ps(a, b)), _mm_max_ps(a, b));
    _mm_storeu_ps(out + i, _mm_blendv_ps(inside, b, at_end));
  }
  scalar::kFace.hermite(from + i, from_slopes + i, to + i, to_slopes + i, width - i, t, out + i);
}

size_t clamp01(const float* in, size_t count, float* out) {
  const __m128 zero = _mm_setzero_ps();
  const __m128 one = _mm_set1_ps(1.0f);
  size_t i = 0;
  size_t outside = 0;
  for (; i + 4 <= count; i += 4) {
    const __m128 x = _mm_loadu_ps(in + i);
    const __m128 inside = _mm_and_ps(_mm_cmpge_ps(x, zero), _mm_cmple_ps(x, one));
    const int missing = _mm_movemask_ps(inside) ^ 15;
    // Rare, so that a count of bits without an instruction for it costs nothing.
    for (int left = missing; left != 0; left &= left - 1) ++outside;
    _mm_storeu_ps(out + i, _mm_min_ps(_mm_max_ps(x, zero), one));
  }
  return outside + scalar::kFace.clamp01(in + i, count - i, out + i);
}

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

const FaceKernels kFace = {monotone_slopes, hermite, clamp01, gather};

}  // namespace facewire::sse41
