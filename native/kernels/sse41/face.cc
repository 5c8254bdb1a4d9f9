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

__m128 steffen_slope(__m128 left, __m128 right) {
  const __m128 zero = _mm_setzero_ps();
  const __m128 mean = _mm_mul_ps(_mm_add_ps(left, right), _mm_set1_ps(0.5f));
  const __m128 limit = _mm_mul_ps(_mm_set1_ps(2.0f), _mm_min_ps(magnitude(left), magnitude(right)));
  const __m128 size = _mm_min_ps(magnitude(mean), limit);
  const __m128 rising = _mm_and_ps(_mm_cmpgt_ps(left, zero), _mm_cmpgt_ps(right, zero));
  const __m128 falling = _mm_and_ps(_mm_cmplt_ps(left, zero), _mm_cmplt_ps(right, zero));
  return _mm_or_ps(_mm_and_ps(rising, size), _mm_and_ps(falling, _mm_sub_ps(zero, size)));
}

__m128 cubic_between(__m128 before, __m128 a, __m128 b, __m128 after, __m128 t) {
  const __m128 rise = _mm_sub_ps(b, a);
  const __m128 slope_a = steffen_slope(_mm_sub_ps(a, before), rise);
  const __m128 slope_b = steffen_slope(rise, _mm_sub_ps(after, b));
  const __m128 rise2 = _mm_add_ps(rise, rise);
  const __m128 cubic = _mm_sub_ps(_mm_add_ps(slope_a, slope_b), rise2);
  const __m128 square =
      _mm_sub_ps(_mm_add_ps(rise2, rise), _mm_add_ps(_mm_add_ps(slope_a, slope_a), slope_b));
  const __m128 inner = _mm_add_ps(square, _mm_mul_ps(t, cubic));
  const __m128 y = _mm_add_ps(a, _mm_mul_ps(t, _mm_add_ps(slope_a, _mm_mul_ps(t, inner))));
  return _mm_min_ps(_mm_max_ps(y, _mm_min_ps(a, b)), _mm_max_ps(a, b));
}

void monotone_cubic(const float* before, const float* from, const float* to, const float* after,
                    size_t width, float t, float* out) {
  const __m128 position = _mm_set1_ps(t);
  const __m128 at_end = _mm_cmpnlt_ps(position, _mm_set1_ps(1.0f));
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const __m128 b = _mm_loadu_ps(to + i);
    const __m128 y = cubic_between(_mm_loadu_ps(before + i), _mm_loadu_ps(from + i), b,
                                   _mm_loadu_ps(after + i), position);
    _mm_storeu_ps(out + i, _mm_blendv_ps(y, b, at_end));
  }
  scalar::kFace.monotone_cubic(before + i, from + i, to + i, after + i, width - i, t, out + i);
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

void replace_face(FaceKernels& kernels) noexcept {
  kernels.monotone_cubic = monotone_cubic;
  kernels.clamp01 = clamp01;
  kernels.gather = gather;
}

}  // namespace facewire::sse41
