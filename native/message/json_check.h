#pragma once

#include <cstdint>
#include <span>

#include "facewire/result.h"

namespace facewire {

// Deepest nesting of objects and arrays in a message; the wire uses 5.
inline constexpr size_t kMaxJsonDepth = 64;

// Plain byte-by-byte check of a whole JSON text: slow, and only used to find
// the position of an error and to read texts that are not an object. The rules
// are RFC 8259 with the bare words NaN, Infinity and -Infinity allowed as
// values (Python writes them), a byte order mark skipped and kMaxJsonDepth.
// On failure: malformed_json or malformed_utf8 and the position of the first bad byte.
Result check_json(std::span<const uint8_t> text) noexcept;

// Length of the well-formed UTF-8 sequence at the front of `p`, which is not
// empty, or 0 (Unicode, table 3-7).
size_t utf8_length(std::span<const uint8_t> p) noexcept;

// Length of the escape at the front of `p`, which begins with a backslash, or 0.
size_t escape_length(std::span<const uint8_t> p) noexcept;

// Length of the null, true, false, NaN, Infinity or -Infinity at the front of `p`, or 0.
size_t json_word_length(std::span<const uint8_t> p) noexcept;

// The value of four hexadecimal digits, or -1.
int32_t hex4(const uint8_t* digits) noexcept;

// True when the text between the quotes has only well-formed escapes.
bool check_escapes(std::span<const uint8_t> inside) noexcept;

// True for a number by the grammar of RFC 8259, and nothing around it.
bool is_json_number(std::span<const uint8_t> text) noexcept;

// True for null, true, false and the three bare words.
bool is_json_word(std::span<const uint8_t> text) noexcept;

}  // namespace facewire
