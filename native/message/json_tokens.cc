#include "json_tokens.h"

#include <simdjson.h>

#include <bit>
#include <cstring>

#include "facewire/kernels.h"

namespace facewire {
namespace {

// Bytes that there is room for from the first message on.
constexpr size_t kFirstCapacity = 16 * 1024;

// simdjson's own choice for this CPU, or its plain code beside our scalar kernels.
const simdjson::implementation& implementation() noexcept {
  if (std::string_view(kernels().name) == "scalar") {
    const auto* plain = simdjson::get_available_implementations()["fallback"];
    if (plain != nullptr) return *plain;
  }
  return *simdjson::get_available_implementations().detect_best_supported();
}

}  // namespace

struct JsonTokens::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
  size_t capacity = 0;

  bool reserve(size_t size) noexcept {
    if (size <= capacity && stages != nullptr) return true;
    const size_t wanted = std::bit_ceil(std::max(size, kFirstCapacity));
    const auto error = stages == nullptr
                           ? implementation().create_dom_parser_implementation(wanted, 1, stages)
                           : stages->set_capacity(wanted);
    if (error != simdjson::SUCCESS) {
      stages.reset();
      return false;
    }
    capacity = wanted;
    return true;
  }
};

JsonTokens::JsonTokens() : parser_(std::make_unique<Parser>()) {}

JsonTokens::~JsonTokens() = default;

bool JsonTokens::scan(std::span<const uint8_t> text) noexcept {
  count_ = 0;
  out_of_memory_ = !parser_->reserve(text.size()) ||
                   !text_.reserve(parser_->capacity + simdjson::SIMDJSON_PADDING);
  if (out_of_memory_) return false;
  uint8_t* copy = text_.data();
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  // A byte order mark counts as blanks, so that positions stay those of the message.
  if (text.size() >= 3 && copy[0] == 0xef && copy[1] == 0xbb && copy[2] == 0xbf) {
    std::memset(copy, ' ', 3);
  }
  std::memset(copy + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  size_ = static_cast<uint32_t>(text.size());
  const auto error = parser_->stages->stage1(copy, text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return false;
  positions_ = parser_->stages->structural_indexes.get();
  count_ = parser_->stages->n_structural_indexes;
  return true;
}

uint32_t JsonTokens::end(size_t token) const noexcept {
  uint32_t end = token + 1 < count_ ? positions_[token + 1] : size_;
  const uint8_t* text = text_.data();
  while (text[end - 1] == ' ' || text[end - 1] == '\n' || text[end - 1] == '\r' ||
         text[end - 1] == '\t') {
    --end;
  }
  return end;
}

bool JsonTokens::number(size_t token, double& value) const noexcept {
  return simdjson::builtin::numberparsing::parse_double(text_.data() + positions_[token])
             .get(value) == simdjson::SUCCESS;
}

}  // namespace facewire
