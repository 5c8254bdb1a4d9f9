#pragma once

#include <node_api.h>

namespace facewire {

// The object `pool` of the addon: what can be done with a pool.
napi_value make_pool_calls(napi_env env);

}  // namespace facewire
