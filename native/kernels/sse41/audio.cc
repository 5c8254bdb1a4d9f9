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

struct Vec {
  using Type = __m128;
  static constexpr size_t kLanes = 4;

  static Type zero() { return _mm_setzero_ps(); }
  static Type broadcast(const float* from) { return _mm_load1_ps(from); }
  static Type load(const float* from) { return _mm_load_ps(from); }
  static void store(float* to, Type a) { _mm_store_ps(to, a); }
  static Type add(Type a, Type b) { return _mm_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
  static Type load_any(const float* from) { return _mm_loadu_ps(from); }
  static void store_any(float* to, Type a) { _mm_storeu_ps(to, a); }
  static Type multiply(Type a, Type b) { return _mm_mul_ps(a, b); }
  static Type spread(float a) { return _mm_set1_ps(a); }

  static void transpose(Type (&x)[4]) {
    const Type low01 = _mm_unpacklo_ps(x[0], x[1]);
    const Type high01 = _mm_unpackhi_ps(x[0], x[1]);
    const Type low23 = _mm_unpacklo_ps(x[2], x[3]);
    const Type high23 = _mm_unpackhi_ps(x[2], x[3]);
    x[0] = _mm_movelh_ps(low01, low23);
    x[1] = _mm_movehl_ps(low23, low01);
    x[2] = _mm_movelh_ps(high01, high23);
    x[3] = _mm_movehl_ps(high23, high01);
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = load_any(from + k * apart);
    transpose(x);
  }
  // The way back, of what is transposed already and for the first `lanes` only:
  // to[s * apart + k] = what was x[k], lane s.
  static void store_quads(float* to, size_t apart, const Type (&x)[4], size_t lanes) {
    for (size_t k = 0; k < 4; ++k) {
      if (k < lanes) store_any(to + k * apart, x[k]);
    }
  }
  // For every register (l0 + l1) + (l2 + l3).
  static Type add_lanes(const Type (&x)[4]) {
    return _mm_hadd_ps(_mm_hadd_ps(x[0], x[1]), _mm_hadd_ps(x[2], x[3]));
  }
  static float total(Type x) {
    const Type pairs = _mm_hadd_ps(x, x);
    return _mm_cvtss_f32(_mm_hadd_ps(pairs, pairs));
  }
};

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
