#pragma once

#include <node_api.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "error.h"
#include "external.h"

namespace facewire {

// Largest integer that a JavaScript number holds exactly.
inline constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

// What JavaScript handed over, read strictly: nothing is converted, and what is
// not as expected throws a Refusal. `name` is for the message.
class Value {
 public:
  Value(napi_env env, napi_value value) noexcept : env_(env), value_(value) {}

  napi_env env() const noexcept { return env_; }
  napi_value raw() const noexcept { return value_; }

  double number(const char* name, double low, double high) const;
  int64_t integer(const char* name, int64_t low, int64_t high) const;
  bool boolean(const char* name) const;
  bool is_string() const noexcept;
  bool is_undefined() const noexcept;
  std::string string(const char* name, size_t max_bytes) const;

  // The elements of a typed array, of exactly this element type and attached.
  // Valid until control goes back to JavaScript.
  std::span<uint8_t> bytes(const char* name, size_t at_least = 0) const;
  std::span<float> floats(const char* name, size_t at_least = 0) const;
  std::span<double> doubles(const char* name, size_t at_least = 0) const;
  std::span<int16_t> shorts(const char* name) const;

  // True for a number, which `number` then holds.
  bool number(double& number) const noexcept;

  // What an external value stands for; `Box` is one of ours.
  template <typename Box>
  Box& external(const char* name) const {
    return static_cast<Box&>(external(Box::kKind, name));
  }

  // A property of an object, undefined when it has none of this name.
  Value property(const char* name) const;
  uint32_t array_length(const char* name) const;
  Value element(uint32_t index) const;

  [[noreturn]] void refuse(const char* name, const std::string& expected) const;

 private:
  External& external(ExternalKind kind, const char* name) const;
  template <typename Element>
  std::span<Element> elements(const char* name, napi_typedarray_type wanted, const char* expected,
                              size_t at_least) const;

  napi_env env_;
  napi_value value_;
};

// The arguments of a call; a missing one reads as undefined.
template <size_t kCount>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) noexcept : env_(env) {
    size_t count = kCount;
    napi_get_cb_info(env, info, &count, values_.data(), nullptr, nullptr);
  }
  Value operator[](size_t index) const noexcept { return {env_, values_[index]}; }

 private:
  napi_env env_;
  std::array<napi_value, kCount> values_{};
};

}  // namespace facewire
