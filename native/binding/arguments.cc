#include "arguments.h"

#include <cmath>

namespace facewire {
namespace {

std::string describe(Napi::Value value) {
  switch (value.Type()) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return value.As<Napi::Boolean>().Value() ? "true" : "false";
    case napi_number:
      return "the number " + value.ToString().Utf8Value();
    case napi_string:
      // Its contents may be a secret.
      return "a string";
    case napi_function:
      return "a function";
    case napi_object:
      return value.IsTypedArray() ? "a typed array of another type" : "an object";
    default:
      return "a value of another type";
  }
}

// Napi::TypedArray would do, but reads a detached buffer as an empty one.
template <typename Element>
std::span<Element> elements(Napi::Value value, const char* name, napi_typedarray_type wanted,
                            const char* expected, size_t at_least) {
  const Napi::Env env = value.Env();
  if (!value.IsTypedArray()) throw_argument(env, name, expected, value);
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) != napi_ok) {
    throw_argument(env, name, expected, value);
  }
  if (type != wanted) throw_argument(env, name, expected, value);
  bool detached = false;
  napi_is_detached_arraybuffer(env, buffer, &detached);
  if (detached) {
    throw_coded(env, "ERR_OPTION_INVALID", std::string(name) + " has a detached buffer", expected,
                "a typed array whose buffer was transferred");
  }
  if (length < at_least) {
    throw_coded(env, "ERR_OPTION_INVALID", std::string(name) + " is too short",
                "at least " + std::to_string(at_least) + " elements", std::to_string(length));
  }
  return {static_cast<Element*>(data), length};
}

}  // namespace

void throw_coded(Napi::Env env, const char* code, const std::string& message,
                 const std::string& expected, const std::string& received) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  if (!expected.empty()) error.Set("expected", Napi::String::New(env, expected));
  if (!received.empty()) error.Set("received", Napi::String::New(env, received));
  throw error;
}

void throw_argument(Napi::Env env, const char* name, const char* expected, Napi::Value received) {
  const std::string got = describe(received);
  throw_coded(env, "ERR_OPTION_INVALID",
              std::string(name) + ": expected " + expected + " but received " + got, expected, got);
}

double number_argument(Napi::Value value, const char* name, double low, double high) {
  const auto text = [](double number) {
    const auto whole = static_cast<int64_t>(number);
    return static_cast<double>(whole) == number ? std::to_string(whole) : std::to_string(number);
  };
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (number >= low && number <= high) return number;
  }
  throw_argument(value.Env(), name, ("a number from " + text(low) + " to " + text(high)).c_str(),
                 value);
}

int64_t integer_argument(Napi::Value value, const char* name, int64_t low, int64_t high) {
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (std::trunc(number) == number && number >= static_cast<double>(low) &&
        number <= static_cast<double>(high)) {
      return static_cast<int64_t>(number);
    }
  }
  const std::string expected =
      "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  throw_argument(value.Env(), name, expected.c_str(), value);
}

std::string string_argument(Napi::Value value, const char* name, size_t max_bytes) {
  if (!value.IsString()) throw_argument(value.Env(), name, "a string", value);
  std::string text = value.As<Napi::String>().Utf8Value();
  if (text.size() > max_bytes) {
    throw_coded(value.Env(), "ERR_OPTION_INVALID", std::string(name) + " is too long",
                "at most " + std::to_string(max_bytes) + " bytes", std::to_string(text.size()));
  }
  return text;
}

std::span<uint8_t> bytes_argument(Napi::Value value, const char* name) {
  return elements<uint8_t>(value, name, napi_uint8_array, "a Uint8Array", 0);
}

std::span<float> floats_argument(Napi::Value value, const char* name, size_t at_least) {
  return elements<float>(value, name, napi_float32_array, "a Float32Array", at_least);
}

std::span<double> doubles_argument(Napi::Value value, const char* name, size_t at_least) {
  return elements<double>(value, name, napi_float64_array, "a Float64Array", at_least);
}

std::span<int16_t> shorts_argument(Napi::Value value, const char* name) {
  return elements<int16_t>(value, name, napi_int16_array, "an Int16Array", 0);
}

}  // namespace facewire
