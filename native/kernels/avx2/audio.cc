// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::avx2 {
namespace {

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

float dot(const float* input, const float* row, size_t taps) {
  __m256 sum = _mm256_setzero_ps();
  for (size_t k = 0; k < taps; k += 8) {
    sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_loadu_ps(input + k), _mm256_loadu_ps(row + k)));
  }
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

void fir(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
  const uint32_t whole = bank->step / bank->phases;
  const uint32_t part = bank->step % bank->phases;
  for (size_t i = 0; i < count; ++i) {
    const int32_t impulse = bank->impulse[phase];
    out[i] = impulse >= 0
                 ? input[impulse]
                 : dot(input, bank->taps + size_t{phase} * bank->tap_count, bank->tap_count);
    input += whole;
    phase += part;
    if (phase >= bank->phases) {
      phase -= bank->phases;
      ++input;
    }
  }
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, fir};

}  // namespace facewire::avx2
