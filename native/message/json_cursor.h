#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "facewire/message.h"
#include "grow_buffer.h"
#include "json_check.h"
#include "json_tokens.h"
#include "text_escape.h"
#include "to_float.h"

namespace facewire {

// Walks the tokens of one text from front to back. Every function that returns
// bool gives false for malformed JSON, after which the walk is over. The value
// under the cursor is always consumed whole, and checked whole.
class JsonCursor {
 public:
  explicit JsonCursor(JsonTokens& tokens) noexcept : tokens_(tokens) {}

  uint8_t first() const noexcept { return tokens_.first(at_); }
  bool at_end() const noexcept { return at_ == tokens_.count(); }
  uint32_t value_begin() const noexcept { return tokens_.begin(at_); }
  // Position just past the value consumed last.
  uint32_t value_end() const noexcept { return tokens_.end(at_ - 1); }
  std::string_view view(ByteRange range) const noexcept { return tokens_.view(range); }

  // Calls on_field(key), which must consume the value, for every field.
  template <typename OnField>
  bool object(OnField&& on_field) noexcept {
    if (!enter()) return false;
    if (first() == '}') return leave();
    for (;;) {
      if (first() != '"' || !check_string()) return false;
      const std::string_view name = key();
      ++at_;
      if (first() != ':') return false;
      ++at_;
      if (!on_field(name)) return false;
      if (first() == '}') return leave();
      if (first() != ',') return false;
      ++at_;
    }
  }

  // Calls on_item(), which must consume the value, for every item.
  template <typename OnItem>
  bool array(OnItem&& on_item) noexcept {
    if (!enter()) return false;
    if (first() == ']') return leave();
    for (;;) {
      if (!on_item()) return false;
      if (first() == ']') return leave();
      if (first() != ',') return false;
      ++at_;
    }
  }

  // Checks any value and moves past it.
  bool skip() noexcept;
  // The string under the cursor: where its text between the quotes lies.
  bool string(ByteRange& inside) noexcept;
  // A string that should be base64. This cursor leaves all decoding for later.
  bool base64_string(ByteRange& inside, GrowBuffer<uint8_t>& /*out*/, size_t& /*count*/,
                     bool& decoded) noexcept {
    decoded = false;
    return string(inside);
  }
  // Reads the number under the cursor; a word or a number too large is NaN. False when it is
  // neither a number nor a word.
  bool number(double& value) noexcept;
  bool number(float& value) noexcept {
    double exact = 0;
    if (!number(exact)) return false;
    value = to_float(exact);
    return true;
  }
  // Reads items of an array of numbers, from the one under the cursor on, with
  // their commas. Stops early before whatever is unusual; returns how many it read.
  size_t number_list(std::span<float> out) noexcept;

 private:
  std::string_view view() const noexcept { return tokens_.view(at_); }
  // Text between the quotes of the string under the cursor.
  std::string_view inside() const noexcept {
    const std::string_view text = view();
    return text.substr(1, text.size() - 2);
  }
  // Checks the quotes and escapes of the string under the cursor.
  bool check_string() const noexcept;
  bool enter() noexcept {
    if (depth_ == kMaxJsonDepth) return false;
    ++depth_;
    ++at_;
    return true;
  }
  bool leave() noexcept {
    --depth_;
    ++at_;
    return true;
  }
  // The key under the cursor; a name that is not ours may come out empty.
  std::string_view key() noexcept;

  JsonTokens& tokens_;
  size_t at_ = 0;
  size_t depth_ = 0;
  std::array<uint8_t, kLongestEscapedKey> key_{};
};

}  // namespace facewire
