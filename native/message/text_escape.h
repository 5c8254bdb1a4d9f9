#pragma once

#include <cstdint>
#include <span>

#include "facewire/result.h"

namespace facewire {

// Resolves the escapes of the inside of a JSON string whose characters should
// all be ASCII. `out` may be the same memory as `in` and must be as long.
// count = characters written; fails with malformed_json and the position of the
// first character that is not ASCII once resolved.
Result unescape_ascii(std::span<const uint8_t> in, uint8_t* out) noexcept;

// Position in the escaped text of character `index` of the resolved text.
size_t escaped_position(std::span<const uint8_t> in, size_t index) noexcept;

}  // namespace facewire
