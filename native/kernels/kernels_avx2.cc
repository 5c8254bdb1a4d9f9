// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "tables.h"

namespace facewire {
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
    if (!_mm256_testz_si256(_mm256_shuffle_epi8(low_classes, low),
                            _mm256_shuffle_epi8(high_classes, high))) {
      break;
    }
    const __m256i slash = _mm256_cmpeq_epi8(chars, nibble);
    const __m256i six =
        _mm256_add_epi8(chars, _mm256_shuffle_epi8(shifts, _mm256_add_epi8(slash, high)));
    const __m256i twelve = _mm256_maddubs_epi16(six, _mm256_set1_epi32(0x01400140));
    const __m256i whole = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000));
    const __m256i packed = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(whole, bytes), words);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
  }
  return i;
}

constexpr uint32_t kBad = 0x100;

uint32_t base64_value(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - uint32_t{'A'};
  if (c >= 'a' && c <= 'z') return c - uint32_t{'a'} + 26;
  if (c >= '0' && c <= '9') return c - uint32_t{'0'} + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : kBad;
}

size_t base64_groups_avx2(const uint8_t* text, size_t length, uint8_t* out) {
  size_t i = base64_groups_vector(text, length, out);
  out += i / 4 * 3;
  for (; i + 4 <= length; i += 4, out += 3) {
    const uint32_t a = base64_value(text[i]);
    const uint32_t b = base64_value(text[i + 1]);
    const uint32_t c = base64_value(text[i + 2]);
    const uint32_t d = base64_value(text[i + 3]);
    if (((a | b | c | d) & kBad) != 0) break;
    const uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<uint8_t>(bits >> 16);
    out[1] = static_cast<uint8_t>(bits >> 8 & 0xff);
    out[2] = static_cast<uint8_t>(bits & 0xff);
  }
  return i;
}

void s16_to_f32_avx2(const int16_t* in, size_t count, float* out) {
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

void fir_avx2(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
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

__m256 magnitude(__m256 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

__m256 steffen_slope(__m256 left, __m256 right) {
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

__m256 cubic_between(__m256 before, __m256 a, __m256 b, __m256 after, __m256 t) {
  const __m256 rise = _mm256_sub_ps(b, a);
  const __m256 slope_a = steffen_slope(_mm256_sub_ps(a, before), rise);
  const __m256 slope_b = steffen_slope(rise, _mm256_sub_ps(after, b));
  const __m256 rise2 = _mm256_add_ps(rise, rise);
  const __m256 cubic = _mm256_sub_ps(_mm256_add_ps(slope_a, slope_b), rise2);
  const __m256 square = _mm256_sub_ps(_mm256_add_ps(rise2, rise),
                                      _mm256_add_ps(_mm256_add_ps(slope_a, slope_a), slope_b));
  const __m256 inner = _mm256_add_ps(square, _mm256_mul_ps(t, cubic));
  const __m256 y =
      _mm256_add_ps(a, _mm256_mul_ps(t, _mm256_add_ps(slope_a, _mm256_mul_ps(t, inner))));
  const __m256 low = _mm256_min_ps(a, b);
  const __m256 high = _mm256_max_ps(a, b);
  return _mm256_min_ps(_mm256_max_ps(y, low), high);
}

// The last 1 to 7 values of a row, without touching memory past it.
__m256i tail_mask(size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

void monotone_cubic_avx2(const float* before, const float* from, const float* to,
                         const float* after, size_t width, float t, float* out) {
  const __m256 position = _mm256_set1_ps(t);
  const __m256 at_end = _mm256_cmp_ps(position, _mm256_set1_ps(1.0f), _CMP_NLT_UQ);
  size_t i = 0;
  for (; i + 8 <= width; i += 8) {
    const __m256 b = _mm256_loadu_ps(to + i);
    const __m256 y = cubic_between(_mm256_loadu_ps(before + i), _mm256_loadu_ps(from + i), b,
                                   _mm256_loadu_ps(after + i), position);
    _mm256_storeu_ps(out + i, _mm256_blendv_ps(y, b, at_end));
  }
  if (i == width) return;
  const __m256i mask = tail_mask(width - i);
  const __m256 b = _mm256_maskload_ps(to + i, mask);
  const __m256 y =
      cubic_between(_mm256_maskload_ps(before + i, mask), _mm256_maskload_ps(from + i, mask), b,
                    _mm256_maskload_ps(after + i, mask), position);
  _mm256_maskstore_ps(out + i, mask, _mm256_blendv_ps(y, b, at_end));
}

size_t clamp01_avx2(const float* in, size_t count, float* out) {
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

void gather_avx2(const float* in, size_t in_count, const int32_t* index, size_t count, float* out) {
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

const KernelTable kAvx2Kernels = {
    "avx2",       base64_groups_avx2, s16_to_f32_avx2, fir_avx2, monotone_cubic_avx2,
    clamp01_avx2, gather_avx2,
};

}  // namespace facewire
