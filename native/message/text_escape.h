#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "facewire/result.h"

namespace facewire {

// Resolves the escapes of the inside of a JSON string whose characters should
// all be ASCII. `out` may be the same memory as `in` and must be as long.
// count = characters written; fails with malformed_json and the position of the
// first character that is not ASCII once resolved.
Result unescape_ascii(std::span<const uint8_t> in, uint8_t* out) noexcept;

// No name of ours is half as long as this even when every letter is escaped.
inline constexpr size_t kLongestEscapedKey = 128;

// Resolves the escapes of a key whose escapes are well-formed into `memory`.
// Empty for names that cannot be ours.
std::string_view plain_key(std::string_view inside,
                           std::span<uint8_t, kLongestEscapedKey> memory) noexcept;

// Position in the escaped text of character `index` of the resolved text.
size_t escaped_position(std::span<const uint8_t> in, size_t index) noexcept;

}  // namespace facewire
