#include "check.h"

namespace check {
namespace {

struct Test {
  const char* name;
  void (*run)();
};

std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

int failures = 0;

}  // namespace

std::string& context() {
  static std::string text;
  return text;
}

bool report(bool good, const char* text, const char* file, int line) {
  if (good) return true;
  if (++failures <= 50) {
    std::printf("%s:%d: %s%s%s\n", file, line, text, context().empty() ? "" : "  with ",
                context().c_str());
  }
  return false;
}

bool report_unequal(const std::string& actual, const std::string& expected, const char* name,
                    const char* file, int line) {
  const std::string text = std::string(name) + " is " + actual + ", expected " + expected;
  return report(false, text.c_str(), file, line);
}

Registration::Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }

std::mt19937& random() {
  static std::mt19937 generator(20240601);
  return generator;
}

}  // namespace check

int main(int argc, char** argv) {
  int run = 0;
  for (const check::Test& test : check::tests()) {
    if (argc > 1 && std::strstr(test.name, argv[1]) == nullptr) continue;
    const int before = check::failures;
    check::context().clear();
    test.run();
    ++run;
    std::printf("%s %s\n", check::failures == before ? "ok    " : "FAILED", test.name);
  }
  if (run == 0) std::printf("no test has this name\n");
  return run > 0 && check::failures == 0 ? 0 : 1;
}
