#pragma once

#include <cstdint>
#include <span>

namespace facewire {

// The double nearest to `text`, which is a number by the grammar of RFC 8259 and
// nothing else; NaN when that is beyond the largest double. Slower than what
// the callers do with common numbers, and right for all. False when the text is
// too long for it.
bool exact_number(std::span<const uint8_t> text, double& value) noexcept;

}  // namespace facewire
