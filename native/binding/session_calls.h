#pragma once

#include <node_api.h>

namespace facewire {

// The object `session` of the addon: what can be done with a session.
napi_value make_session_calls(napi_env env);

}  // namespace facewire
