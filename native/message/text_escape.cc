#include "text_escape.h"

#include <cstring>

#include "json_check.h"

namespace facewire {
namespace {

constexpr int32_t kNotAscii = -1;

// Reads one character at `at` and moves past it. The escapes are well-formed.
int32_t next_character(std::span<const uint8_t> in, size_t& at) noexcept {
  const uint8_t c = in[at++];
  if (c != '\\') return c < 0x80 ? c : kNotAscii;
  const uint8_t kind = in[at++];
  switch (kind) {
    case 'u': {
      const int32_t value = hex4(in.data() + at);
      at += 4;
      return value < 0x80 ? value : kNotAscii;
    }
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return kind;
  }
}

}  // namespace

Result unescape_ascii(std::span<const uint8_t> in, uint8_t* out) noexcept {
  size_t count = 0;
  for (size_t at = 0; at < in.size();) {
    // What stands between escapes is moved as it is.
    const auto* escape =
        static_cast<const uint8_t*>(std::memchr(in.data() + at, '\\', in.size() - at));
    const auto run =
        in.subspan(at, escape == nullptr ? in.size() - at : static_cast<size_t>(escape - &in[at]));
    uint8_t seen = 0;
    for (const uint8_t c : run) seen |= c;
    if (seen >= 0x80) {
      while (in[at] < 0x80) ++at;
      return {Errc::malformed_json, at};
    }
    std::memmove(out + count, run.data(), run.size());
    at += run.size();
    count += run.size();
    if (escape == nullptr) break;
    const size_t position = at;
    const int32_t c = next_character(in, at);
    if (c == kNotAscii) return {Errc::malformed_json, position};
    out[count++] = static_cast<uint8_t>(c);
  }
  return {Errc::ok, count};
}

std::string_view plain_key(std::string_view inside,
                           std::span<uint8_t, kLongestEscapedKey> memory) noexcept {
  if (inside.size() > memory.size()) return {};
  const Result plain = unescape_ascii(
      {reinterpret_cast<const uint8_t*>(inside.data()), inside.size()}, memory.data());
  if (!plain) return {};
  return {reinterpret_cast<const char*>(memory.data()), plain.count};
}

size_t escaped_position(std::span<const uint8_t> in, size_t index) noexcept {
  size_t at = 0;
  for (size_t i = 0; i < index && at < in.size(); ++i) (void)next_character(in, at);
  return at;
}

}  // namespace facewire
