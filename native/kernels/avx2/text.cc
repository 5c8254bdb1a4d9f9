// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::avx2 {
namespace {

// Base64 after W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding
// using AVX2 Instructions" (ACM TWEB 2018): classify by nibbles, shift each
// class to its values, then pack 4 x 6 bits into 3 bytes.
size_t base64_groups_vector(const uint8_t* text, size_t length, uint8_t* out) {
  const __m256i low_classes =
      _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b,
                       0x1b, 0x1b, 0x1a, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                       0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m256i high_classes =
      _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m256i shifts = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,
                                          0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i nibble = _mm256_set1_epi8(0x2f);
  const __m256i bytes = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2,
                                         1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i words = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);

  size_t i = 0;
  // A step takes 32 characters and stores 32 bytes of which 24 count; with 48
  // characters left the output still has room for 32 even with padding.
  for (; i + 48 <= length; i += 32, out += 24) {
    const __m256i chars = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + i));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi32(chars, 4), nibble);
    const __m256i low = _mm256_and_si256(chars, nibble);
    const __m256i low_class = _mm256_shuffle_epi8(low_classes, low);
    const __m256i high_class = _mm256_shuffle_epi8(high_classes, high);
    const __m256i slash = _mm256_cmpeq_epi8(chars, nibble);
    const __m256i six =
        _mm256_add_epi8(chars, _mm256_shuffle_epi8(shifts, _mm256_add_epi8(slash, high)));
    const __m256i twelve = _mm256_maddubs_epi16(six, _mm256_set1_epi32(0x01400140));
    const __m256i whole = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000));
    const __m256i packed = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(whole, bytes), words);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
    if (!_mm256_testz_si256(low_class, high_class)) {
      const __m256i wrong = _mm256_and_si256(low_class, high_class);
      const int right = _mm256_movemask_epi8(_mm256_cmpeq_epi8(wrong, _mm256_setzero_si256()));
      return i + _tzcnt_u32(~static_cast<uint32_t>(right)) / 4 * 4;
    }
  }
  return i;
}

size_t base64_groups(const uint8_t* text, size_t length, uint8_t* out) {
  const size_t i = base64_groups_vector(text, length, out);
  return i + scalar::kText.base64_groups(text + i, length - i, out + i / 4 * 3);
}

}  // namespace

const TextKernels kText = {base64_groups, number_list};

}  // namespace facewire::avx2
