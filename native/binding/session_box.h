#pragma once

#include <node_api.h>

#include <memory>
#include <vector>

#include "arguments.h"
#include "facewire/session.h"

namespace facewire {

struct PoolBox;

// What a NativeSession of src/media/binding.ts stands for.
struct SessionBox : External {
  static constexpr ExternalKind kKind = ExternalKind::session;

  SessionBox(napi_env env, std::unique_ptr<Session> session, double* report,
             napi_ref report_reference) noexcept;
  ~SessionBox();
  SessionBox(const SessionBox&) = delete;
  SessionBox& operator=(const SessionBox&) = delete;

  // Gives the memory of the session back; afterwards open_box() refuses.
  void close() noexcept;
  // Tells the garbage collector, in steps, of the memory behind the object.
  void report_memory() noexcept;

  const napi_env env;
  std::unique_ptr<Session> session;  // Null once closed.
  // The caller's report. Its memory is shared memory, which cannot be detached,
  // and the reference keeps it alive.
  double* const report;
  const napi_ref report_reference;
  Message message;         // Of the last push.
  std::vector<char> text;  // Of pushParsed().
  std::vector<PhoneItem> phones;
  size_t reported_bytes = 0;
  PoolBox* pool = nullptr;  // That it is a member of, at `row`.
  size_t row = 0;
};

// The box of a session that is not closed. Throws Refusal ERR_STATE otherwise.
SessionBox& open_box(const Value& value);

}  // namespace facewire
