#include "async_work.h"

#include <exception>
#include <memory>

#include "error.h"

namespace facewire {
namespace {

struct Aside {
  std::function<void()> work;
  std::function<napi_value(napi_env)> finish;
  std::function<void()> settle;
  std::exception_ptr thrown;
  napi_deferred deferred = nullptr;
  napi_ref kept = nullptr;
  napi_async_work handle = nullptr;
};

void execute(napi_env, void* data) {
  auto& aside = *static_cast<Aside*>(data);
  try {
    aside.work();
  } catch (...) {
    aside.thrown = std::current_exception();
  }
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Aside> aside(static_cast<Aside*>(data));
  napi_delete_async_work(env, aside->handle);
  napi_delete_reference(env, aside->kept);
  aside->settle();
  try {
    if (aside->thrown != nullptr) std::rethrow_exception(aside->thrown);
    napi_resolve_deferred(env, aside->deferred, aside->finish(env));
  } catch (...) {
    rethrow_to_javascript(env);
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
      napi_reject_deferred(env, aside->deferred, error);
  }
}

}  // namespace

napi_value run_aside(napi_env env, napi_value kept, std::function<void()> work,
                     std::function<napi_value(napi_env)> finish, std::function<void()> settle) {
  auto aside = std::make_unique<Aside>();
  aside->work = std::move(work);
  aside->finish = std::move(finish);
  aside->settle = std::move(settle);
  napi_value name;
  napi_value promise;
  require_ok(napi_create_string_utf8(env, "facewire:sound", NAPI_AUTO_LENGTH, &name));
  require_ok(napi_create_reference(env, kept, 1, &aside->kept));
  require_ok(
      napi_create_async_work(env, nullptr, name, execute, complete, aside.get(), &aside->handle));
  require_ok(napi_create_promise(env, &aside->deferred, &promise));
  require_ok(napi_queue_async_work(env, aside->handle));
  aside.release();
  return promise;
}

}  // namespace facewire
