#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rivals {

// simdutf: that of the running Node, which exports its symbols, or the installed library.
bool simdutf_there();

constexpr size_t kNotBase64 = SIZE_MAX;

// Decodes into `out`, which holds 3 bytes for every 4 characters. Returns the
// bytes written or kNotBase64.
size_t simdutf_decode(std::string_view text, char* out);

}  // namespace rivals
