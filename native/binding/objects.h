#pragma once

#include <node_api.h>

#include <initializer_list>

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

}  // namespace facewire
