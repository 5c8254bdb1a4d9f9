#pragma once

#include <node_api.h>

namespace facewire {

// The object `video` of the addon.
napi_value make_video_calls(napi_env env);

}  // namespace facewire
