#include "session_box.h"

#include "pool_box.h"

namespace facewire {
namespace {

constexpr size_t kMemoryStep = 256u << 10;

}  // namespace

SessionBox::SessionBox(napi_env environment, std::unique_ptr<Session> made, double* columns,
                       napi_ref reference) noexcept
    : External{kKind},
      env(environment),
      session(std::move(made)),
      report(columns),
      report_reference(reference) {
  report_memory();
}

SessionBox::~SessionBox() {
  close();
  napi_delete_reference(env, report_reference);
}

void SessionBox::close() noexcept {
  if (pool != nullptr) pool->remove(*this);
  session.reset();
  text = {};
  report_memory();
}

void SessionBox::report_memory() noexcept {
  const size_t bytes = session == nullptr ? 0 : session->memory_bytes() + text.capacity();
  if (bytes != 0 && reported_bytes != 0 && bytes < reported_bytes + kMemoryStep) return;
  int64_t total = 0;
  const auto change = static_cast<int64_t>(bytes) - static_cast<int64_t>(reported_bytes);
  if (change != 0) napi_adjust_external_memory(env, change, &total);
  reported_bytes = bytes;
}

SessionBox& open_box(const Value& value) {
  auto& box = value.external<SessionBox>("session");
  if (box.session == nullptr)
    throw Refusal{"ERR_STATE", "the session is closed", "an open session", "a call after close()"};
  return box;
}

}  // namespace facewire
