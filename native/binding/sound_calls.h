#pragma once

#include <node_api.h>

namespace facewire {

// The object that src/media/binding.ts calls NativeSoundCalls.
napi_value make_sound_calls(napi_env env);

}  // namespace facewire
