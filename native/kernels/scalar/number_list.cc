// Numbers with up to 19 digits and no exponent, one after the other.
#include <array>
#include <bit>
#include <cstring>

#include "parts.h"

namespace facewire::scalar {
namespace {

constexpr size_t kMostDigits = 19;  // Fit in 64 bits.
constexpr uint64_t kExact = uint64_t{1} << 53;

constexpr std::array<double, kMostDigits + 1> make_powers() {
  std::array<double, kMostDigits + 1> powers{};
  double power = 1;  // Exact up to 10^22.
  for (double& x : powers) {
    x = power;
    power *= 10;
  }
  return powers;
}

constexpr auto kPowers = make_powers();

bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct Text {
  const uint8_t* at;
  const uint8_t* end;

  bool is(uint8_t c) const { return at < end && *at == c; }
  void skip_blanks() {
    while (at < end && is_blank(*at)) ++at;
  }
  // Adds the digits here to `value`, which overflows from the 20th on, and
  // returns how many there are. Their number, not their values, steers the branches.
  size_t digits(uint64_t& value) {
    const uint8_t* first = at;
    for (; at < end && static_cast<uint8_t>(*at - '0') <= 9; ++at) value = value * 10 + *at - '0';
    return static_cast<size_t>(at - first);
  }
};

// The number at the front with the comma behind it. False when it is not taken.
bool read_item(Text& text, float& out) {
  text.skip_blanks();
  const bool negative = text.is('-');
  if (negative) ++text.at;
  const bool leading_zero = text.is('0');
  uint64_t units = 0;
  size_t digits = text.digits(units);
  if (digits == 0 || (leading_zero && digits > 1)) return false;
  size_t decimals = 0;
  if (text.is('.')) {
    ++text.at;
    decimals = text.digits(units);
    if (decimals == 0) return false;
  }
  digits += decimals;
  text.skip_blanks();
  if (!text.is(',') || digits > kMostDigits) return false;
  ++text.at;

  const double value = static_cast<double>(units) / kPowers[decimals];
  if (units > kExact) {
    // Both operands were rounded, or one of them twice, so the quotient is up to 2 units in the
    // last place from the nearest double. Both round to the same float unless a tie is near.
    constexpr uint64_t kDoubt = 4;
    constexpr uint64_t kTie = uint64_t{1} << 28;
    constexpr uint64_t kLow = (uint64_t{1} << 29) - 1;
    if (((std::bit_cast<uint64_t>(value) + kDoubt - kTie) & kLow) <= 2 * kDoubt) return false;
  }
  out = static_cast<float>(negative ? -value : value);
  return true;
}

}  // namespace

size_t number_list(const uint8_t* text, size_t length, float* out, size_t capacity, size_t* count) {
  Text rest{text, text + length};
  const uint8_t* taken = text;
  size_t done = 0;
  while (done + 4 <= capacity && read_item(rest, out[done])) {
    taken = rest.at;
    ++done;
  }
  *count = done;
  return static_cast<size_t>(taken - text);
}

}  // namespace facewire::scalar
