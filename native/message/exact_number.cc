#include "exact_number.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace facewire {
namespace {

// Digits that decide the rounding of a double: 767, and whether any follow.
constexpr size_t kMostDigits = 800;
constexpr size_t kLongest = kMostDigits + 32;

// A number with room behind it for what simdjson reads past the end.
class NumberText {
 public:
  void add(char c) noexcept { text_[size_++] = c; }

  void add(std::span<const uint8_t> text) noexcept {
    std::memcpy(text_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }

  void add(int64_t number) noexcept {
    const auto [end, error] = std::to_chars(text_.data() + size_, text_.data() + kLongest, number);
    size_ = static_cast<size_t>(end - text_.data());
  }

  bool parse(double& value) noexcept {
    std::memset(text_.data() + size_, ' ', simdjson::SIMDJSON_PADDING);
    const auto* bytes = reinterpret_cast<const uint8_t*>(text_.data());
    return simdjson::builtin::numberparsing::parse_double(bytes).get(value) == simdjson::SUCCESS;
  }

 private:
  std::array<char, kLongest + simdjson::SIMDJSON_PADDING> text_;
  size_t size_ = 0;
};

// The exponent of a number, from its sign on, clamped far outside of what matters.
int64_t read_exponent(std::span<const uint8_t> text) noexcept {
  constexpr int64_t kHuge = 1'000'000'000'000'000;
  int64_t exponent = 0;
  for (const uint8_t c : text) {
    if (c >= '0' && c <= '9' && exponent < kHuge) exponent = exponent * 10 + (c - '0');
  }
  return text.front() == '-' ? -exponent : exponent;
}

// The same number as a few digits and a power of ten, because simdjson takes no
// exponent of more than 19 digits and the text may be of any length.
NumberText shorten(std::span<const uint8_t> text) noexcept {
  NumberText number;
  size_t digits = 0;
  int64_t power = 0;
  bool behind_point = false;
  bool more = false;  // A digit that was left out is not 0.
  size_t at = 0;
  if (text[0] == '-') number.add(static_cast<char>(text[at++]));
  for (; at < text.size() && (text[at] | 0x20) != 'e'; ++at) {
    const uint8_t c = text[at];
    if (c == '.') {
      behind_point = true;
    } else if (digits < kMostDigits) {
      if (digits > 0 || c != '0') {
        number.add(static_cast<char>(c));
        ++digits;
      }
      if (behind_point) --power;
    } else {
      more = more || c != '0';
      if (!behind_point) ++power;
    }
  }
  if (digits == 0) number.add('0');
  if (more) {
    number.add('1');
    --power;
  }
  if (at < text.size()) power += read_exponent(text.subspan(at + 1));
  number.add('e');
  number.add(std::clamp<int64_t>(power, -99999, 99999));
  return number;
}

}  // namespace

double exact_number(std::span<const uint8_t> text) noexcept {
  double value = 0;
  if (text.size() <= kLongest) {
    NumberText number;
    number.add(text);
    if (number.parse(value)) return value;
  }
  return shorten(text).parse(value) ? value : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace facewire
