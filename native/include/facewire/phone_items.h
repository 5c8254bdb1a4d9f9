#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "facewire/message.h"

namespace facewire {

// A phone as a message tells it.
struct PhoneItem {
  static constexpr size_t kLongest = 31;
  std::array<char, kLongest> text = {};
  uint8_t size = 0;
  int64_t start_ticks = 0;
  int64_t end_ticks = 0;  // Not before the start.

  std::string_view symbol() const noexcept { return {text.data(), size}; }
  // What is longer than kLongest bytes is cut.
  void set_symbol(std::string_view symbol) noexcept;
};

// Of one message so many phones count at most.
inline constexpr size_t kMostPhones = 4096;

using TakePhone = void (*)(void* context, const PhoneItem& phone);

// Calls take(context, phone) for the phones in the JSON array that `list` is in
// `bytes`, which a reader has found well-formed. Items without a symbol or an
// end are left out; one without a start begins where the one before ended.
// Returns how many phones there were.
size_t read_phones(std::span<const uint8_t> bytes, ByteRange list, TakePhone take,
                   void* context) noexcept;

}  // namespace facewire
