#pragma once

#include <node_api.h>

namespace facewire {

// The object `phones` of the addon: mouth shapes of phones without a session.
napi_value make_phone_calls(napi_env env);

}  // namespace facewire
