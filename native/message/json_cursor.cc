#include "json_cursor.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "facewire/kernels.h"

namespace facewire {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool JsonCursor::skip() noexcept {
  switch (first()) {
    case '{':
      return object([this](std::string_view) { return skip(); });
    case '[':
      return array([this] { return skip(); });
    case '"':
      if (!check_string()) return false;
      ++at_;
      return true;
    default: {
      double value = 0;
      return number(value);
    }
  }
}

bool JsonCursor::string(ByteRange& inside) noexcept {
  if (!check_string()) return false;
  inside = {tokens_.begin(at_) + 1, tokens_.end(at_) - 1};
  ++at_;
  return true;
}

bool JsonCursor::check_string() const noexcept {
  const std::string_view text = view();
  if (text.size() < 2 || text.back() != '"') return false;
  const std::string_view inner = inside();
  if (std::memchr(inner.data(), '\\', inner.size()) == nullptr) return true;
  return check_escapes(bytes_of(inner));
}

bool JsonCursor::number(double& value) noexcept {
  if (at_end()) return false;
  if (!tokens_.number(at_, value)) {
    const auto text = bytes_of(view());
    if (!is_json_word(text) && !is_json_number(text)) return false;
    value = std::numeric_limits<double>::quiet_NaN();
  }
  ++at_;
  return true;
}

size_t JsonCursor::number_list(std::span<float> out) noexcept {
  if (at_end()) return 0;
  const auto rest = tokens_.from(at_);
  size_t count = 0;
  (void)kernels().text->number_list(rest.data(), rest.size(), out.data(), out.size(), &count);
  // A number and a comma are a token each.
  at_ += 2 * count;
  return count;
}

std::string_view JsonCursor::key() noexcept {
  const std::string_view text = inside();
  if (std::memchr(text.data(), '\\', text.size()) == nullptr) return text;
  return plain_key(text, key_);
}

}  // namespace facewire
