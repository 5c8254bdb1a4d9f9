// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::avx2 {
namespace {

__m256 magnitude(__m256 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

__m256 steffen_slope(__m256 left, __m256 right) {
  const __m256 zero = _mm256_setzero_ps();
  const __m256 mean = _mm256_mul_ps(_mm256_add_ps(left, right), _mm256_set1_ps(0.5f));
  const __m256 limit =
      _mm256_mul_ps(_mm256_set1_ps(2.0f), _mm256_min_ps(magnitude(left), magnitude(right)));
  const __m256 size = _mm256_min_ps(magnitude(mean), limit);
  const __m256 rising =
      _mm256_and_ps(_mm256_cmp_ps(left, zero, _CMP_GT_OQ), _mm256_cmp_ps(right, zero, _CMP_GT_OQ));
  const __m256 falling =
      _mm256_and_ps(_mm256_cmp_ps(left, zero, _CMP_LT_OQ), _mm256_cmp_ps(right, zero, _CMP_LT_OQ));
  return _mm256_or_ps(_mm256_and_ps(rising, size),
                      _mm256_and_ps(falling, _mm256_sub_ps(zero, size)));
}

__m256 cubic_between(__m256 before, __m256 a, __m256 b, __m256 after, __m256 t) {
  const __m256 rise = _mm256_sub_ps(b, a);
  const __m256 slope_a = steffen_slope(_mm256_sub_ps(a, before), rise);
  const __m256 slope_b = steffen_slope(rise, _mm256_sub_ps(after, b));
  const __m256 rise2 = _mm256_add_ps(rise, rise);
  const __m256 cubic = _mm256_sub_ps(_mm256_add_ps(slope_a, slope_b), rise2);
  const __m256 square = _mm256_sub_ps(_mm256_add_ps(rise2, rise),
                                      _mm256_add_ps(_mm256_add_ps(slope_a, slope_a), slope_b));
  const __m256 inner = _mm256_add_ps(square, _mm256_mul_ps(t, cubic));
  const __m256 y =
      _mm256_add_ps(a, _mm256_mul_ps(t, _mm256_add_ps(slope_a, _mm256_mul_ps(t, inner))));
  const __m256 low = _mm256_min_ps(a, b);
  const __m256 high = _mm256_max_ps(a, b);
  return _mm256_min_ps(_mm256_max_ps(y, low), high);
}

// The last 1 to 7 values of a row, without touching memory past it.
__m256i tail_mask(size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

void monotone_cubic(const float* before, const float* from, const float* to, const float* after,
                    size_t width, float t, float* out) {
  const __m256 position = _mm256_set1_ps(t);
  const __m256 at_end = _mm256_cmp_ps(position, _mm256_set1_ps(1.0f), _CMP_NLT_UQ);
  size_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 b = _mm256_loadu_ps(to + i);
    const __m256 y = cubic_between(_mm256_loadu_ps(before + i), _mm256_loadu_ps(from + i), b,
                                   _mm256_loadu_ps(after + i), position);
    _mm256_storeu_ps(out + i, _mm256_blendv_ps(y, b, at_end));
  }
  if (i == width) return;
  const __m256i mask = tail_mask(width - i);
  const __m256 b = _mm256_maskload_ps(to + i, mask);
  const __m256 y =
      cubic_between(_mm256_maskload_ps(before + i, mask), _mm256_maskload_ps(from + i, mask), b,
                    _mm256_maskload_ps(after + i, mask), position);
  _mm256_maskstore_ps(out + i, mask, _mm256_blendv_ps(y, b, at_end));
}

size_t clamp01(const float* in, size_t count, float* out) {
  const __m256 zero = _mm256_setzero_ps();
  const __m256 one = _mm256_set1_ps(1.0f);
  size_t inside = 0;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 x = _mm256_loadu_ps(in + i);
    const __m256 good =
        _mm256_and_ps(_mm256_cmp_ps(x, zero, _CMP_GE_OQ), _mm256_cmp_ps(x, one, _CMP_LE_OQ));
    inside += static_cast<size_t>(_mm_popcnt_u32(static_cast<uint32_t>(_mm256_movemask_ps(good))));
    _mm256_storeu_ps(out + i, _mm256_min_ps(_mm256_max_ps(x, zero), one));
  }
  for (; i < count; ++i) {
    const float x = in[i];
    if (x >= 0.0f && x <= 1.0f) ++inside;
    const float positive = x > 0.0f ? x : 0.0f;
    out[i] = positive < 1.0f ? positive : 1.0f;
  }
  return count - inside;
}

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

const FaceKernels kFace = {monotone_cubic, clamp01, gather};

}  // namespace facewire::avx2
