#include "floats.h"

#include <charconv>

#ifdef RIVALS_FAST_FLOAT
#include <fast_float/fast_float.h>
#endif

namespace rivals {
namespace {

const char* skip_blanks(const char* at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

// A walker from number to number around a parser of one number.
template <typename ParseNumber>
size_t walk(std::string_view json, std::span<float> out, ParseNumber parse_number) {
  const char* const end = json.data() + json.size();
  const char* at = skip_blanks(json.data(), end);
  if (at == end || *at != '[') return kNotNumbers;
  at = skip_blanks(at + 1, end);
  size_t count = 0;
  if (at != end && *at == ']') return count;
  while (count < out.size()) {
    const char* const behind = parse_number(at, end, out[count]);
    if (behind == nullptr) return kNotNumbers;
    ++count;
    at = skip_blanks(behind, end);
    if (at == end) return kNotNumbers;
    if (*at == ']') return count;
    if (*at != ',') return kNotNumbers;
    at = skip_blanks(at + 1, end);
  }
  return kNotNumbers;
}

// JavaScript reads a double and rounds it; so does this. GCC 12 reads doubles with fast_float too.
size_t with_from_chars(std::string_view json, std::span<float> out) {
  return walk(json, out, [](const char* at, const char* end, float& value) -> const char* {
    double number = 0;
    const auto [behind, error] = std::from_chars(at, end, number);
    value = static_cast<float>(number);
    return error == std::errc() ? behind : nullptr;
  });
}

#ifdef RIVALS_FAST_FLOAT
// Straight to float, which agrees with JavaScript on everything measured here and is checked to.
size_t with_fast_float(std::string_view json, std::span<float> out) {
  return walk(json, out, [](const char* at, const char* end, float& value) -> const char* {
    const auto [behind, error] = fast_float::from_chars(at, end, value);
    return error == std::errc() ? behind : nullptr;
  });
}
#endif

}  // namespace

ParseFloats find_float_parser(std::string_view parser) {
  if (parser == "std::from_chars") return with_from_chars;
#ifdef RIVALS_FAST_FLOAT
  if (parser == "fast_float") return with_fast_float;
#endif
  return nullptr;
}

std::string fast_float_version() {
#ifdef RIVALS_FAST_FLOAT
  return RIVALS_FAST_FLOAT;
#else
  return {};
#endif
}

}  // namespace rivals
