#include "exact_number.h"

#include <simdjson.h>

#include <array>
#include <cstring>
#include <limits>

namespace facewire {

bool exact_number(std::span<const uint8_t> text, double& value) noexcept {
  // simdjson reads past the end, and looks at what stands behind a number.
  std::array<uint8_t, 1024 + simdjson::SIMDJSON_PADDING> copy;
  if (text.size() > copy.size() - simdjson::SIMDJSON_PADDING) return false;
  std::memcpy(copy.data(), text.data(), text.size());
  std::memset(copy.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  if (simdjson::builtin::numberparsing::parse_double(copy.data()).get(value) != simdjson::SUCCESS) {
    value = std::numeric_limits<double>::quiet_NaN();
  }
  return true;
}

}  // namespace facewire
