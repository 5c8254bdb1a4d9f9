#pragma once

#include <node_api.h>

#include <cstdint>
#include <memory>

#include "error.h"

namespace facewire {

// The numbers are unlikely to stand at the start of anybody else's memory.
enum class ExternalKind : uint64_t {
  session = 0x46575f53455353a1,
  pool = 0x46575f504f4f4ca2,
  resampler = 0x46575f52455341a3,
  sound = 0x46575f534f554ea4,
  drawer = 0x46575f44524157a5,
};

// What an external value of ours stands for. The kind keeps one from being
// taken for the other.
struct External {
  const ExternalKind kind;
};

// A JavaScript value that owns `box` and stands for it; see Value::external().
template <typename Box>
napi_value make_external(napi_env env, std::unique_ptr<Box> box) {
  External* base = box.get();
  const auto release = [](napi_env, void* data, void*) {
    delete static_cast<Box*>(static_cast<External*>(data));
  };
  napi_value value;
  require_ok(napi_create_external(env, base, release, nullptr, &value));
  box.release();
  return value;
}

}  // namespace facewire
