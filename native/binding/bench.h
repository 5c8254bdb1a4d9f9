#pragma once

#include <napi.h>

namespace facewire {

// The object `bench` of the addon: one kernel or stage with a named table.
Napi::Object make_bench(Napi::Env env);

}  // namespace facewire
