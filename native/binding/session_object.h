#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "facewire/session.h"

namespace facewire {

// The JavaScript class Session: checks what comes in, calls the core, and
// keeps the garbage collector informed of the memory behind the object.
class SessionObject : public Napi::ObjectWrap<SessionObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SessionObject(const Napi::CallbackInfo& info);
  ~SessionObject() override;

 private:
  void begin(const Napi::CallbackInfo& info);
  Napi::Value push(const Napi::CallbackInfo& info);
  Napi::Value push_parsed(const Napi::CallbackInfo& info);
  void end(const Napi::CallbackInfo& info);
  Napi::Value commit(const Napi::CallbackInfo& info);
  Napi::Value ready_samples(const Napi::CallbackInfo& info);
  Napi::Value settled_samples(const Napi::CallbackInfo& info);
  Napi::Value committed(const Napi::CallbackInfo& info);
  Napi::Value read_audio(const Napi::CallbackInfo& info);
  Napi::Value frame_at(const Napi::CallbackInfo& info);
  Napi::Value interrupt(const Napi::CallbackInfo& info);
  Napi::Value output_of(const Napi::CallbackInfo& info);
  Napi::Value source_committed(const Napi::CallbackInfo& info);
  void read_counters(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  Session& session(const Napi::CallbackInfo& info) const;
  void report_memory(Napi::Env env, size_t bytes);

  std::unique_ptr<Session> session_;
  std::vector<char> text_;
  std::vector<float> features_;
  size_t reported_bytes_ = 0;
};

}  // namespace facewire
