#include "arguments.h"

namespace facewire {
namespace {

// Short and without contents that may be a secret.
std::string describe(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  bool yes = false;
  double number = 0;
  switch (type) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      napi_get_value_bool(env, value, &yes);
      return yes ? "true" : "false";
    case napi_number: {
      napi_get_value_double(env, value, &number);
      std::string text = std::to_string(number);
      if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
      }
      return "the number " + text;
    }
    case napi_string:
      return "a string";
    case napi_function:
      return "a function";
    case napi_object:
      napi_is_typedarray(env, value, &yes);
      return yes ? "a typed array of another type" : "an object";
    default:
      return "a value of another type";
  }
}

std::string text_of(double number) {
  const auto whole = static_cast<int64_t>(number);
  return static_cast<double>(whole) == number ? std::to_string(whole) : std::to_string(number);
}

}  // namespace

void Value::refuse(const char* name, const std::string& expected) const {
  const std::string received = describe(env_, value_);
  throw Refusal{"ERR_OPTION_INVALID",
                std::string(name) + ": expected " + expected + " but received " + received,
                expected, received};
}

double Value::number(const char* name, double low, double high) const {
  double number = 0;
  if (napi_get_value_double(env_, value_, &number) == napi_ok && number >= low && number <= high)
    return number;
  refuse(name, "a number from " + text_of(low) + " to " + text_of(high));
}

int64_t Value::integer(const char* name, int64_t low, int64_t high) const {
  double number = 0;
  if (napi_get_value_double(env_, value_, &number) == napi_ok &&
      number >= static_cast<double>(low) && number <= static_cast<double>(high)) {
    const auto whole = static_cast<int64_t>(number);
    if (static_cast<double>(whole) == number) return whole;
  }
  refuse(name, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
}

bool Value::is_undefined() const noexcept {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env_, value_, &type) == napi_ok && type == napi_undefined;
}

bool Value::boolean(const char* name) const {
  bool yes = false;
  if (napi_get_value_bool(env_, value_, &yes) == napi_ok) return yes;
  refuse(name, "true or false");
}

bool Value::is_string() const noexcept {
  napi_valuetype type;
  return napi_typeof(env_, value_, &type) == napi_ok && type == napi_string;
}

std::string Value::string(const char* name, size_t max_bytes) const {
  size_t size = 0;
  if (napi_get_value_string_utf8(env_, value_, nullptr, 0, &size) != napi_ok)
    refuse(name, "a string");
  if (size > max_bytes) {
    throw Refusal{"ERR_OPTION_INVALID", std::string(name) + " is too long",
                  "at most " + std::to_string(max_bytes) + " bytes", std::to_string(size)};
  }
  std::string text(size, '\0');
  require_ok(napi_get_value_string_utf8(env_, value_, text.data(), size + 1, &size));
  return text;
}

template <typename Element>
std::span<Element> Value::elements(const char* name, napi_typedarray_type wanted,
                                   const char* expected, size_t at_least) const {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env_, value_, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != wanted) {
    refuse(name, expected);
  }
  if (length == 0) {
    // A detached buffer reads as an empty one, and would be taken in silence.
    napi_value buffer;
    bool detached = false;
    require_ok(napi_get_typedarray_info(env_, value_, &type, &length, &data, &buffer, nullptr));
    napi_is_detached_arraybuffer(env_, buffer, &detached);
    if (detached) {
      throw Refusal{"ERR_OPTION_INVALID", std::string(name) + " has a detached buffer", expected,
                    "a typed array whose buffer was transferred"};
    }
  }
  if (length < at_least) {
    throw Refusal{"ERR_OPTION_INVALID", std::string(name) + " is too short",
                  "at least " + std::to_string(at_least) + " elements", std::to_string(length)};
  }
  return {static_cast<Element*>(data), length};
}

std::span<uint8_t> Value::bytes(const char* name, size_t at_least) const {
  return elements<uint8_t>(name, napi_uint8_array, "a Uint8Array", at_least);
}

std::span<float> Value::floats(const char* name, size_t at_least) const {
  return elements<float>(name, napi_float32_array, "a Float32Array", at_least);
}

std::span<double> Value::doubles(const char* name, size_t at_least) const {
  return elements<double>(name, napi_float64_array, "a Float64Array", at_least);
}

std::span<int16_t> Value::shorts(const char* name) const {
  return elements<int16_t>(name, napi_int16_array, "an Int16Array", 0);
}

bool Value::number(double& number) const noexcept {
  return napi_get_value_double(env_, value_, &number) == napi_ok;
}

External& Value::external(ExternalKind kind, const char* name) const {
  void* data = nullptr;
  if (napi_get_value_external(env_, value_, &data) == napi_ok && data != nullptr) {
    auto& external = *static_cast<External*>(data);
    if (external.kind == kind) return external;
  }
  refuse(name, "the " + std::string(name) + " that the addon made");
}

Value Value::property(const char* name) const {
  napi_valuetype type;
  napi_value value;
  if (napi_typeof(env_, value_, &type) != napi_ok || type != napi_object)
    refuse("options", "an object");
  require_ok(napi_get_named_property(env_, value_, name, &value));
  return {env_, value};
}

uint32_t Value::array_length(const char* name) const {
  uint32_t length = 0;
  if (napi_get_array_length(env_, value_, &length) != napi_ok) refuse(name, "an array");
  return length;
}

Value Value::element(uint32_t index) const {
  napi_value value;
  require_ok(napi_get_element(env_, value_, index, &value));
  return {env_, value};
}

}  // namespace facewire
