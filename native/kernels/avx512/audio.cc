// Compiled with AVX-512 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::avx512 {
namespace {

#include "../avx2/lanes.h"
#include "../fast_upsample.h"
#include "../vector_filters.h"

struct Wide {
  using Type = __m512;
  static constexpr size_t kLanes = 16;

  static Type zero() { return _mm512_setzero_ps(); }
  static Type broadcast(const float* from) { return _mm512_set1_ps(*from); }
  static Type load(const float* from) { return _mm512_load_ps(from); }
  static void store(float* to, Type a) { _mm512_store_ps(to, a); }
  static Type add(Type a, Type b) { return _mm512_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm512_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return _mm512_fmadd_ps(a, b, c); }

  static Type fours(const float* from, size_t apart) {
    const Type first = _mm512_castps128_ps512(_mm_loadu_ps(from));
    const Type two = _mm512_insertf32x4(first, _mm_loadu_ps(from + 4 * apart), 1);
    const Type three = _mm512_insertf32x4(two, _mm_loadu_ps(from + 8 * apart), 2);
    return _mm512_insertf32x4(three, _mm_loadu_ps(from + 12 * apart), 3);
  }
  static void transpose(Type (&x)[4]) {
    const Type low01 = _mm512_unpacklo_ps(x[0], x[1]);
    const Type high01 = _mm512_unpackhi_ps(x[0], x[1]);
    const Type low23 = _mm512_unpacklo_ps(x[2], x[3]);
    const Type high23 = _mm512_unpackhi_ps(x[2], x[3]);
    x[0] = _mm512_shuffle_ps(low01, low23, 0x44);
    x[1] = _mm512_shuffle_ps(low01, low23, 0xee);
    x[2] = _mm512_shuffle_ps(high01, high23, 0x44);
    x[3] = _mm512_shuffle_ps(high01, high23, 0xee);
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = fours(from + k * apart, apart);
    transpose(x);
  }
  // The way back, of what is transposed already and for the first `lanes` only:
  // to[s * apart + k] = what was x[k], lane s.
  static void store_quads(float* to, size_t apart, const Type (&x)[4], size_t lanes) {
    for (size_t k = 0; k < 4; ++k) {
      if (k < lanes) _mm_storeu_ps(to + k * apart, _mm512_castps512_ps128(x[k]));
      if (k + 4 < lanes) _mm_storeu_ps(to + (k + 4) * apart, _mm512_extractf32x4_ps(x[k], 1));
      if (k + 8 < lanes) _mm_storeu_ps(to + (k + 8) * apart, _mm512_extractf32x4_ps(x[k], 2));
      if (k + 12 < lanes) _mm_storeu_ps(to + (k + 12) * apart, _mm512_extractf32x4_ps(x[k], 3));
    }
  }
};

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  constexpr float kScale = 1.0f / 32768.0f;
  const __m512 scale = _mm512_set1_ps(kScale);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    const __m512 wide = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(narrow));
    _mm512_storeu_ps(out + i, _mm512_mul_ps(wide, scale));
  }
  for (; i < count; ++i) out[i] = static_cast<float>(in[i]) * kScale;
}

}  // namespace

// The other filters add up what is in their lanes, which costs with 16 what it gains.
const AudioKernels kAudio = {s16_to_f32, fast_upsample<Wide>, vector_fir<Vec>, vector_drift<Vec>};

}  // namespace facewire::avx512
