#pragma once

#include <node_api.h>

#include <initializer_list>
#include <memory>

#include "error.h"

namespace facewire {

struct Function {
  const char* name;
  napi_callback call;  // guarded<body>
};

// A JavaScript object with these functions.
napi_value make_functions(napi_env env, std::initializer_list<Function> functions);

napi_value make_number(napi_env env, double value);
napi_value make_string(napi_env env, const char* text);
void set_property(napi_env env, napi_value object, const char* name, napi_value value);

// A JavaScript value that owns `box` and stands for it; see Value::external().
template <typename Box>
napi_value make_external(napi_env env, std::unique_ptr<Box> box) {
  napi_value value;
  const auto release = [](napi_env, void* data, void*) { delete static_cast<Box*>(data); };
  require_ok(napi_create_external(env, box.get(), release, nullptr, &value));
  box.release();
  return value;
}

}  // namespace facewire
