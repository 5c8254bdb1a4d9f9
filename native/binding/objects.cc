#include "objects.h"

namespace facewire {

napi_value make_functions(napi_env env, std::initializer_list<Function> functions) {
  napi_value object;
  require_ok(napi_create_object(env, &object));
  for (const Function& function : functions) {
    napi_value value;
    require_ok(
        napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.call, nullptr, &value));
    set_property(env, object, function.name, value);
  }
  return object;
}

napi_value make_number(napi_env env, double value) {
  napi_value number;
  require_ok(napi_create_double(env, value, &number));
  return number;
}

napi_value make_string(napi_env env, const char* text) {
  napi_value string;
  require_ok(napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &string));
  return string;
}

void set_property(napi_env env, napi_value object, const char* name, napi_value value) {
  require_ok(napi_set_named_property(env, object, name, value));
}

}  // namespace facewire
