// What is called once goes through node-addon-api; what is called for every message and
// picture through plain Node-API (session_calls.cc, pool_calls.cc), which costs half as much.
#include <napi.h>

#include "bench.h"
#include "error.h"
#include "facewire/kernels.h"
#include "phone_calls.h"
#include "pool_calls.h"
#include "session_calls.h"
#include "video_calls.h"

namespace facewire {
namespace {

// Everything hangs on the exports of this environment; there is no global
// state, so every worker thread loads its own.
Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  const auto tables = available_kernels();
  const Napi::Array names = Napi::Array::New(env, tables.size());
  for (uint32_t i = 0; i < tables.size(); ++i) names.Set(i, tables[i]->name);
  exports.Set("version", FACEWIRE_VERSION);
  exports.Set("kernels", kernels().name);
  exports.Set("availableKernels", names);
  try {
    exports.Set("session", Napi::Value(env, make_session_calls(env)));
    exports.Set("phones", Napi::Value(env, make_phone_calls(env)));
    exports.Set("pool", Napi::Value(env, make_pool_calls(env)));
    exports.Set("video", Napi::Value(env, make_video_calls(env)));
    exports.Set("bench", Napi::Value(env, make_bench(env)));
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    rethrow_to_javascript(env);
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(facewire, initialise)

}  // namespace facewire
