#pragma once

#include <node_api.h>

#include <string>

namespace facewire {

// Why a call from JavaScript is refused. It becomes an Error with `code`,
// `expected` and `received`, which src/media turns into a FacewireError.
struct Refusal {
  const char* code;
  std::string message;
  std::string expected;
  std::string received;
};

// Makes the exception that is in flight a JavaScript error. Only inside a
// catch block. Where JavaScript cannot be called any more, as in a worker that
// is being terminated, it does nothing, and the call ends with that.
void rethrow_to_javascript(napi_env env) noexcept;

// A function of the addon as Node wants it: no C++ exception leaves it.
using Body = napi_value (*)(napi_env env, napi_callback_info info);
template <Body kBody>
napi_value guarded(napi_env env, napi_callback_info info) noexcept {
  try {
    return kBody(env, info);
  } catch (...) {
    rethrow_to_javascript(env);
    return nullptr;
  }
}

// Node-API calls that fail only for want of memory or in a worker that is being
// terminated. Throws Refusal.
void require_ok(napi_status status);

}  // namespace facewire
