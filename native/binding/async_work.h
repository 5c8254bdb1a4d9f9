#pragma once

#include <node_api.h>

#include <functional>

namespace facewire {

// A promise of what `finish` makes in the JavaScript thread once `work` has run
// in another one. `work` must not call Node-API; what it throws rejects the
// promise. `settle` runs before `finish`, in any case. `kept` is not collected meanwhile.
napi_value run_aside(
    napi_env env, napi_value kept, std::function<void()> work,
    std::function<napi_value(napi_env)> finish, std::function<void()> settle = [] {});

}  // namespace facewire
