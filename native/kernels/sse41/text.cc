// Compiled with SSE4.1 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <smmintrin.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::sse41 {
namespace {

// Base64 after W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding
// using AVX2 Instructions" (ACM TWEB 2018), on 16 characters: classify by
// nibbles, shift each class to its values, then pack 4 x 6 bits into 3 bytes.
size_t base64_groups(const uint8_t* text, size_t length, uint8_t* out) {
  const __m128i low_classes = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
  const __m128i high_classes = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                             0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  const __m128i shifts = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i nibble = _mm_set1_epi8(0x2f);
  const __m128i bytes = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);

  size_t i = 0;
  // A step takes 16 characters and stores 16 bytes of which 12 count; with 24
  // characters left the output still has room for 16 even with padding.
  for (; i + 24 <= length; i += 16, out += 12) {
    const __m128i chars = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    const __m128i high = _mm_and_si128(_mm_srli_epi32(chars, 4), nibble);
    const __m128i low = _mm_and_si128(chars, nibble);
    if (!_mm_testz_si128(_mm_shuffle_epi8(low_classes, low),
                         _mm_shuffle_epi8(high_classes, high))) {
      break;
    }
    const __m128i slash = _mm_cmpeq_epi8(chars, nibble);
    const __m128i six = _mm_add_epi8(chars, _mm_shuffle_epi8(shifts, _mm_add_epi8(slash, high)));
    const __m128i twelve = _mm_maddubs_epi16(six, _mm_set1_epi32(0x01400140));
    const __m128i whole = _mm_madd_epi16(twelve, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(whole, bytes));
  }
  return i + scalar::kText.base64_groups(text + i, length - i, out);
}

}  // namespace

const TextKernels kText = {base64_groups, scalar::number_list};

}  // namespace facewire::sse41
