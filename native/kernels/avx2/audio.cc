// Compiled with AVX2 and FMA enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parts.h"

namespace facewire::avx2 {
namespace {

#include "../fast_upsample.h"

struct Vec {
  using Type = __m256;
  static constexpr size_t kLanes = 8;

  static Type zero() { return _mm256_setzero_ps(); }
  static Type broadcast(const float* from) { return _mm256_broadcast_ss(from); }
  static Type load(const float* from) { return _mm256_load_ps(from); }
  static void store(float* to, Type a) { _mm256_store_ps(to, a); }
  static Type add(Type a, Type b) { return _mm256_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return _mm256_fmadd_ps(a, b, c); }

  static Type pair(const float* low, const float* high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
  }
  static void transpose(Type (&x)[4]) {
    const Type low01 = _mm256_unpacklo_ps(x[0], x[1]);
    const Type high01 = _mm256_unpackhi_ps(x[0], x[1]);
    const Type low23 = _mm256_unpacklo_ps(x[2], x[3]);
    const Type high23 = _mm256_unpackhi_ps(x[2], x[3]);
    x[0] = _mm256_shuffle_ps(low01, low23, 0x44);
    x[1] = _mm256_shuffle_ps(low01, low23, 0xee);
    x[2] = _mm256_shuffle_ps(high01, high23, 0x44);
    x[3] = _mm256_shuffle_ps(high01, high23, 0xee);
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = pair(from + k * apart, from + (k + 4) * apart);
    transpose(x);
  }
  // to[s * apart + k] = x[k], lane s. Changes x.
  static void store_quads(float* to, size_t apart, Type (&x)[4]) {
    transpose(x);
    for (size_t k = 0; k < 4; ++k) {
      _mm_storeu_ps(to + k * apart, _mm256_castps256_ps128(x[k]));
      _mm_storeu_ps(to + (k + 4) * apart, _mm256_extractf128_ps(x[k], 1));
    }
  }
};

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

void upsample(const float* input, const UpsampleBank* bank, size_t first, size_t count,
              float* out) {
  fast_upsample<Vec>(input, bank, first, count, out);
}

// Products of a row, still in eight lanes.
__m256 products(const float* input, const float* row, size_t taps) {
  __m256 sum = _mm256_mul_ps(_mm256_loadu_ps(input), _mm256_loadu_ps(row));
  for (size_t k = 8; k < taps; k += 8)
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(input + k), _mm256_loadu_ps(row + k), sum);
  return sum;
}

// a0 + a1, b0 + b1, a2 + a3, ...: blends are cheaper than the shuffles of hadd.
__m256 add_neighbours(__m256 a, __m256 b) {
  const __m256 swapped = _mm256_permute_ps(_mm256_blend_ps(a, b, 0x55), 0xb1);
  return _mm256_add_ps(_mm256_blend_ps(a, b, 0xaa), swapped);
}
__m256 add_pairs(__m256 a, __m256 b) {
  const __m256 swapped = _mm256_permute_ps(_mm256_blend_ps(a, b, 0x33), 0x4e);
  return _mm256_add_ps(_mm256_blend_ps(a, b, 0xcc), swapped);
}
__m256 add_halves(__m256 a, __m256 b) {
  return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
}

// The lanes of eight registers added up, one register to one lane: for every one
// ((l0 + l1) + (l2 + l3)) + ((l4 + l5) + (l6 + l7)).
__m256 add_lanes(const __m256 (&x)[8]) {
  const __m256 low = add_pairs(add_neighbours(x[0], x[1]), add_neighbours(x[2], x[3]));
  const __m256 high = add_pairs(add_neighbours(x[4], x[5]), add_neighbours(x[6], x[7]));
  return add_halves(low, high);
}

// The same sum of one register.
float add_lanes(__m256 x) {
  const __m256 pairs = add_neighbours(x, x);
  const __m256 fours = add_pairs(pairs, pairs);
  return _mm256_cvtss_f32(add_halves(fours, fours));
}

// Walks the rows of a bank: where the next output reads and with which row.
// kTaps is the length of the rows, or 0 when only the bank knows it.
template <uint32_t kTaps>
struct Walk {
  const float* input;
  const float* row;
  const float* end;
  const float* taps;
  size_t tap_count;
  size_t whole;
  size_t part;
  size_t around;

  Walk(const float* from, const FirBank& bank, uint32_t phase)
      : input(from),
        row(bank.taps + size_t{phase} * bank.tap_count),
        end(bank.taps + size_t{bank.phases} * bank.tap_count),
        taps(bank.taps),
        tap_count(kTaps > 0 ? kTaps : bank.tap_count),
        whole(bank.step / bank.phases),
        part(size_t{bank.step % bank.phases} * bank.tap_count),
        around(size_t{bank.phases} * bank.tap_count) {}
  __m256 next() {
    const __m256 sum = products(input, row, kTaps > 0 ? kTaps : tap_count);
    row += part;
    const bool wraps = row >= end;
    input += whole + (wraps ? 1 : 0);
    row -= wraps ? around : 0;
    return sum;
  }
};

template <uint32_t kTaps>
void fir_of(const float* input, const FirBank& bank, uint32_t phase, size_t count, float* out) {
  Walk<kTaps> walk(input, bank, phase);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 sums[8];
    for (__m256& sum : sums) sum = walk.next();
    _mm256_storeu_ps(out + i, add_lanes(sums));
  }
  for (; i < count; ++i) out[i] = add_lanes(walk.next());
}

void fir(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
  // The short rows behind a doubling are worth a loop of their own.
  if (bank->tap_count == kDriftTaps) return fir_of<kDriftTaps>(input, *bank, phase, count, out);
  fir_of<0>(input, *bank, phase, count, out);
}

__m256 drift_products(const float* input, const DriftBank* bank, uint64_t position) {
  constexpr uint64_t kPerRow = (uint64_t{1} << 32) / kDriftRows;
  const float* from = input + (position >> 32);
  const uint64_t fraction = position & 0xffffffffu;
  const size_t row = static_cast<size_t>(fraction / kPerRow) * kDriftTaps;
  const __m256 between =
      _mm256_set1_ps(static_cast<float>(fraction % kPerRow) * (1.0f / static_cast<float>(kPerRow)));
  __m256 sum = _mm256_setzero_ps();
  for (size_t k = 0; k < kDriftTaps; k += 8) {
    const __m256 tap = _mm256_fmadd_ps(between, _mm256_loadu_ps(bank->slopes + row + k),
                                       _mm256_loadu_ps(bank->rows + row + k));
    sum = _mm256_fmadd_ps(_mm256_loadu_ps(from + k), tap, sum);
  }
  return sum;
}

void drift(const float* input, const DriftBank* bank, uint64_t position, uint64_t step,
           size_t count, float* out) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 sums[8];
    for (__m256& sum : sums) {
      sum = drift_products(input, bank, position);
      position += step;
    }
    _mm256_storeu_ps(out + i, add_lanes(sums));
  }
  for (; i < count; ++i, position += step)
    out[i] = add_lanes(drift_products(input, bank, position));
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, upsample, fir, drift};

}  // namespace facewire::avx2
