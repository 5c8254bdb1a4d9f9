#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "facewire/message.h"
#include "grow_buffer.h"

namespace facewire {

// Splits a JSON text into tokens with the first stage of simdjson, which also
// proves the UTF-8, that strings end, and that they hold no control characters.
// Takes no memory before the first text.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();

  // Copies the text and finds its tokens. False when it is not JSON or memory is short.
  bool scan(std::span<const uint8_t> text) noexcept;
  // True when the last scan() failed for want of memory.
  bool out_of_memory() const noexcept { return out_of_memory_; }

  size_t count() const noexcept { return count_; }
  // First byte of a token; 0 past the last one.
  uint8_t first(size_t token) const noexcept {
    return token < count_ ? text_.data()[positions_[token]] : uint8_t{0};
  }
  uint32_t begin(size_t token) const noexcept { return positions_[token]; }
  // Position just past the token.
  uint32_t end(size_t token) const noexcept;
  std::string_view view(ByteRange range) const noexcept {
    return {reinterpret_cast<const char*>(text_.data()) + range.begin, range.end - range.begin};
  }
  std::string_view view(size_t token) const noexcept {
    return view(ByteRange{begin(token), end(token)});
  }
  // The text from a token on.
  std::span<const uint8_t> from(size_t token) const noexcept {
    return {text_.data() + begin(token), size_ - begin(token)};
  }

  // Reads a number with correct rounding. False when it is malformed or too large for a double.
  bool number(size_t token, double& value) const noexcept;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  GrowBuffer<uint8_t> text_;  // With the padding that simdjson reads past the end.
  const uint32_t* positions_ = nullptr;
  size_t count_ = 0;
  uint32_t size_ = 0;
  bool out_of_memory_ = false;
};

}  // namespace facewire
