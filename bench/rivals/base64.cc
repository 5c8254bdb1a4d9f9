#include "base64.h"

#if __has_include(<dlfcn.h>)
#include <dlfcn.h>
#define RIVALS_DLSYM
#endif

namespace rivals {
namespace {

// As simdutf 5 and 6 declare them (implementation.h). Written out here, because
// Node installs no header for what it exports.
struct SimdutfResult {
  int error;
  size_t count;
};
using Decode = SimdutfResult (*)(const char*, size_t, char*, uint64_t options, uint64_t last_chunk);
constexpr uint64_t kStandardAlphabet = 0;
constexpr uint64_t kStrictPadding = 1;

Decode find() {
#ifdef RIVALS_DLSYM
  // simdutf::base64_to_binary(const char*, size_t, char*, base64_options,
  // last_chunk_handling_options)
  constexpr const char* kSymbol =
      "_ZN7simdutf16base64_to_binaryEPKcmPcNS_14base64_optionsENS_27last_chunk_handling_optionsE";
  return reinterpret_cast<Decode>(dlsym(RTLD_DEFAULT, kSymbol));
#else
  return nullptr;
#endif
}

const Decode decode = find();

}  // namespace

bool simdutf_there() { return decode != nullptr; }

size_t simdutf_decode(std::string_view text, char* out) {
  const SimdutfResult result =
      decode(text.data(), text.size(), out, kStandardAlphabet, kStrictPadding);
  return result.error == 0 ? result.count : kNotBase64;
}

}  // namespace rivals
