// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
//
// A list of numbers is read in windows: first the places of all items from the
// bits of whole blocks, then the values of four items at a time. Neither step
// branches on the text, because no predictor learns which features are 0.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "number_items.h"
#include "parts.h"

namespace facewire::avx2 {
namespace {

// Longest item that is taken, which is what a load at its first character reads.
constexpr size_t kItem = 32;

__m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

void store(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }

// Fills in the lengths, repeats the last item to a whole group, and drops what
// comes from an item on that is too long. True when none has more than 16 characters.
bool measure_items(NumberItems& items) {
  uint32_t* const end = items.end_memory + kBefore;
  const size_t last = items.count - 1;
  store(items.first + items.count, _mm256_set1_epi32(static_cast<int>(items.first[last])));
  store(end + items.count, _mm256_set1_epi32(static_cast<int>(end[last])));
  __m256i longest = _mm256_setzero_si256();
  for (size_t i = 0; i < items.count; i += 8) {
    const __m256i length = _mm256_sub_epi32(load(end + i), load(items.first + i));
    store(items.length + i, length);
    longest = _mm256_max_epu32(longest, length);
  }
  const auto longer_than = [&](size_t limit) {
    const __m256i limits = _mm256_set1_epi32(static_cast<int>(limit));
    return _mm256_movemask_epi8(_mm256_cmpgt_epi32(longest, limits)) != 0;
  };
  if (longer_than(kItem)) {
    size_t fit = 0;
    while (items.length[fit] <= kItem) ++fit;
    items.stopped = true;
    items.count = fit;
    // The others of the last group are computed, but not taken.
    for (size_t i = fit; i < fit + 4; ++i) {
      items.first[i] = 0;
      items.length[i] = 1;
    }
  }
  return !longer_than(kItem / 2);
}

#define FACEWIRE_HALF(a, b, c) a, b, c, c, c, c, c, c, c, c, c, c, c, c, c, c
#define FACEWIRE_TENS 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1
// From kItem - length on: a mask of the first `length` characters.
constexpr uint8_t kKeep[2 * kItem] = {FACEWIRE_HALF(0xff, 0xff, 0xff),
                                      FACEWIRE_HALF(0xff, 0xff, 0xff)};

// Four items of the form d or d.ddd, read from the left as fixed-point numbers
// with zeros behind: 14 places of decimals (narrow) or 30 (wide).
struct Group {
  __m128 values;
  __m256i wrong[4];  // Not 0 where an item has another form; a narrow pair shares one.
  __m256i tie;       // -1 for an item whose rounding is in doubt.
};

__m256d to_doubles(__m128i high, __m128i low) {
  return _mm256_add_pd(_mm256_mul_pd(_mm256_cvtepi32_pd(high), _mm256_set1_pd(1e8)),
                       _mm256_cvtepi32_pd(low));
}

// Rounds the doubles, which are up to 7 units in the last place (ulp) from the
// true numbers: at most six roundings of half an ulp or a whole one where the
// result is just above a power of two, and half an ulp for the nearest double.
// They round to the same floats as the nearest doubles do unless a tie of two
// floats is that near, so 16 ulp are called doubt. No value here is subnormal.
void round_group(__m256d values, Group& group) {
  constexpr int kDoubt = 16;
  constexpr int kTie = 1 << 28;  // What the 29 bits that a float has not hold at a tie.
  const __m256i from_tie = _mm256_and_si256(
      _mm256_add_epi64(_mm256_castpd_si256(values), _mm256_set1_epi64x(kDoubt - kTie)),
      _mm256_set1_epi64x((1 << 29) - 1));
  group.tie = _mm256_cmpgt_epi64(_mm256_set1_epi64x(2 * kDoubt + 1), from_tie);
  group.values = _mm256_cvtpd_ps(values);
}

__m256i digits_of(__m256i chars, __m256i keep, __m256i zeros, __m256i most, __m256i& wrong) {
  const __m256i digits = _mm256_and_si256(_mm256_sub_epi8(chars, zeros), keep);
  wrong = _mm256_subs_epu8(digits, most);
  return digits;
}

// 32 digits to 8 numbers of four.
__m256i fours_of(__m256i digits, __m256i weights) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(digits, weights), _mm256_set1_epi32(0x00010064));
}

// Two times 8 numbers of four digits to 8 of eight digits.
__m256i eights_of(__m256i a, __m256i b) {
  return _mm256_madd_epi16(_mm256_packus_epi32(a, b), _mm256_set1_epi32(0x00012710));
}

void read_narrow(const uint8_t* text, const uint32_t* first, const uint32_t* length, Group& group) {
  const __m256i zeros =
      _mm256_setr_epi8(FACEWIRE_HALF('0', '.', '0'), FACEWIRE_HALF('0', '.', '0'));
  const __m256i most = _mm256_setr_epi8(FACEWIRE_HALF(9, 0, 9), FACEWIRE_HALF(9, 0, 9));
  const __m256i weights = _mm256_setr_epi8(1, 0, FACEWIRE_TENS, 1, 0, FACEWIRE_TENS);
  const auto half = [](const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  const auto pair = [&](size_t i, __m256i& wrong) {
    const __m256i chars = _mm256_inserti128_si256(_mm256_castsi128_si256(half(text + first[i])),
                                                  half(text + first[i + 2]), 1);
    const __m256i keep =
        _mm256_inserti128_si256(_mm256_castsi128_si256(half(kKeep + kItem - length[i])),
                                half(kKeep + kItem - length[i + 2]), 1);
    return fours_of(digits_of(chars, keep, zeros, most, wrong), weights);
  };
  const __m256i even = pair(0, group.wrong[0]);
  const __m256i odd = pair(1, group.wrong[1]);
  group.wrong[2] = group.wrong[0];
  group.wrong[3] = group.wrong[1];
  const __m256i eights =
      _mm256_permute4x64_epi64(_mm256_shuffle_epi32(eights_of(even, odd), 0xd8), 0xd8);
  const __m256d units =
      to_doubles(_mm256_castsi256_si128(eights), _mm256_extracti128_si256(eights, 1));
  round_group(_mm256_mul_pd(units, _mm256_set1_pd(1e-14)), group);
}

void read_wide(const uint8_t* text, const uint32_t* first, const uint32_t* length, Group& group) {
  const __m256i zeros =
      _mm256_setr_epi8(FACEWIRE_HALF('0', '.', '0'), FACEWIRE_HALF('0', '0', '0'));
  const __m256i most = _mm256_setr_epi8(FACEWIRE_HALF(9, 0, 9), FACEWIRE_HALF(9, 9, 9));
  const __m256i weights = _mm256_setr_epi8(1, 0, FACEWIRE_TENS, 10, 1, FACEWIRE_TENS);
  const auto one = [&](size_t i) {
    return fours_of(digits_of(load(text + first[i]), load(kKeep + kItem - length[i]), zeros, most,
                              group.wrong[i]),
                    weights);
  };
  const __m256i a = one(0);
  const __m256i b = one(1);
  const __m256i c = one(2);
  const __m256i d = one(3);
  const __m256 ab = _mm256_castsi256_ps(eights_of(a, b));
  const __m256 cd = _mm256_castsi256_ps(eights_of(c, d));
  const __m256i high = _mm256_castps_si256(_mm256_shuffle_ps(ab, cd, 0x88));
  const __m256i low = _mm256_castps_si256(_mm256_shuffle_ps(ab, cd, 0xdd));
  const __m256d units = to_doubles(_mm256_castsi256_si128(high), _mm256_castsi256_si128(low));
  const __m256d rest =
      to_doubles(_mm256_extracti128_si256(high, 1), _mm256_extracti128_si256(low, 1));
  const __m256d sum = _mm256_add_pd(units, _mm256_mul_pd(rest, _mm256_set1_pd(1e-16)));
  round_group(_mm256_mul_pd(sum, _mm256_set1_pd(1e-14)), group);
}

bool is_zero(__m256i x) { return _mm256_testz_si256(x, x) != 0; }

// Items of the group that are fine before the first that is not.
size_t good_items(const Group& group, bool narrow) {
  const int ties = _mm256_movemask_pd(_mm256_castsi256_pd(group.tie));
  int wrong = 0;
  if (narrow) {
    // Items 0 and 2, and 1 and 3, are halves of a register.
    const auto halves = [](__m256i x) {
      const int wrong_bytes = ~_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256()));
      return ((wrong_bytes & 0xffff) != 0 ? 1 : 0) | ((wrong_bytes >> 16) != 0 ? 4 : 0);
    };
    wrong = halves(group.wrong[0]) | halves(group.wrong[1]) << 1;
  } else {
    wrong = (is_zero(group.wrong[0]) ? 0 : 1) | (is_zero(group.wrong[1]) ? 0 : 2) |
            (is_zero(group.wrong[2]) ? 0 : 4) | (is_zero(group.wrong[3]) ? 0 : 8);
  }
  return _tzcnt_u32(static_cast<uint32_t>(wrong | ties | 16));
}

// Reads `count` items and returns how many of them, from the first on, were fine.
size_t read_items(const uint8_t* text, const NumberItems& items, size_t count, bool narrow,
                  float* out) {
  for (size_t i = 0; i < count; i += 4) {
    Group group;
    if (narrow) {
      read_narrow(text, items.first + i, items.length + i, group);
    } else {
      read_wide(text, items.first + i, items.length + i, group);
    }
    _mm_storeu_ps(out + i, group.values);
    const __m256i doubt =
        _mm256_or_si256(_mm256_or_si256(_mm256_or_si256(group.wrong[0], group.wrong[1]),
                                        _mm256_or_si256(group.wrong[2], group.wrong[3])),
                        group.tie);
    if (!is_zero(doubt)) {
      const size_t good = i + good_items(group, narrow);
      return good < count ? good : count;
    }
  }
  return count;
}

void add_signs(const uint8_t* text, const NumberItems& items, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    // Before the first character of a window stands no minus.
    const uint32_t before = items.first[i] - (items.first[i] > 0 ? 1 : 0);
    const int sign = (text[before] == '-' ? 1 : 0) << 31;
    const __m128 value =
        _mm_xor_ps(_mm_load_ss(out + i), _mm_castsi128_ps(_mm_cvtsi32_si128(sign)));
    _mm_store_ss(out + i, value);
  }
}

}  // namespace

size_t number_list(const uint8_t* text, size_t length, float* out, size_t capacity, size_t* count) {
  NumberItems items;
  uint8_t tail[3 * kBlock];
  size_t taken = 0;
  size_t done = 0;
  for (bool more = true; more;) {
    const size_t left = length - taken;
    const uint8_t* from = text + taken;
    size_t blocks = 2;
    if (left >= kBlock + kItem) {
      blocks = (left - kItem) / kBlock;
      if (blocks > kMostBlocks) blocks = kMostBlocks;
    } else {
      // The end is read from a copy that has zeros behind it.
      for (size_t i = 0; i < sizeof tail; ++i) tail[i] = 0;
      for (size_t i = 0; i < left; ++i) tail[i] = from[i];
      from = tail;
    }
    find_number_items(from, blocks, items);
    if (items.count == 0) break;
    const bool narrow = measure_items(items);
    const size_t room = (capacity - done) / 4 * 4;
    const size_t tried = items.count < room ? items.count : room;
    const size_t good = read_items(from, items, tried, narrow, out + done);
    if (items.negative) add_signs(from, items, good, out + done);
    more = good == items.count && good > 0 && !items.stopped;
    if (good > 0) taken += size_t{items.end_memory[kBefore + good - 1]} + 1;
    done += good;
  }
  *count = done;
  return taken;
}

}  // namespace facewire::avx2
