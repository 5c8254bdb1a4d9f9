// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::avx2 {
namespace {

#include "../vector_video.h"

struct Pixels {
  using Type = __m256i;
  static constexpr size_t kBytes = 32;

  static __m256i weights(const int16_t (&w)[3]) {
    return _mm256_setr_epi16(w[0], w[1], w[2], 0, w[0], w[1], w[2], 0, w[0], w[1], w[2], 0, w[0],
                             w[1], w[2], 0);
  }

  static __m256i load(const uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }

  // Eight weighed pixels, in the order 0..3 | 4..7.
  static __m256i weigh_eight(const uint8_t* pixels, __m256i w) {
    const __m256i bytes = load(pixels);
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi8(bytes, zero), w);
    const __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi8(bytes, zero), w);
    return _mm256_hadd_epi32(low, high);
  }

  static void luma(const uint8_t* row, __m256i w, uint8_t* out) {
    const __m256i half = _mm256_set1_epi32(1 << 14);
    __m256i part[4];
    for (size_t i = 0; i < 4; ++i) {
      part[i] = _mm256_srai_epi32(_mm256_add_epi32(weigh_eight(row + 32 * i, w), half), 15);
    }
    // 0..3, 8..11, 16..19, 24..27 | 4..7, 12..15, 20..23, 28..31
    const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(part[0], part[1]),
                                              _mm256_packs_epi32(part[2], part[3]));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i in_order = _mm256_permutevar8x32_epi32(bytes, order);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_add_epi8(in_order, _mm256_set1_epi8(16)));
  }

  // The sums of four squares of four pixels: squares 0, 1 | 2, 3, each as red, green, blue, alpha.
  static __m256i squares(const uint8_t* top, const uint8_t* bottom) {
    const __m256i a = load(top);
    const __m256i b = load(bottom);
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low =
        _mm256_add_epi16(_mm256_unpacklo_epi8(a, zero), _mm256_unpacklo_epi8(b, zero));
    const __m256i high =
        _mm256_add_epi16(_mm256_unpackhi_epi8(a, zero), _mm256_unpackhi_epi8(b, zero));
    return _mm256_add_epi16(_mm256_unpacklo_epi64(low, high), _mm256_unpackhi_epi64(low, high));
  }

  static void chroma(const Type (&of)[4], __m256i w, uint8_t* out) {
    const __m256i half = _mm256_set1_epi32(1 << 16);
    __m256i part[2];
    for (size_t i = 0; i < 2; ++i) {
      const __m256i sum =
          _mm256_hadd_epi32(_mm256_madd_epi16(of[2 * i], w), _mm256_madd_epi16(of[2 * i + 1], w));
      part[i] = _mm256_srai_epi32(_mm256_add_epi32(sum, half), 17);
    }
    // 0, 1, 4, 5, 8, 9, 12, 13 | 2, 3, 6, 7, 10, 11, 14, 15
    const __m256i words =
        _mm256_add_epi16(_mm256_packs_epi32(part[0], part[1]), _mm256_set1_epi16(128));
    const __m256i bytes = _mm256_packus_epi16(words, words);
    const __m128i in_order =
        _mm_unpacklo_epi16(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), in_order);
  }
};

}  // namespace

const VideoKernels kVideo = {vector_rgba_to_yuv420<Pixels>};

}  // namespace facewire::avx2
