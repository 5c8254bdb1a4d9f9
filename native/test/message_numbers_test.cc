// Lists of numbers, on every kernel table: the values of JavaScript, no byte
// read outside the text, and a stop before everything that is not such an item.
#include <bit>
#include <cstdlib>

#include "check.h"
#include "facewire/kernels.h"

using facewire::KernelTable;

namespace {

constexpr float kPoison = -7777.25f;

// Reads from a copy that begins and ends where its memory does.
struct ListReading {
  size_t taken = 0;
  std::vector<float> values;
  bool intact = true;  // Nothing was written past the capacity.
};

ListReading read_list(const KernelTable& table, std::string_view text, size_t capacity) {
  std::vector<uint8_t> copy(text.begin(), text.end());
  copy.shrink_to_fit();
  ListReading reading;
  reading.values.assign(capacity + 8, kPoison);
  size_t count = 0;
  reading.taken =
      table.text->number_list(copy.data(), copy.size(), reading.values.data(), capacity, &count);
  for (size_t i = capacity; i < reading.values.size(); ++i) {
    reading.intact = reading.intact && reading.values[i] == kPoison;
  }
  reading.values.resize(count);
  return reading;
}

float javascript(const std::string& text) {
  return static_cast<float>(std::strtod(text.c_str(), nullptr));
}

bool same_bits(float a, float b) {
  return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

std::string random_number() {
  auto& random = check::random();
  std::uniform_real_distribution<double> value(0, 1);
  char text[80];
  const auto digits = static_cast<int>(1 + random() % 30);
  switch (random() % 8) {
    case 0:
    case 1:
      return random() % 5 == 0 ? "-0" : "0";
    case 2:
      return std::to_string(random() % 10);
    case 3:
      std::snprintf(text, sizeof text, "-%.*f", digits, value(random));
      return text;
    case 4:
      std::snprintf(text, sizeof text, "%.*f", digits, 1e-4 * value(random));
      return text;
    default:
      std::snprintf(text, sizeof text, "%.*f", digits, 10 * value(random) * value(random));
      return text[1] == '.' ? text : "0.5";
  }
}

}  // namespace

// Every list of common items is read but for the last one, whatever stands between them.
TEST(number_lists_round_like_javascript) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (int trial = 0; trial < 3000; ++trial) {
      const size_t count = 1 + check::random()() % 120;
      const char* blanks[] = {"", " ", "\n  ", "\t", "\r\n"};
      const std::string_view before = trial % 3 == 0 ? blanks[check::random()() % 5] : "";
      std::vector<std::string> items;
      std::vector<size_t> ends;
      std::string text;
      for (size_t i = 0; i < count; ++i) {
        items.push_back(random_number());
        text += std::string(before) + items.back();
        if (i + 1 < count) text += ',';
        ends.push_back(text.size());
      }
      text += "]" + std::string(check::random()() % 100, ' ');
      check::context() = std::string(table->name) + ": " + text;
      const ListReading reading = read_list(*table, text, count + 4);
      CHECK(reading.intact);
      const size_t read = reading.values.size();
      if (!CHECK(read < count)) return;
      CHECK_EQUAL(reading.taken, read == 0 ? 0 : ends[read - 1]);
      for (size_t i = 0; i < read; ++i) {
        check::context() = std::string(table->name) + ": " + items[i];
        if (!CHECK(same_bits(reading.values[i], javascript(items[i])))) return;
      }
    }
  }
}

TEST(number_lists_of_the_common_form_are_taken_whole) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const int digits : {1, 6, 9, 14, 15, 17, 18}) {
      for (const char* separator : {",", ", "}) {
        for (const size_t count : {1u, 2u, 5u, 33u, 52u, 1560u}) {
          std::string text;
          char number[40];
          for (size_t i = 0; i < count; ++i) {
            // No value here is near to a tie of two floats.
            std::snprintf(number, sizeof number, "%.*f", digits,
                          0.1 + static_cast<double>(i * i % 97) / 128.0);
            text += i % 5 < 2 ? "0" : number;
            text += separator;
          }
          text += "1]}";
          check::context() = std::string(table->name) + ", " + std::to_string(digits) +
                             " digits, " + std::to_string(count) + " numbers";
          const ListReading reading = read_list(*table, text, count + 4);
          CHECK_EQUAL(reading.values.size(), count);
        }
      }
    }
  }
}

TEST(number_lists_stop_before_everything_else) {
  const char* stops[] = {
      "",       "]",     "1]",
      "1",      "-",     "-,",
      "--1,",   "-a,",   "a,",
      "null,",  "NaN,",  "01,",
      "00,",    "-01,",  "1.,",
      ".5,",    "1..5,", "1.5.5,",
      "1.2 3,", "1 2,",  "1,-,",
      "0x1,",   "+1,",   "1e,",
      "\"1\",", "[1],",  "{},",
      ",",      ",,",    " ,",
      "1.5a,",  "1.-5,", "1/2,",
      "1.5:,",  "\x80,", "1.\xb5,",
      "1.5\v,", "- 1,",  "1.0000000000000000000000000000000000000000000000000x,"};
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const size_t good : {0u, 1u, 3u, 4u, 7u, 20u, 64u, 65u, 300u}) {
      for (const std::string_view stop : stops) {
        for (const std::string_view item : {"0,", "0.25,", "-0.123456789012345678,"}) {
          std::string text;
          for (size_t i = 0; i < good; ++i) text += item;
          const size_t end = text.size();
          text += std::string(stop) + "0.5,0.5,0.5,0.5,0.5,0.5,0.5";
          check::context() = std::string(table->name) + ": " + std::to_string(good) + " × " +
                             std::string(item) + " and " + std::string(stop);
          const ListReading reading = read_list(*table, text, good + 20);
          // A first good item ("1,-,") or one that the rest of the text completes may still count.
          const size_t more = stop == "1,-," || stop.empty() || stop == "-" || stop == "1" ? 9 : 0;
          if (!CHECK(reading.values.size() <= good + more)) return;
          if (more == 0 && !CHECK_EQUAL(reading.taken, end)) return;
          for (size_t i = 0; i < good; ++i) {
            if (!CHECK(same_bits(reading.values[i], javascript(std::string(item))))) return;
          }
        }
      }
    }
  }
}

TEST(number_lists_keep_to_the_capacity) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += i % 3 == 0 ? "0," : "0.123456789,";
  for (const KernelTable* table : facewire::available_kernels()) {
    for (size_t capacity = 0; capacity < 400; ++capacity) {
      check::context() = std::string(table->name) + ", capacity " + std::to_string(capacity);
      const ListReading reading = read_list(*table, text, capacity);
      CHECK(reading.intact);
      if (!CHECK(reading.values.size() <= capacity && reading.values.size() + 4 > capacity)) return;
    }
  }
}

// Decimals next to the ties of two floats, and the ties themselves: never the wrong neighbour.
TEST(number_lists_near_ties_of_floats) {
  std::vector<std::string> items;
  char text[120];
  for (int i = 0; i < 4000; ++i) {
    const uint32_t bits = 0x3d000000u + static_cast<uint32_t>(check::random()() % 0x04000000u);
    const double tie =
        (double{std::bit_cast<float>(bits)} + double{std::bit_cast<float>(bits + 1)}) / 2;
    for (const int digits : {9, 14, 16, 17, 18, 19, 20, 25, 30}) {
      std::snprintf(text, sizeof text, "%.*f", digits, tie);
      if (text[1] == '.') items.emplace_back(text);
    }
  }
  for (const KernelTable* table : facewire::available_kernels()) {
    size_t read = 0;
    for (const std::string& item : items) {
      const std::string list = item + ",1]" + std::string(100, ' ');
      const ListReading reading = read_list(*table, list, 8);
      check::context() = std::string(table->name) + ": " + item;
      if (reading.values.empty()) continue;
      ++read;
      if (!CHECK(same_bits(reading.values[0], javascript(item)))) return;
    }
    CHECK(read > items.size() / 8);
  }
}
