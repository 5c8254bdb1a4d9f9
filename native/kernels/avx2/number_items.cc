// Compiled with AVX2 enabled, so nothing here may be shared with other files:
// no standard library, no inline function of a header (see kernels_isolation).
#include "number_items.h"

#include <immintrin.h>

namespace facewire::avx2 {
namespace {

__m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

void store(void* to, __m256i value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }

uint64_t bits_of(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

// Characters of a block by kind, the first in the lowest bit.
struct BlockBits {
  uint64_t body;  // Above '-': digits, '.', and what the values are checked for.
  uint64_t comma;
  uint64_t minus;
  uint64_t other;  // None of these and no blank.
};

BlockBits block_bits(const uint8_t* text) {
  const __m256i a = load(text);
  const __m256i b = load(text + 32);
  const __m256i minus = _mm256_set1_epi8('-');
  const __m256i comma = _mm256_set1_epi8(',');
  BlockBits bits{bits_of(_mm256_cmpgt_epi8(a, minus), _mm256_cmpgt_epi8(b, minus)),
                 bits_of(_mm256_cmpeq_epi8(a, comma), _mm256_cmpeq_epi8(b, comma)), 0, 0};
  if ((bits.body ^ bits.comma) == ~uint64_t{0}) return bits;
  // Looks up the blank with the same low four bits; ',' where there is none.
  const __m256i blanks = _mm256_setr_epi8(
      ' ', ',', ',', ',', ',', ',', ',', ',', ',', '\t', '\n', ',', ',', '\r', ',', ',',  //
      ' ', ',', ',', ',', ',', ',', ',', ',', ',', '\t', '\n', ',', ',', '\r', ',', ',');
  const uint64_t blank = bits_of(_mm256_cmpeq_epi8(a, _mm256_shuffle_epi8(blanks, a)),
                                 _mm256_cmpeq_epi8(b, _mm256_shuffle_epi8(blanks, b)));
  bits.minus = bits_of(_mm256_cmpeq_epi8(a, minus), _mm256_cmpeq_epi8(b, minus));
  bits.other = ~(bits.body | bits.comma | bits.minus | blank);
  return bits;
}

uint64_t add_four(uint64_t bits, size_t at, uint32_t* out) {
  for (size_t i = 0; i < 4; ++i) {
    out[i] = static_cast<uint32_t>(at + _tzcnt_u64(bits));
    bits = _blsr_u64(bits);
  }
  return bits;
}

// A block of sparse features has about 8 items, so 12 places are written at once.
size_t add_places(uint64_t bits, size_t at, uint32_t* out) {
  const auto count = static_cast<size_t>(_mm_popcnt_u64(bits));
  bits = add_four(bits, at, out);
  bits = add_four(bits, at, out + 4);
  bits = add_four(bits, at, out + 8);
  for (size_t i = 12; i < count; i += 4) bits = add_four(bits, at, out + i);
  return count;
}

}  // namespace

void find_number_items(const uint8_t* text, size_t blocks, NumberItems& items) {
  uint64_t firsts[kMostBlocks];
  uint64_t ends[kMostBlocks];
  uint64_t body_before = 0;   // 1 when the character before the block belongs to an item.
  uint64_t minus_before = 0;  // 1 when it is a minus.
  uint64_t first_before = 0;  // Bits of the block before.
  uint64_t end_before = uint64_t{1} << 63;
  uint64_t uneven1 = 0;  // Not 0 when some item begins elsewhere than 1 behind a comma.
  uint64_t uneven2 = 0;  // The same for 2.
  uint64_t minus = 0;
  uint64_t bad = 0;
  size_t scanned = 0;
  for (; scanned < blocks && bad == 0; ++scanned) {
    const BlockBits bits = block_bits(text + scanned * kBlock);
    const uint64_t behind_body = bits.body << 1 | body_before;
    const uint64_t first = bits.body & ~behind_body;
    const uint64_t end = ~bits.body & behind_body;
    bad = (end ^ bits.comma) | bits.other | ((bits.minus << 1 | minus_before) & ~first) |
          // Two characters: "0." is not a number and "12" not of the shape that is taken.
          ((first << 2 | first_before >> 62) & end);
    firsts[scanned] = first;
    const uint64_t good = _blsi_u64(bad) - 1;  // All when nothing is bad.
    ends[scanned] = end & good;
    uneven1 |= (first ^ (end << 1 | end_before >> 63)) & good;
    uneven2 |= (first ^ (end << 2 | end_before >> 62)) & good;
    minus |= bits.minus;
    body_before = bits.body >> 63;
    minus_before = bits.minus >> 63;
    first_before = first;
    end_before = end;
  }
  items.negative = minus != 0;
  items.stopped = bad != 0;
  uint32_t* const end = items.end_memory + kBefore;
  size_t count = 0;
  for (size_t i = 0; i < scanned; ++i) count += add_places(ends[i], i * kBlock, end + count);
  items.count = count;
  if (uneven1 == 0 || uneven2 == 0) {
    // All items begin at one distance from the comma before them.
    const __m256i distance = _mm256_set1_epi32(uneven1 == 0 ? 1 : 2);
    end[-1] = ~uint32_t{0};
    for (size_t i = 0; i < count; i += 8) {
      store(items.first + i, _mm256_add_epi32(load(end + i - 1), distance));
    }
    return;
  }
  size_t begun = 0;
  for (size_t i = 0; i < scanned; ++i) {
    begun += add_places(firsts[i], i * kBlock, items.first + begun);
  }
}

}  // namespace facewire::avx2
