#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rivals {

constexpr size_t kNotNumbers = SIZE_MAX;

// A JSON array of numbers, brackets and blanks included, into `out`. Returns how
// many there were, or kNotNumbers. `parser`: "fast_float" or "std::from_chars".
using ParseFloats = size_t (*)(std::string_view json, std::span<float> out);

// Null when the parser is not there.
ParseFloats find_float_parser(std::string_view parser);

// Empty when it is not there.
std::string fast_float_version();

}  // namespace rivals
