#include "byte_cursor.h"

#include <limits>

#include "exact_number.h"
#include "facewire/kernels.h"

namespace facewire {
namespace {

bool is_digit(uint8_t c) noexcept { return static_cast<uint8_t>(c - '0') <= 9; }

constexpr std::array<double, 23> make_powers() {
  std::array<double, 23> powers{};
  double power = 1;
  for (double& x : powers) {
    x = power;
    power *= 10;
  }
  return powers;
}

// Powers of ten that a double holds exactly.
constexpr auto kPowers = make_powers();
constexpr int64_t kMostPower = 22;
constexpr uint64_t kMostUnits = uint64_t{1} << 53;
constexpr int64_t kMostDigits = 19;  // Never overflow 64 bits.

}  // namespace

bool ByteCursor::skip() noexcept {
  switch (first()) {
    case '{':
      return object([this](std::string_view) { return skip(); });
    case '[':
      return array([this] { return skip(); });
    case '"':
      return string_from(at_ + 1);
    case 't':
    case 'f':
    case 'n':
      return word();
    default: {
      double value = 0;
      return number(value);
    }
  }
}

bool ByteCursor::rest_of_string(const uint8_t* at) noexcept {
  for (;;) {
    while (end_ - at >= 8) {
      const uint64_t special = not_plain(at);
      if (special != 0) {
        at += std::countr_zero(special) / 8;
        break;
      }
      at += 8;
    }
    if (at == end_) return false;
    const uint8_t c = *at;
    if (c == '"') {
      at_ = at + 1;
      return true;
    }
    size_t length = 1;
    if (c == '\\') {
      length = escape_length({at, end_});
      escaped_ = true;
    } else if (c >= 0x80) {
      length = utf8_length({at, end_});
    } else if (c < ' ') {
      return false;
    }
    if (length == 0) return false;
    at += length;
  }
}

bool ByteCursor::base64_string(ByteRange& inside, GrowBuffer<uint8_t>& out, size_t& count,
                               bool& decoded) noexcept {
  const uint8_t* const text = at_ + 1;
  const auto left = static_cast<size_t>(end_ - text);
  decoded = false;
  // The kernel finds the end of the text by decoding it.
  if (!out.reserve(base64_capacity(static_cast<size_t>(end_ - begin_)) + 3)) return false;
  const size_t groups = kernels_.text->base64_groups(text, left, out.data());
  count = groups / 4 * 3;
  const uint8_t* at = text + groups;
  if (end_ - at >= 5 && *at != '"' && at[4] == '"') {
    // The last group, if this is padding. Anything else is not decoded here.
    const Result last = decode_base64(kernels_, {at, 4}, {out.data() + count, 3});
    if (last) {
      count += last.count;
      at += 4;
    }
  }
  decoded = at < end_ && *at == '"';
  if (!string_from(at)) return false;
  inside = {static_cast<uint32_t>(text - begin_), value_end() - 1};
  return true;
}

bool ByteCursor::number(double& value) noexcept {
  const uint8_t* at = at_;
  const bool negative = at < end_ && *at == '-';
  if (negative) ++at;
  uint64_t units = 0;
  const auto digits = [&] {
    const uint8_t* const first = at;
    for (; at < end_ && is_digit(*at); ++at) units = units * 10 + (*at - '0');
    return at - first;
  };
  const bool leading_zero = at < end_ && *at == '0';
  const int64_t whole = digits();
  if (whole == 0) {
    value = std::numeric_limits<double>::quiet_NaN();
    return word();
  }
  if (leading_zero && whole > 1) return false;
  int64_t decimals = 0;
  if (at < end_ && *at == '.') {
    ++at;
    decimals = digits();
    if (decimals == 0) return false;
  }
  int64_t power = -decimals;
  if (at < end_ && (*at | 0x20) == 'e') {
    ++at;
    const bool down = at < end_ && *at == '-';
    if (at < end_ && (*at == '-' || *at == '+')) ++at;
    const uint8_t* const first = at;
    int64_t exponent = 0;
    for (; at < end_ && is_digit(*at); ++at) {
      if (exponent < 1'000'000) exponent = exponent * 10 + (*at - '0');
    }
    if (at == first) return false;
    power += down ? -exponent : exponent;
  }
  if (whole + decimals <= kMostDigits && units <= kMostUnits && power >= -kMostPower &&
      power <= kMostPower) {
    // Both are exact, so one operation rounds once (Clinger 1990).
    const auto exact = static_cast<double>(units);
    value = power < 0 ? exact / kPowers[static_cast<size_t>(-power)]
                      : exact * kPowers[static_cast<size_t>(power)];
    if (negative) value = -value;
  } else if (!exact_number({at_, at}, value)) {
    return false;
  }
  at_ = at;
  return true;
}

bool ByteCursor::word() noexcept {
  const size_t length = json_word_length({at_, end_});
  at_ += length;
  return length > 0;
}

size_t ByteCursor::number_list(std::span<float> out) noexcept {
  size_t count = 0;
  at_ += kernels_.text->number_list(at_, static_cast<size_t>(end_ - at_), out.data(), out.size(),
                                    &count);
  skip_blanks();
  return count;
}

}  // namespace facewire
