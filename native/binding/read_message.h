#pragma once

#include <node_api.h>

namespace facewire {

// readMessage(bytes): what the message reader alone makes of one frame, for
// tests; NativeMessage of src/media/binding.ts.
napi_value read_message(napi_env env, napi_callback_info info);

}  // namespace facewire
