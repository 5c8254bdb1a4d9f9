#include "error.h"

#include <new>

namespace facewire {
namespace {

void set_text(napi_env env, napi_value object, const char* name, const char* text) noexcept {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok)
    napi_set_named_property(env, object, name, value);
}

void throw_error(napi_env env, const char* code, const char* message, const char* expected,
                 const char* received) noexcept {
  // A call into JavaScript may have failed with an error of its own.
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) != napi_ok || pending) return;
  napi_value text;
  napi_value error;
  if (napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) != napi_ok) return;
  if (napi_create_error(env, nullptr, text, &error) != napi_ok) return;
  set_text(env, error, "code", code);
  if (*expected != '\0') set_text(env, error, "expected", expected);
  if (*received != '\0') set_text(env, error, "received", received);
  napi_throw(env, error);
}

}  // namespace

void rethrow_to_javascript(napi_env env) noexcept {
  try {
    throw;
  } catch (const Refusal& refusal) {
    throw_error(env, refusal.code, refusal.message.c_str(), refusal.expected.c_str(),
                refusal.received.c_str());
  } catch (const std::bad_alloc&) {
    throw_error(env, "ERR_OUT_OF_MEMORY", "there is not enough memory for this call",
                "memory for the session and what waits in it", "");
  } catch (...) {
    throw_error(env, "ERR_INTERNAL", "an unexpected error inside the addon", "", "");
  }
}

void require_ok(napi_status status) {
  if (status != napi_ok)
    throw Refusal{"ERR_INTERNAL", "Node-API status " + std::to_string(status), {}, {}};
}

}  // namespace facewire
