#include <node_api.h>

#include "bench.h"
#include "facewire/kernels.h"
#include "objects.h"
#include "pool_calls.h"
#include "session_calls.h"

namespace facewire {
namespace {

// Everything hangs on the exports of this environment; there is no global
// state, so every worker thread loads its own.
void initialise(napi_env env, napi_value exports) {
  set_property(env, exports, "version", make_string(env, FACEWIRE_VERSION));
  set_property(env, exports, "kernels", make_string(env, kernels().name));
  const auto tables = available_kernels();
  napi_value names;
  require_ok(napi_create_array_with_length(env, tables.size(), &names));
  for (uint32_t i = 0; i < tables.size(); ++i)
    require_ok(napi_set_element(env, names, i, make_string(env, tables[i]->name)));
  set_property(env, exports, "availableKernels", names);
  set_property(env, exports, "session", make_session_calls(env));
  set_property(env, exports, "pool", make_pool_calls(env));
  set_property(env, exports, "bench", make_bench(env));
}

}  // namespace
}  // namespace facewire

NAPI_MODULE_INIT() {
  try {
    facewire::initialise(env, exports);
  } catch (...) {
    facewire::rethrow_to_javascript(env);
  }
  return exports;
}
