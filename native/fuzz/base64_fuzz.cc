// Every table against a decoder written the slow way. The first byte shifts the
// text in memory.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "facewire/kernels.h"

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// False for malformed text.
bool decode_slowly(std::string_view text, std::vector<uint8_t>& out) {
  if (text.size() % 4 != 0) return false;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  uint32_t bits = 0;
  size_t held = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<uint8_t>(bits >> held & 0xff));
    }
  }
  return (bits & ((1u << held) - 1)) == 0;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t shift = data[0] % 32;
  std::vector<uint8_t> memory(shift, 0);
  memory.insert(memory.end(), data + 1, data + size);
  memory.shrink_to_fit();
  const auto text = std::span(memory).subspan(shift);
  std::vector<uint8_t> expected;
  const bool good =
      decode_slowly({reinterpret_cast<const char*>(text.data()), text.size()}, expected);

  facewire::Result first;
  bool have_first = false;
  for (const facewire::KernelTable* table : facewire::available_kernels()) {
    std::vector<uint8_t> out(good ? expected.size() : facewire::base64_capacity(text.size()));
    const facewire::Result result = facewire::decode_base64(*table, text, out);
    require(static_cast<bool>(result) == good);
    if (good) {
      require(result.count == expected.size());
      require(expected.empty() || std::memcmp(out.data(), expected.data(), expected.size()) == 0);
    } else {
      require(result.error == facewire::Errc::malformed_base64 && result.count <= text.size());
    }
    if (have_first) require(result.count == first.count);
    first = result;
    have_first = true;
  }
  return 0;
}
