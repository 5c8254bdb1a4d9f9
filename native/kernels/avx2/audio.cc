// Compiled with AVX2 and FMA enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::avx2 {
namespace {

#include "../fast_upsample.h"
#include "../vector_filters.h"
#include "lanes.h"

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  constexpr float kScale = 1.0f / 32768.0f;
  const __m256 scale = _mm256_set1_ps(kScale);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    const __m256 wide = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(narrow));
    _mm256_storeu_ps(out + i, _mm256_mul_ps(wide, scale));
  }
  for (; i < count; ++i) out[i] = static_cast<float>(in[i]) * kScale;
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, fast_upsample<Vec>, vector_fir<Vec>, vector_drift<Vec>};

}  // namespace facewire::avx2
