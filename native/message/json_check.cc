#include "json_check.h"

#include <array>
#include <cstring>
#include <string_view>

namespace facewire {
namespace {

bool is_digit(uint8_t c) noexcept { return c >= '0' && c <= '9'; }

bool is_blank(uint8_t c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Length of the longest beginning of `p` that a number can have; `complete`
// tells whether it is a number already.
size_t number_length(std::span<const uint8_t> p, bool& complete) noexcept {
  size_t i = 0;
  const auto digits = [&] {
    const size_t first = i;
    while (i < p.size() && is_digit(p[i])) ++i;
    return i > first;
  };
  complete = false;
  if (i < p.size() && p[i] == '-') ++i;
  if (i < p.size() && p[i] == '0') {
    ++i;
  } else if (!digits()) {
    return i;
  }
  if (i < p.size() && p[i] == '.') {
    ++i;
    if (!digits()) return i;
  }
  if (i < p.size() && (p[i] == 'e' || p[i] == 'E')) {
    ++i;
    if (i < p.size() && (p[i] == '+' || p[i] == '-')) ++i;
    if (!digits()) return i;
  }
  complete = true;
  return i;
}

// No branch on the digits, which nobody can predict.
constexpr std::array<int32_t, 256> make_hex_values() noexcept {
  std::array<int32_t, 256> values{};
  values.fill(0x10000);
  for (int32_t i = 0; i < 10; ++i) values[static_cast<size_t>('0' + i)] = i;
  for (int32_t i = 0; i < 6; ++i) {
    values[static_cast<size_t>('a' + i)] = values[static_cast<size_t>('A' + i)] = 10 + i;
  }
  return values;
}

constexpr std::array<int32_t, 256> kHexValues = make_hex_values();

class Checker {
 public:
  explicit Checker(std::span<const uint8_t> text) noexcept : text_(text) {}

  Result run() noexcept {
    if (text_.size() >= 3 && text_[0] == 0xef && text_[1] == 0xbb && text_[2] == 0xbf) at_ = 3;
    bool good = true;
    bool value_next = true;
    while (good) {
      skip_blanks();
      if (value_next) {
        good = begin_value(value_next);
      } else if (depth_ == 0) {
        if (at_ == text_.size()) return {Errc::ok, at_};
        good = false;
      } else {
        good = after_value(value_next);
      }
    }
    if (at_ < text_.size() && utf8_length(text_.subspan(at_)) == 0) error_ = Errc::malformed_utf8;
    return {error_, at_};
  }

 private:
  bool at(uint8_t c) const noexcept { return at_ < text_.size() && text_[at_] == c; }

  void skip_blanks() noexcept {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  // At a value. `value_next` stays true after an opening bracket.
  bool begin_value(bool& value_next) noexcept {
    if (at('{') || at('[')) {
      const bool object = at('{');
      if (depth_ == kMaxJsonDepth) return false;
      in_object_[depth_++] = object;
      ++at_;
      skip_blanks();
      if (at(object ? '}' : ']')) {
        ++at_;
        --depth_;
        value_next = false;
        return true;
      }
      return !object || key();
    }
    value_next = false;
    if (at('"')) return string();
    return word() || number();
  }

  // After a value inside an object or array.
  bool after_value(bool& value_next) noexcept {
    const bool object = in_object_[depth_ - 1];
    if (at(object ? '}' : ']')) {
      ++at_;
      --depth_;
      return true;
    }
    if (!at(',')) return false;
    ++at_;
    value_next = true;
    skip_blanks();
    return !object || key();
  }

  // A key and its colon.
  bool key() noexcept {
    if (!at('"') || !string()) return false;
    skip_blanks();
    if (!at(':')) return false;
    ++at_;
    return true;
  }

  bool string() noexcept {
    ++at_;
    while (at_ < text_.size()) {
      const uint8_t c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      size_t length = 1;
      if (c == '\\') {
        length = escape_length(text_.subspan(at_));
      } else if (c < 0x20) {
        length = 0;
      } else if (c >= 0x80) {
        length = utf8_length(text_.subspan(at_));
      }
      if (length == 0) return false;
      at_ += length;
    }
    return false;
  }

  bool word() noexcept {
    const size_t length = json_word_length(text_.subspan(at_));
    at_ += length;
    return length > 0;
  }

  bool number() noexcept {
    bool complete = false;
    at_ += number_length(text_.subspan(at_), complete);
    return complete;
  }

  std::span<const uint8_t> text_;
  std::array<bool, kMaxJsonDepth> in_object_{};
  size_t depth_ = 0;
  size_t at_ = 0;
  Errc error_ = Errc::malformed_json;
};

}  // namespace

Result check_json(std::span<const uint8_t> text) noexcept { return Checker(text).run(); }

size_t utf8_length(std::span<const uint8_t> p) noexcept {
  const auto tail = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xbf) {
    return i < p.size() && p[i] >= low && p[i] <= high;
  };
  const uint8_t lead = p[0];
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;
    const uint8_t high = lead == 0xed ? 0x9f : 0xbf;
    return tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;
    return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

size_t escape_length(std::span<const uint8_t> p) noexcept {
  if (p.size() < 2) return 0;
  if (p[1] == 'u') return p.size() >= 6 && hex4(p.data() + 2) >= 0 ? 6 : 0;
  return std::string_view("\"\\/bfnrt").find(static_cast<char>(p[1])) != std::string_view::npos ? 2
                                                                                                : 0;
}

size_t json_word_length(std::span<const uint8_t> p) noexcept {
  const auto is = [&](std::string_view name) {
    return p.size() >= name.size() && std::memcmp(p.data(), name.data(), name.size()) == 0
               ? name.size()
               : 0;
  };
  switch (p.empty() ? 0 : p[0]) {
    case 'f':
      return is("false");
    case 't':
      return is("true");
    case 'n':
      return is("null");
    case 'N':
      return is("NaN");
    case 'I':
      return is("Infinity");
    case '-':
      return is("-Infinity");
    default:
      return 0;
  }
}

int32_t hex4(const uint8_t* digits) noexcept {
  const int32_t value = kHexValues[digits[0]] << 12 | kHexValues[digits[1]] << 8 |
                        kHexValues[digits[2]] << 4 | kHexValues[digits[3]];
  return value <= 0xffff ? value : -1;
}

bool check_escapes(std::span<const uint8_t> inside) noexcept {
  for (size_t i = 0; i < inside.size();) {
    const size_t length = inside[i] == '\\' ? escape_length(inside.subspan(i)) : 1;
    if (length == 0) return false;
    i += length;
  }
  return true;
}

bool is_json_number(std::span<const uint8_t> text) noexcept {
  bool complete = false;
  return number_length(text, complete) == text.size() && complete;
}

bool is_json_word(std::span<const uint8_t> text) noexcept {
  return !text.empty() && json_word_length(text) == text.size();
}

}  // namespace facewire
