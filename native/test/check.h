#pragma once

// A very small test library: no test framework is installed or fetched for the
// native core. A test is TEST(name) { CHECK(...); }; main() is in check.cc, so a
// test program is one source file. An argument runs only tests whose name has it.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace check {

// What the next failures are about (one row of a table, one seed); "" for nothing.
std::string& context();

// Prints a failure, the first ones only. Returns `good`.
bool report(bool good, const char* text, const char* file, int line);

// Prints that `name` is not what it should be. Returns false.
bool report_unequal(const std::string& actual, const std::string& expected, const char* name,
                    const char* file, int line);

template <typename Actual, typename Expected>
bool equal(Actual actual, Expected expected, const char* name, const char* file, int line) {
  if (actual == static_cast<Actual>(expected)) return true;
  return report_unequal(std::to_string(actual), std::to_string(static_cast<Actual>(expected)), name,
                        file, line);
}

struct Registration {
  Registration(const char* name, void (*run)());
};

// The same numbers on every machine.
std::mt19937& random();

}  // namespace check

#define TEST(name)                                                          \
  static void test_##name();                                                \
  static const check::Registration registration_##name(#name, test_##name); \
  static void test_##name()

// Both give the condition's value, so that a test can stop when it makes no sense to go on.
#define CHECK(condition) \
  check::report(static_cast<bool>(condition), "expected " #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) \
  check::equal((actual), (expected), #actual, __FILE__, __LINE__)
