#pragma once

#include <span>
#include <string_view>

#include "facewire/kernel_table.h"
#include "facewire/result.h"

namespace facewire {

// The tables this CPU can run, best first; the scalar table is always last.
std::span<const KernelTable* const> available_kernels() noexcept;

// Null when no available table has this name.
const KernelTable* find_kernels(std::string_view name) noexcept;

// The table in use: the one that the environment variable FACEWIRE_KERNELS
// names, if this CPU can run it, else the best. Chosen at the first call.
const KernelTable& kernels() noexcept;

// Bytes that a well-formed text of this length decodes to (0, 1 or 2 less with padding).
constexpr size_t base64_capacity(size_t text_length) noexcept { return text_length / 4 * 3; }

// Strict standard base64 (RFC 4648 section 4): the alphabet with + and /,
// padding required, no blanks, unused bits zero. PCM decodes to s16 in place,
// because the wire and all supported machines are little-endian. `out` needs exactly
// the decoded size (output_too_small otherwise; base64_capacity() is enough).
// count = bytes written; malformed_base64: position of the first bad
// character, or the length of `text` when it ends too early.
Result decode_base64(const KernelTable& table, std::span<const uint8_t> text,
                     std::span<uint8_t> out) noexcept;

}  // namespace facewire
