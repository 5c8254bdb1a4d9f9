// Every CPU that runs this has NEON; includes are kept to what the other
// vector tables may include, so that all of them read alike.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "../scalar/parts.h"
#include "parts.h"

namespace facewire::neon {
namespace {

constexpr uint8_t kNone = 0xff;

// Values of the ASCII characters, in two halves that are a table look-up each.
struct Digits {
  uint8_t value[2][64];
};

constexpr Digits make_digits() {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Digits digits{};
  for (int c = 0; c < 128; ++c) digits.value[c / 64][c % 64] = kNone;
  for (uint8_t i = 0; i < 64; ++i) digits.value[kAlphabet[i] / 64][kAlphabet[i] % 64] = i;
  return digits;
}

constexpr Digits kDigits = make_digits();

uint8x16x4_t load_table(const uint8_t* from) {
  uint8x16x4_t table;
  table.val[0] = vld1q_u8(from);
  table.val[1] = vld1q_u8(from + 16);
  table.val[2] = vld1q_u8(from + 32);
  table.val[3] = vld1q_u8(from + 48);
  return table;
}

// A look-up outside its table gives 0, so that one of the two halves decides.
uint8x16_t values_of(uint8x16_t chars, uint8x16x4_t low, uint8x16x4_t high) {
  return vorrq_u8(vqtbl4q_u8(low, chars), vqtbl4q_u8(high, vsubq_u8(chars, vdupq_n_u8(64))));
}

// 64 characters are loaded so that every register holds one place of the
// groups of four, and 48 bytes leave the same way.
size_t base64_groups(const uint8_t* text, size_t length, uint8_t* out) {
  const uint8x16x4_t low = load_table(kDigits.value[0]);
  const uint8x16x4_t high = load_table(kDigits.value[1]);
  size_t i = 0;
  for (; i + 64 <= length; i += 64, out += 48) {
    const uint8x16x4_t chars = vld4q_u8(text + i);
    const uint8x16_t a = values_of(chars.val[0], low, high);
    const uint8x16_t b = values_of(chars.val[1], low, high);
    const uint8x16_t c = values_of(chars.val[2], low, high);
    const uint8x16_t d = values_of(chars.val[3], low, high);
    // The top bit is that of kNone, or of a character that is not ASCII.
    const uint8x16_t values = vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d));
    const uint8x16_t foreign =
        vorrq_u8(vorrq_u8(chars.val[0], chars.val[1]), vorrq_u8(chars.val[2], chars.val[3]));
    if (vmaxvq_u8(vorrq_u8(values, foreign)) >= 0x80) break;
    uint8x16x3_t bytes;
    bytes.val[0] = vorrq_u8(vshlq_n_u8(a, 2), vshrq_n_u8(b, 4));
    bytes.val[1] = vorrq_u8(vshlq_n_u8(b, 4), vshrq_n_u8(c, 2));
    bytes.val[2] = vorrq_u8(vshlq_n_u8(c, 6), d);
    vst3q_u8(out, bytes);
  }
  return i + scalar::kText.base64_groups(text + i, length - i, out);
}

}  // namespace

const TextKernels kText = {base64_groups, scalar::number_list};

}  // namespace facewire::neon
