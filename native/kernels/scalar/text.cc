// The reference: every other table must give these bits.
#include <array>

#include "parts.h"

namespace facewire::scalar {
namespace {

constexpr uint32_t kInvalid = 0xff000000u;

// Value of a character, already shifted to its place in the group of four, so
// that a group is four look-ups and three ors.
constexpr std::array<std::array<uint32_t, 256>, 4> make_digits() {
  std::array<std::array<uint32_t, 256>, 4> digits{};
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (uint32_t place = 0; place < 4; ++place) {
    digits[place].fill(kInvalid);
    for (uint32_t i = 0; i < 64; ++i) {
      digits[place][static_cast<uint8_t>(kAlphabet[i])] = i << (18 - 6 * place);
    }
  }
  return digits;
}

constexpr auto kDigits = make_digits();

size_t base64_groups(const uint8_t* text, size_t length, uint8_t* out) {
  size_t i = 0;
  for (; i + 4 <= length; i += 4, out += 3) {
    const uint32_t bits = kDigits[0][text[i]] | kDigits[1][text[i + 1]] | kDigits[2][text[i + 2]] |
                          kDigits[3][text[i + 3]];
    if ((bits & kInvalid) != 0) break;
    out[0] = static_cast<uint8_t>(bits >> 16);
    out[1] = static_cast<uint8_t>(bits >> 8 & 0xff);
    out[2] = static_cast<uint8_t>(bits & 0xff);
  }
  return i;
}

}  // namespace

const TextKernels kText = {base64_groups, number_list};

}  // namespace facewire::scalar
