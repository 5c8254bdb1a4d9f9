#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace facewire {

// An Error with `code`, `expected` and `received`, which src/media turns into a FacewireError.
[[noreturn]] void throw_coded(Napi::Env env, const char* code, const std::string& message,
                              const std::string& expected = {}, const std::string& received = {});
[[noreturn]] void throw_argument(Napi::Env env, const char* name, const char* expected,
                                 Napi::Value received);

// Strict readers: Napi's As<>() does not look at what it converts. `name` is for the message.
double number_argument(Napi::Value value, const char* name, double low, double high);
int64_t integer_argument(Napi::Value value, const char* name, int64_t low, int64_t high);
std::string string_argument(Napi::Value value, const char* name, size_t max_bytes);
// The elements of a typed array, of exactly this element type and attached.
// Valid until control goes back to JavaScript.
std::span<uint8_t> bytes_argument(Napi::Value value, const char* name);
std::span<float> floats_argument(Napi::Value value, const char* name, size_t at_least = 0);
std::span<double> doubles_argument(Napi::Value value, const char* name, size_t at_least = 0);
std::span<int16_t> shorts_argument(Napi::Value value, const char* name);

// Largest integer that a JavaScript number holds exactly.
inline constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;

}  // namespace facewire
