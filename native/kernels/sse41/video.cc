// Compiled with SSE4.1 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <smmintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::sse41 {
namespace {

#include "../vector_video.h"

struct Pixels {
  using Type = __m128i;
  static constexpr size_t kBytes = 16;

  static __m128i weights(const int16_t (&w)[3]) {
    return _mm_setr_epi16(w[0], w[1], w[2], 0, w[0], w[1], w[2], 0);
  }

  static __m128i load(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }

  static void luma(const uint8_t* row, __m128i w, uint8_t* out) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i half = _mm_set1_epi32(1 << 14);
    __m128i part[4];
    for (size_t i = 0; i < 4; ++i) {
      const __m128i bytes = load(row + 16 * i);
      const __m128i sum = _mm_hadd_epi32(_mm_madd_epi16(_mm_unpacklo_epi8(bytes, zero), w),
                                         _mm_madd_epi16(_mm_unpackhi_epi8(bytes, zero), w));
      part[i] = _mm_srai_epi32(_mm_add_epi32(sum, half), 15);
    }
    const __m128i bytes =
        _mm_packus_epi16(_mm_packs_epi32(part[0], part[1]), _mm_packs_epi32(part[2], part[3]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_add_epi8(bytes, _mm_set1_epi8(16)));
  }

  // The sums of two squares of four pixels, each as red, green, blue, alpha.
  static __m128i squares(const uint8_t* top, const uint8_t* bottom) {
    const __m128i a = load(top);
    const __m128i b = load(bottom);
    const __m128i zero = _mm_setzero_si128();
    const __m128i low = _mm_add_epi16(_mm_unpacklo_epi8(a, zero), _mm_unpacklo_epi8(b, zero));
    const __m128i high = _mm_add_epi16(_mm_unpackhi_epi8(a, zero), _mm_unpackhi_epi8(b, zero));
    return _mm_add_epi16(_mm_unpacklo_epi64(low, high), _mm_unpackhi_epi64(low, high));
  }

  static void chroma(const Type (&of)[4], __m128i w, uint8_t* out) {
    const __m128i half = _mm_set1_epi32(1 << 16);
    __m128i part[2];
    for (size_t i = 0; i < 2; ++i) {
      const __m128i sum =
          _mm_hadd_epi32(_mm_madd_epi16(of[2 * i], w), _mm_madd_epi16(of[2 * i + 1], w));
      part[i] = _mm_srai_epi32(_mm_add_epi32(sum, half), 17);
    }
    const __m128i words = _mm_add_epi16(_mm_packs_epi32(part[0], part[1]), _mm_set1_epi16(128));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(words, words));
  }
};

}  // namespace

const VideoKernels kVideo = {vector_rgba_to_yuv420<Pixels>};

}  // namespace facewire::sse41
