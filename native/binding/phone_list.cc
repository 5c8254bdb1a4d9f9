#include "phone_list.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace facewire {

PhoneList::PhoneList(std::string_view symbols, std::span<const double> times, double limit)
    : symbols_(symbols), times_(times) {
  const auto refuse = [](const char* what, const char* expected, const std::string& received) {
    throw Refusal{"ERR_OPTION_INVALID", what, expected, received};
  };
  const auto lines = static_cast<size_t>(std::count(symbols.begin(), symbols.end(), '\n'));
  const size_t wanted = times.empty() ? 0 : times.size() / 2 - 1;
  if (times.size() % 2 != 0 || lines != wanted) {
    refuse("phones do not have two times each, or a symbol has a line break",
           "one line and two times for every phone",
           std::to_string(lines + 1) + " lines, " + std::to_string(times.size()) + " times");
  }
  for (const double time : times) {
    if (!(std::abs(time) <= limit) || time != std::trunc(time))
      refuse("a time of a phone is out of range", "an integer", std::to_string(time));
  }
}

}  // namespace facewire
