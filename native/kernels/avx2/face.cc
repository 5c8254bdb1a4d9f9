// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::avx2 {
namespace {

__m256 magnitude(__m256 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

__m256 slope(__m256 left, __m256 right) {
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

void monotone_slopes(const float* before, const float* row, const float* after, size_t width,
                     float* out) {
  size_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 middle = _mm256_loadu_ps(row + i);
    _mm256_storeu_ps(out + i, slope(_mm256_sub_ps(middle, _mm256_loadu_ps(before + i)),
                                    _mm256_sub_ps(_mm256_loadu_ps(after + i), middle)));
  }
  scalar::kFace.monotone_slopes(before + i, row + i, after + i, width - i, out + i);
}

void hermite(const float* from, const float* from_slopes, const float* to, const float* to_slopes,
             size_t width, float t, float* out) {
  if (!(t < 1.0f)) {
    scalar::kFace.hermite(from, from_slopes, to, to_slopes, width, t, out);
    return;
  }
  const __m256 w0 = _mm256_set1_ps((t * t) * (3.0f - 2.0f * t));
  const __m256 w1 = _mm256_set1_ps((t * (1.0f - t)) * (1.0f - t));
  const __m256 w2 = _mm256_set1_ps((t * t) * (t - 1.0f));
  size_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 a = _mm256_loadu_ps(from + i);
    const __m256 b = _mm256_loadu_ps(to + i);
    const __m256 slopes = _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(from_slopes + i), w1),
                                        _mm256_mul_ps(_mm256_loadu_ps(to_slopes + i), w2));
    const __m256 y =
        _mm256_add_ps(a, _mm256_add_ps(_mm256_mul_ps(_mm256_sub_ps(b, a), w0), slopes));
    _mm256_storeu_ps(out + i,
                     _mm256_min_ps(_mm256_max_ps(y, _mm256_min_ps(a, b)), _mm256_max_ps(a, b)));
  }
  // Rows of weights are 52 wide: half a register is left.
  for (; i + 4 <= width; i += 4) {
    const __m128 a = _mm_loadu_ps(from + i);
    const __m128 b = _mm_loadu_ps(to + i);
    const __m128 slopes =
        _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(from_slopes + i), _mm256_castps256_ps128(w1)),
                   _mm_mul_ps(_mm_loadu_ps(to_slopes + i), _mm256_castps256_ps128(w2)));
    const __m128 y =
        _mm_add_ps(a, _mm_add_ps(_mm_mul_ps(_mm_sub_ps(b, a), _mm256_castps256_ps128(w0)), slopes));
    _mm_storeu_ps(out + i, _mm_min_ps(_mm_max_ps(y, _mm_min_ps(a, b)), _mm_max_ps(a, b)));
  }
  if (i == width) return;
  scalar::kFace.hermite(from + i, from_slopes + i, to + i, to_slopes + i, width - i, t, out + i);
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

const FaceKernels kFace = {monotone_slopes, hermite, clamp01, gather};

}  // namespace facewire::avx2
