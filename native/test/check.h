#pragma once

// A very small test library: no test framework is installed or fetched for the
// native core. A test is TEST(name) { CHECK(...); }; main() is here, so a
// test program is one source file. An argument runs only tests whose name has it.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace check {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

inline int& failures() {
  static int count = 0;
  return count;
}

// What the next failures are about (one row of a table, one seed); "" for nothing.
inline std::string& context() {
  static std::string text;
  return text;
}

inline bool report(bool good, const char* text, const char* file, int line) {
  if (good) return true;
  if (++failures() <= 50) {
    std::printf("%s:%d: %s%s%s\n", file, line, text, context().empty() ? "" : "  with ",
                context().c_str());
  }
  return false;
}

template <typename Actual, typename Expected>
bool equal(Actual actual, Expected expected, const char* name, const char* file, int line) {
  if (actual == static_cast<Actual>(expected)) return true;
  const std::string text = std::string(name) + " is " + std::to_string(actual) + ", expected " +
                           std::to_string(static_cast<Actual>(expected));
  return report(false, text.c_str(), file, line);
}

struct Registration {
  Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

// The same numbers on every machine.
inline std::mt19937& random() {
  static std::mt19937 generator(20240601);
  return generator;
}

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

int main(int argc, char** argv) {
  int run = 0;
  for (const check::Test& test : check::tests()) {
    if (argc > 1 && std::strstr(test.name, argv[1]) == nullptr) continue;
    const int before = check::failures();
    check::context().clear();
    test.run();
    ++run;
    std::printf("%s %s\n", check::failures() == before ? "ok    " : "FAILED", test.name);
  }
  if (run == 0) std::printf("no test has this name\n");
  return run > 0 && check::failures() == 0 ? 0 : 1;
}
