// Compiled with SSE4.1 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <smmintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::sse41 {
namespace {

#include "../fast_upsample.h"
#include "../vector_filters.h"
#include "lanes.h"

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  const __m128 scale = _mm_set1_ps(1.0f / 32768.0f);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    const __m128 low = _mm_cvtepi32_ps(_mm_cvtepi16_epi32(narrow));
    const __m128 high = _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_srli_si128(narrow, 8)));
    _mm_storeu_ps(out + i, _mm_mul_ps(low, scale));
    _mm_storeu_ps(out + i + 4, _mm_mul_ps(high, scale));
  }
  scalar::kAudio.s16_to_f32(in + i, count - i, out + i);
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, fast_upsample<Vec>, vector_fir<Vec>, vector_drift<Vec>};

}  // namespace facewire::sse41
