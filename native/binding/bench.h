#pragma once

#include <node_api.h>

namespace facewire {

// The object `bench` of the addon: one kernel or stage with a named table.
napi_value make_bench(napi_env env);

}  // namespace facewire
