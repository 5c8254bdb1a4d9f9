#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "facewire/kernel_table.h"
#include "facewire/message.h"
#include "grow_buffer.h"
#include "json_check.h"
#include "text_escape.h"
#include "to_float.h"

namespace facewire {

// Walks one text from front to back, byte by byte or better, and checks it on
// the way: JSON, UTF-8, depth. Reads nothing outside the text and needs no
// memory. Every function that returns bool gives false for malformed JSON and
// for what it leaves to a more patient reader, after which the walk is over.
// A value is under the cursor when its first byte is; it is always consumed whole.
class ByteCursor {
 public:
  // A number as it is written: `units` times ten to the `power`.
  struct Decimal {
    uint64_t units;  // Wrong with more than 19 digits.
    int64_t digits;
    int64_t power;
    bool negative;
    const uint8_t* end;
  };

  ByteCursor(std::span<const uint8_t> text, const KernelTable& kernels) noexcept
      : kernels_(kernels), begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  // Moves to the first value. A byte order mark counts as blanks.
  void start() noexcept {
    if (end_ - at_ >= 3 && at_[0] == 0xef && at_[1] == 0xbb && at_[2] == 0xbf) at_ += 3;
    skip_blanks();
  }
  // True when nothing but blanks is left.
  bool at_end() noexcept {
    skip_blanks();
    return at_ == end_;
  }

  // First byte of the value; 0 at the end of the text.
  uint8_t first() const noexcept { return at_ < end_ ? *at_ : uint8_t{0}; }
  uint32_t value_begin() const noexcept { return static_cast<uint32_t>(at_ - begin_); }
  // Position just past the value consumed last.
  uint32_t value_end() const noexcept { return static_cast<uint32_t>(at_ - begin_); }
  std::string_view view(ByteRange range) const noexcept {
    return {reinterpret_cast<const char*>(begin_) + range.begin, range.end - range.begin};
  }

  // Calls on_field(key), which must consume the value, for every field.
  template <typename OnField>
  bool object(OnField&& on_field) noexcept {
    if (!enter()) return false;
    if (first() == '}') return leave();
    for (;;) {
      std::string_view name;
      if (first() != '"' || !key(name)) return false;
      if (!pass(':') || !on_field(name)) return false;
      skip_blanks();
      if (first() == '}') return leave();
      if (!pass(',')) return false;
    }
  }

  // Calls on_item(), which must consume the value, for every item.
  template <typename OnItem>
  bool array(OnItem&& on_item) noexcept {
    if (!enter()) return false;
    if (first() == ']') return leave();
    for (;;) {
      if (!on_item()) return false;
      skip_blanks();
      if (first() == ']') return leave();
      if (!pass(',')) return false;
    }
  }

  bool skip() noexcept;
  // The string under the cursor: where its text between the quotes lies.
  bool string(ByteRange& inside) noexcept {
    const uint8_t* const text = at_ + 1;
    if (!string_from(text)) return false;
    inside = {static_cast<uint32_t>(text - begin_), value_end() - 1};
    return true;
  }
  // A string that should be base64: `decoded` tells whether it was and is in
  // `out` already, `count` bytes of it.
  bool base64_string(ByteRange& inside, GrowBuffer<uint8_t>& out, size_t& count,
                     bool& decoded) noexcept;
  // The number or word under the cursor; a word or a number too large is NaN.
  // As a float it is the nearest double rounded once more.
  bool number(double& value) noexcept;
  bool number(float& value) noexcept;
  // Reads items of an array of numbers, from the one under the cursor on, with
  // their commas. Stops early before whatever is unusual; returns how many it read.
  size_t number_list(std::span<float> out) noexcept;

 private:
  void skip_blanks() noexcept {
    while (at_ < end_ && *at_ <= ' ' &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
    }
  }
  // Moves past one character and the blanks around it.
  bool pass(uint8_t c) noexcept {
    if (end_ - at_ >= 2 && at_[0] == c && at_[1] > ' ') {
      ++at_;
      return true;
    }
    skip_blanks();
    if (first() != c) return false;
    ++at_;
    skip_blanks();
    return true;
  }
  bool enter() noexcept {
    if (depth_ == kMaxJsonDepth) return false;
    ++depth_;
    ++at_;
    skip_blanks();
    return true;
  }
  bool leave() noexcept {
    --depth_;
    ++at_;
    return true;
  }
  // Checks a string from `at`, which is inside it, and moves past its closing quote.
  bool string_from(const uint8_t* at) noexcept {
    escaped_ = false;
    // Most keys and values are shorter than two words.
    for (int word = 0; word < 2 && end_ - at >= 8; ++word) {
      const uint64_t special = not_plain(at);
      if (special == 0) {
        at += 8;
        continue;
      }
      at += std::countr_zero(special) / 8;
      if (*at != '"') break;
      at_ = at + 1;
      return true;
    }
    return rest_of_string(at);
  }
  bool rest_of_string(const uint8_t* at) noexcept;
  bool flat_objects() noexcept;
  // For 8 bytes of a string: the lowest bit set is in the first byte that is not
  // plain, which are quotes, backslashes, control characters and all that is not
  // ASCII. Bits above it mean nothing, because subtractions borrow upwards.
  static uint64_t not_plain(const uint8_t* at) noexcept {
    constexpr uint64_t kOnes = 0x0101010101010101u;
    uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const uint64_t quote = bytes ^ (kOnes * '"');
    const uint64_t backslash = bytes ^ (kOnes * '\\');
    return ((bytes - kOnes * ' ') | (quote - kOnes) | (backslash - kOnes) | bytes) & (kOnes << 7);
  }
  // False when no well-formed number is under the cursor.
  bool scan_number(Decimal& to) const noexcept;
  bool word() noexcept;
  // The key under the cursor; a name that is not ours may come out empty.
  bool key(std::string_view& name) noexcept {
    ByteRange inside;
    if (!string(inside)) return false;
    name = view(inside);
    if (escaped_) name = plain_key(name, key_);
    return true;
  }

  const KernelTable& kernels_;
  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  size_t depth_ = 0;
  bool escaped_ = false;  // The string checked last has escapes.
  std::array<uint8_t, kLongestEscapedKey> key_;
};

}  // namespace facewire
