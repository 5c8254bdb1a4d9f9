#include "pool_calls.h"

#include "external.h"
#include "objects.h"
#include "pool_box.h"
#include "session_box.h"

namespace facewire {
namespace {

PoolBox& pool_box(const Value& value) { return value.external<PoolBox>("pool"); }

napi_value create(napi_env env, napi_callback_info) {
  return make_external(env, std::make_unique<PoolBox>());
}

napi_value add(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  PoolBox& pool = pool_box(arguments[0]);
  SessionBox& box = open_box(arguments[1]);
  if (box.pool != nullptr) {
    throw Refusal{"ERR_STATE", "the session is in a pool already", "a session that is in no pool",
                  box.pool == &pool ? "a session of this pool" : "a session of another pool"};
  }
  return make_number(env, static_cast<double>(pool.add(box)));
}

napi_value remove(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  PoolBox& pool = pool_box(arguments[0]);
  SessionBox& box = arguments[1].external<SessionBox>("session");
  if (box.pool == &pool) pool.remove(box);
  return nullptr;
}

napi_value rows(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return make_number(env, static_cast<double>(pool_box(arguments[0]).pool.rows()));
}

// One number for all rows, or an array with one for each.
std::span<const double> samples(const Value& value, const char* name, size_t rows, double& single) {
  if (!value.number(single)) return value.doubles(name, rows);
  return {&single, 1};
}

napi_value frames(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  SessionPool& pool = pool_box(arguments[0]).pool;
  const size_t count = pool.rows();
  double sample = 0;
  double next = 0;
  const auto at = samples(arguments[1], "samples", count, sample);
  const auto out = arguments[2].floats("out", count * kFrameWidth);
  const auto flags = arguments[3].bytes("flags", count);
  const auto following = samples(arguments[4], "nextSamples", count, next);
  if (count > 0) pool.frames(at, following, out, flags);
  return make_number(env, static_cast<double>(count));
}

}  // namespace

napi_value make_pool_calls(napi_env env) {
  return make_functions(env, {{"create", guarded<create>},
                              {"add", guarded<add>},
                              {"remove", guarded<remove>},
                              {"rows", guarded<rows>},
                              {"frames", guarded<frames>}});
}

}  // namespace facewire
