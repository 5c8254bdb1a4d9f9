#include "byte_cursor.h"

#include <limits>

#include "exact_number.h"
#include "facewire/kernels.h"

namespace facewire {
namespace {

// As utf8_length(), quicker where most letters of Chinese are.
size_t character_length(const uint8_t* at, const uint8_t* end) noexcept {
  if (end - at >= 4) {
    uint32_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const uint32_t lead = bytes & 0xff;
    if ((bytes & 0xc0c0f0) == 0x8080e0 && lead != 0xe0 && lead != 0xed) return 3;
  }
  return utf8_length({at, end});
}

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

// Few digits and a small power of ten: one operation gives the value.
bool is_common(const ByteCursor::Decimal& decimal) noexcept {
  return decimal.digits <= kMostDigits && decimal.power >= -kMostPower &&
         decimal.power <= kMostPower;
}

// Rounded once, and so to the nearest, when the units are exact in a double (Clinger 1990).
double value_of(const ByteCursor::Decimal& decimal) noexcept {
  const auto units = static_cast<double>(decimal.units);
  const double value = decimal.power < 0 ? units / kPowers[static_cast<size_t>(-decimal.power)]
                                         : units * kPowers[static_cast<size_t>(decimal.power)];
  return decimal.negative ? -value : value;
}

}  // namespace

bool ByteCursor::skip() noexcept {
  switch (first()) {
    case '{':
      return object([this](std::string_view) { return skip(); });
    case '[':
      return flat_objects() || array([this] { return skip(); });
    case '"':
      return string_from(at_ + 1);
    case 't':
    case 'f':
    case 'n':
      return word();
    default: {
      Decimal decimal;
      if (!scan_number(decimal)) return word();
      at_ = decimal.end;
      return true;
    }
  }
}

// The array under the cursor when it is as phones, words and subtitles come: objects of strings
// without a blank between. If not, it has not moved.
bool ByteCursor::flat_objects() noexcept {
  constexpr ptrdiff_t kShortest = 8;  // {"":""}]
  const uint8_t* const array_begin = at_;
  const auto give_up = [&] {
    at_ = array_begin;
    return false;
  };
  if (depth_ + 2 > kMaxJsonDepth || end_ - at_ < 1 + kShortest) return false;
  const auto is = [this](size_t ahead, char c) { return at_[ahead] == static_cast<uint8_t>(c); };
  for (++at_; is(0, '{') && is(1, '"');) {
    for (at_ += 2;;) {
      if (!string_from(at_) || end_ - at_ < kShortest || !is(0, ':') || !is(1, '"'))
        return give_up();
      if (!string_from(at_ + 2) || end_ - at_ < kShortest) return give_up();
      if (!is(0, ',') || !is(1, '"')) break;
      at_ += 2;
    }
    if (!is(0, '}')) return give_up();
    if (is(1, ']')) {
      at_ += 2;
      return true;
    }
    if (!is(1, ',')) return give_up();
    at_ += 2;
  }
  return give_up();
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
    if (*at == '"') {
      at_ = at + 1;
      return true;
    }
    if (*at < ' ') return false;
    // Escapes and other alphabets come in runs.
    size_t length = 1;
    if (*at == '\\') {
      escaped_ = true;
      for (; at < end_ && *at == '\\' && length != 0; at += length) {
        length = escape_length({at, end_});
      }
    } else if (*at >= 0x80) {
      for (; at < end_ && *at >= 0x80 && length != 0; at += length) {
        length = character_length(at, end_);
      }
    } else {
      ++at;
    }
    if (length == 0) return false;
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

bool ByteCursor::scan_number(Decimal& to) const noexcept {
  const uint8_t* at = at_;
  to.negative = at < end_ && *at == '-';
  if (to.negative) ++at;
  to.units = 0;
  const auto digits = [&] {
    const uint8_t* const first = at;
    for (; at < end_ && is_digit(*at); ++at) to.units = to.units * 10 + (*at - '0');
    return at - first;
  };
  const bool leading_zero = at < end_ && *at == '0';
  to.digits = digits();
  if (to.digits == 0 || (leading_zero && to.digits > 1)) return false;
  to.power = 0;
  if (at < end_ && *at == '.') {
    ++at;
    to.power = -digits();
    if (to.power == 0) return false;
    to.digits -= to.power;
  }
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
    to.power += down ? -exponent : exponent;
  }
  to.end = at;
  return true;
}

bool ByteCursor::number(double& value) noexcept {
  Decimal decimal;
  if (!scan_number(decimal)) {
    value = std::numeric_limits<double>::quiet_NaN();
    return word();
  }
  const bool simple = is_common(decimal) && decimal.units <= kMostUnits;
  value = simple ? value_of(decimal) : exact_number({at_, decimal.end});
  at_ = decimal.end;
  return true;
}

bool ByteCursor::number(float& value) noexcept {
  if (!is_digit(first()) && first() != '-') {
    value = std::numeric_limits<float>::quiet_NaN();
    return word();
  }
  Decimal decimal;
  if (scan_number(decimal) && is_common(decimal)) {
    const double wide = value_of(decimal);
    // With more units than a double holds, two roundings leave `wide` up to 2 units in the last
    // place from the nearest double. Both round to the same float unless a tie is near.
    constexpr uint64_t kDoubt = 4;
    constexpr uint64_t kTie = uint64_t{1} << 28;
    constexpr uint64_t kLow = (uint64_t{1} << 29) - 1;
    if (decimal.units <= kMostUnits ||
        ((std::bit_cast<uint64_t>(wide) + kDoubt - kTie) & kLow) > 2 * kDoubt) {
      value = to_float(wide);
      at_ = decimal.end;
      return true;
    }
  }
  double exact = 0;
  if (!number(exact)) return false;
  value = to_float(exact);
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
