#include <array>

#include "facewire/kernels.h"

namespace facewire {
namespace {

constexpr uint8_t kInvalid = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kInvalid);
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  return values;
}

constexpr std::array<uint8_t, 256> kValues = make_values();

size_t padding_of(std::span<const uint8_t> text) noexcept {
  const size_t n = text.size();
  if (n < 4 || n % 4 != 0 || text[n - 1] != '=') return 0;
  return text[n - 2] == '=' ? 2 : 1;
}

Result malformed(size_t position) noexcept { return {Errc::malformed_base64, position}; }

}  // namespace

Result decode_base64(const KernelTable& table, std::span<const uint8_t> text,
                     std::span<uint8_t> out) noexcept {
  const size_t padding = padding_of(text);
  const size_t size = base64_capacity(text.size()) - padding;
  if (out.size() < size) return {Errc::output_too_small, size};

  const size_t taken = table.text->base64_groups(text.data(), text.size(), out.data());
  const size_t data_end = text.size() - padding;
  if (taken + 4 <= data_end || text.size() % 4 != 0) {
    // The kernel stopped at a group it could not decode, or the text is cut.
    for (size_t i = taken; i < data_end; ++i) {
      if (kValues[text[i]] == kInvalid) return malformed(i);
    }
    return malformed(text.size());
  }
  if (padding == 0) return {Errc::ok, size};

  const uint8_t* last = text.data() + taken;
  const size_t digits = 4 - padding;
  uint32_t bits = 0;
  for (size_t i = 0; i < digits; ++i) {
    const uint8_t value = kValues[last[i]];
    if (value == kInvalid) return malformed(taken + i);
    bits = bits << 6 | value;
  }
  const uint32_t unused = padding == 1 ? 2 : 4;
  if ((bits & ((1u << unused) - 1)) != 0) return malformed(taken + digits - 1);
  bits >>= unused;
  uint8_t* tail = out.data() + taken / 4 * 3;
  if (padding == 1) {
    tail[0] = static_cast<uint8_t>(bits >> 8);
    tail[1] = static_cast<uint8_t>(bits & 0xff);
  } else {
    tail[0] = static_cast<uint8_t>(bits);
  }
  return {Errc::ok, size};
}

}  // namespace facewire
