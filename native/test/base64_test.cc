// decode_base64 on every table, against an encoder written here.
#include <algorithm>
#include <string_view>

#include "check.h"
#include "facewire/kernels.h"

using facewire::Errc;
using facewire::KernelTable;
using facewire::Result;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < n ? bytes[i + k] : 0u);
    for (size_t k = 0; k < 4; ++k) {
      text += k <= n ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::vector<uint8_t> random_bytes(size_t count) {
  std::vector<uint8_t> bytes(count);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(check::random()());
  return bytes;
}

// Decodes from a copy that ends and begins where memory does, so that the
// address sanitizer sees every read past either end.
Result decode(const KernelTable& table, std::string_view text, std::vector<uint8_t>& out,
              size_t misalignment = 0) {
  std::vector<uint8_t> copy(misalignment, 0);
  copy.insert(copy.end(), text.begin(), text.end());
  copy.shrink_to_fit();
  return facewire::decode_base64(table, std::span(copy).subspan(misalignment), out);
}

std::vector<size_t> lengths() {
  std::vector<size_t> list;
  for (size_t n = 0; n <= 200; ++n) list.push_back(n);
  for (const size_t n : {255u, 256u, 257u, 959u, 960u, 1920u, 48000u}) list.push_back(n);
  return list;
}

}  // namespace

TEST(decodes_every_length_into_exactly_its_size) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const size_t n : lengths()) {
      const std::vector<uint8_t> bytes = random_bytes(n);
      for (const size_t misalignment : {0u, 1u, 7u}) {
        check::context() = std::string(table->name) + ", " + std::to_string(n) + " bytes";
        std::vector<uint8_t> out(n + 8, 0xa5);
        const std::string text = encode(bytes);
        std::vector<uint8_t> exact(n);
        const Result decoded = decode(*table, text, exact, misalignment);
        if (!CHECK(decoded.error == Errc::ok)) return;
        CHECK_EQUAL(decoded.count, n);
        CHECK(exact == bytes);
        // With more room nothing past the result may change.
        std::vector<uint8_t> copy(text.begin(), text.end());
        CHECK(facewire::decode_base64(*table, copy, std::span(out).first(n)));
        CHECK(std::all_of(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(),
                          [](uint8_t b) { return b == 0xa5; }));
      }
    }
  }
}

TEST(finds_every_bad_character_at_every_place) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const size_t n : {3u, 48u, 97u, 98u, 150u}) {
      const std::string good = encode(random_bytes(n));
      const size_t padding = static_cast<size_t>(std::count(good.begin(), good.end(), '='));
      std::vector<uint8_t> out(n + 3);
      for (size_t at = 0; at < good.size() - padding; ++at) {
        for (int c = 0; c < 256; ++c) {
          const char bad = static_cast<char>(c);
          if (kAlphabet.find(bad) != std::string_view::npos) continue;
          // '=' at the very end of unpadded text is padding, another test's matter.
          if (bad == '=' && at + padding + 2 >= good.size()) continue;
          std::string text = good;
          text[at] = bad;
          check::context() = std::string(table->name) + ", character " + std::to_string(c) +
                             " at " + std::to_string(at) + " of " + std::to_string(text.size());
          const Result result = decode(*table, text, out);
          if (!CHECK(result.error == Errc::malformed_base64)) return;
          if (!CHECK_EQUAL(result.count, at)) return;
        }
      }
    }
  }
}

TEST(refuses_what_is_not_strict) {
  struct Row {
    const char* text;
    size_t position;
  };
  const Row rows[] = {
      {"A", 1},    {"AA", 2},    {"AAA", 3},    {"AAAAA", 5},    {"AAAAAA", 6},   {"====", 0},
      {"A===", 1}, {"AA=A", 2},  {"=AAA", 0},   {"AA==AAAA", 2}, {"AAA=AAAA", 3}, {"AB==", 1},
      {"AAB=", 2}, {"AA AA", 2}, {"AA\nAA", 2}, {"AAAA ", 4},    {" AAAA", 0},    {"AA-A", 2},
      {"AA_A", 2}, {"AA\\/", 2}, {"QQ=", 2},    {"QQ", 2},       {"AAAA====", 4}, {"AAAA=", 4},
  };
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const Row& row : rows) {
      check::context() = std::string(table->name) + ", " + row.text;
      std::vector<uint8_t> out(64);
      const Result result = decode(*table, row.text, out);
      CHECK(result.error == Errc::malformed_base64);
      CHECK_EQUAL(result.count, row.position);
    }
  }
}

TEST(decodes_the_vectors_of_rfc_4648) {
  const char* rows[][2] = {{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"}};
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const auto& row : rows) {
      std::vector<uint8_t> out(std::strlen(row[0]));
      const Result result = decode(*table, row[1], out);
      CHECK(result && result.count == out.size());
      CHECK(std::string(out.begin(), out.end()) == row[0]);
    }
  }
}

TEST(says_when_the_output_is_too_small) {
  for (const KernelTable* table : facewire::available_kernels()) {
    std::vector<uint8_t> out(5);
    const Result result = decode(*table, "Zm9vYmFy", out);
    CHECK(result.error == Errc::output_too_small);
  }
}
