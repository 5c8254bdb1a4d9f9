#include <napi.h>

#include "bench.h"
#include "facewire/kernels.h"
#include "session_object.h"

namespace facewire {
namespace {

// Everything hangs on the exports of this environment; there is no global
// state, so every worker thread loads its own.
Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::String::New(env, FACEWIRE_VERSION));
  exports.Set("kernels", Napi::String::New(env, kernels().name));
  const auto tables = available_kernels();
  const Napi::Array names = Napi::Array::New(env, tables.size());
  for (uint32_t i = 0; i < tables.size(); ++i) {
    names.Set(i, Napi::String::New(env, tables[i]->name));
  }
  exports.Set("availableKernels", names);
  exports.Set("Session", SessionObject::define(env));
  exports.Set("bench", make_bench(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(facewire, initialise)

}  // namespace facewire
