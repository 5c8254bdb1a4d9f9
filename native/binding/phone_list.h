#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "arguments.h"

namespace facewire {

// Phones as they come from JavaScript: symbols one to a line in one text, and
// start and end of each, one after the other, in `unit`.
class PhoneList {
 public:
  // Throws Refusal when there are not two times to a symbol. Both must stay as they are.
  PhoneList(std::string_view symbols, std::span<const double> times, double limit);

  size_t size() const noexcept { return times_.size() / 2; }
  // Calls take(symbol, start, end) for each.
  template <typename Take>
  void for_each(Take&& take) const {
    std::string_view left = symbols_;
    for (size_t i = 0; i < size(); ++i) {
      const size_t end = std::min(left.find('\n'), left.size());
      take(left.substr(0, end), static_cast<int64_t>(times_[2 * i]),
           static_cast<int64_t>(times_[2 * i + 1]));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }

 private:
  std::string_view symbols_;
  std::span<const double> times_;
};

}  // namespace facewire
