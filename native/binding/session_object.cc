#include "session_object.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "arguments.h"

namespace facewire {
namespace {

// Columns of the report and bits of its flags; see src/media/binding.ts.
constexpr size_t kReportLength = 32;
constexpr uint32_t kFinal = 1, kSentenceStart = 2, kSentenceFinal = 4, kFeaturesFinal = 8;
// The garbage collector hears of memory in steps, not with every message.
constexpr size_t kMemoryStep = 256u << 10;

void write_report(const PushReport& pushed, const Message& message, std::span<double> out) {
  std::fill(out.begin(), out.begin() + kReportLength, 0.0);
  uint32_t flags = 0;
  if (message.final) flags |= kFinal;
  if (message.sentence_start) flags |= kSentenceStart;
  if (message.sentence_final) flags |= kSentenceFinal;
  if (message.features_final) flags |= kFeaturesFinal;
  out[0] = pushed.kind;
  out[1] = flags;
  out[2] = message.clause;
  out[3] = static_cast<double>(pushed.result.error);
  out[4] = pushed.result ? 0.0 : static_cast<double>(pushed.result.count);
  out[5] = pushed.audio_frames;
  out[6] = pushed.feature_frames;
  out[7] = pushed.sample_rate;
  out[8] = pushed.warnings;
  out[9] = static_cast<double>(message.header_code);
  out[10] = static_cast<double>(message.payload_error_code);
  out[11] = static_cast<double>(pushed.clause_start);
  out[12] = static_cast<double>(pushed.source_end);
  size_t column = 16;
  for (const ByteRange& range :
       {message.request_id, message.phones, message.words, message.subtitles, message.actions,
        message.expressions, message.header_message, message.error_message}) {
    out[column++] = range.begin;
    out[column++] = range.end;
  }
}

Napi::Value option(const Napi::Object& options, const char* name) { return options.Get(name); }

SessionOptions options_argument(Napi::Value value) {
  if (!value.IsObject()) throw_argument(value.Env(), "options", "an object", value);
  const auto given = value.As<Napi::Object>();
  SessionOptions options;
  options.sample_rate = static_cast<uint32_t>(
      integer_argument(option(given, "sampleRate"), "sampleRate", 8000, 48000));
  options.feature_hop_ticks = static_cast<uint32_t>(
      integer_argument(option(given, "featureHopTicks"), "featureHopTicks", 50'000, 10'000'000));
  options.mouth_lead_ticks =
      integer_argument(option(given, "mouthLeadTicks"), "mouthLeadTicks", -5'000'000, 5'000'000);
  options.max_buffered_seconds =
      number_argument(option(given, "maxBufferedSeconds"), "maxBufferedSeconds", 1, 3600);
  options.max_message_bytes = static_cast<size_t>(
      integer_argument(option(given, "maxMessageBytes"), "maxMessageBytes", 1024, 1 << 30));
  options.idle_seed = integer_argument(option(given, "idleSeed"), "idleSeed", -1, kMaxSafeInteger);

  const Napi::Value order = option(given, "featureOrder");
  if (!order.IsArray()) throw_argument(value.Env(), "featureOrder", "an array of names", order);
  const auto names = order.As<Napi::Array>();
  if (names.Length() < 1 || names.Length() > kWeightCount) {
    throw_coded(value.Env(), "ERR_OPTION_INVALID", "featureOrder has a wrong length",
                "1 to 52 names", std::to_string(names.Length()));
  }
  for (uint32_t i = 0; i < names.Length(); ++i) {
    std::string name = string_argument(names.Get(i), "featureOrder", 64);
    const auto& seen = options.feature_order;
    if (column_of(name) == kWeightCount ||
        std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw_coded(value.Env(), "ERR_OPTION_INVALID",
                  "featureOrder has a name that is unknown or stands twice",
                  "names of ARKit blend shapes, each once", name);
    }
    options.feature_order.push_back(std::move(name));
  }
  return options;
}

// A moment of the caller's clock, which need not be given.
int64_t tick_argument(Napi::Value value, const char* name) {
  return value.IsUndefined() ? kNoTick
                             : integer_argument(value, name, -kMaxSafeInteger, kMaxSafeInteger);
}

int64_t sample_argument(Napi::Value value, const char* name) {
  return integer_argument(value, name, -kMaxSafeInteger, kMaxSafeInteger);
}

}  // namespace

Napi::Function SessionObject::define(Napi::Env env) {
  return DefineClass(
      env, "Session",
      {InstanceMethod<&SessionObject::begin>("begin"), InstanceMethod<&SessionObject::push>("push"),
       InstanceMethod<&SessionObject::push_parsed>("pushParsed"),
       InstanceMethod<&SessionObject::end>("end"), InstanceMethod<&SessionObject::commit>("commit"),
       InstanceMethod<&SessionObject::ready_samples>("readySamples"),
       InstanceMethod<&SessionObject::settled_samples>("settledSamples"),
       InstanceMethod<&SessionObject::committed>("committed"),
       InstanceMethod<&SessionObject::read_audio>("readAudio"),
       InstanceMethod<&SessionObject::frame_at>("frameAt"),
       InstanceMethod<&SessionObject::interrupt>("interrupt"),
       InstanceMethod<&SessionObject::output_of>("outputOf"),
       InstanceMethod<&SessionObject::source_committed>("sourceCommitted"),
       InstanceMethod<&SessionObject::read_counters>("readCounters"),
       InstanceMethod<&SessionObject::close>("close")});
}

SessionObject::SessionObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<SessionObject>(info) {
  const SessionOptions options = options_argument(info[0]);
  Errc error = Errc::ok;
  session_ = Session::create(options, error);
  if (session_ != nullptr) return;
  if (error == Errc::unsupported_rate) {
    throw_coded(info.Env(), "ERR_SAMPLE_RATE_UNSUPPORTED",
                "sampleRate is not one of the output rates", "16000, 24000, 44100 or 48000",
                std::to_string(options.sample_rate));
  }
  throw_coded(info.Env(), "ERR_OPTION_INVALID", "the session cannot be made with these options");
}

SessionObject::~SessionObject() {
  if (reported_bytes_ > 0) report_memory(Env(), 0);
}

Session& SessionObject::session(const Napi::CallbackInfo& info) const {
  if (session_ == nullptr) {
    throw_coded(info.Env(), "ERR_STATE", "the session is closed", "an open session",
                "a call after close()");
  }
  return *session_;
}

void SessionObject::report_memory(Napi::Env env, size_t bytes) {
  const auto change = static_cast<int64_t>(bytes) - static_cast<int64_t>(reported_bytes_);
  Napi::MemoryManagement::AdjustExternalMemory(env, change);
  reported_bytes_ = bytes;
}

void SessionObject::begin(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  self.begin(string_argument(info[0], "requestId", 4096));
}

Napi::Value SessionObject::push(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const auto bytes = bytes_argument(info[0], "bytes");
  const auto report = doubles_argument(info[1], "report", kReportLength);
  Message message;
  const PushReport pushed = self.push(bytes, message, tick_argument(info[2], "arrivalTicks"));
  write_report(pushed, message, report);
  if (self.memory_bytes() > reported_bytes_ + kMemoryStep)
    report_memory(info.Env(), self.memory_bytes());
  return Napi::Number::New(info.Env(), pushed.kind);
}

Napi::Value SessionObject::push_parsed(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) throw_argument(env, "base64", "a string", info[0]);
  ParsedMessage parsed;
  if (info[1].IsTypedArray()) {
    parsed.features = floats_argument(info[1], "features");
  } else if (info[1].IsArray()) {
    const auto values = info[1].As<Napi::Array>();
    features_.resize(values.Length());
    for (uint32_t i = 0; i < values.Length(); ++i) {
      // What is not a number counts as one that is not finite, as on the wire.
      double value = std::numeric_limits<double>::quiet_NaN();
      napi_value element;
      if (napi_get_element(env, values, i, &element) == napi_ok)
        napi_get_value_double(env, element, &value);
      features_[i] = static_cast<float>(value);
    }
    parsed.features = features_;
  } else {
    throw_argument(env, "features", "a Float32Array or an array of numbers", info[1]);
  }
  parsed.sample_rate = static_cast<uint32_t>(integer_argument(info[2], "sampleRate", 0, 1'000'000));
  parsed.feature_dimension =
      static_cast<uint32_t>(integer_argument(info[3], "featureDimension", 0, 1'000'000));
  parsed.clause = static_cast<int32_t>(integer_argument(info[4], "clause", INT32_MIN, INT32_MAX));
  const auto flags = static_cast<uint32_t>(integer_argument(info[5], "flags", 0, 15));
  const auto report = doubles_argument(info[6], "report", kReportLength);
  parsed.arrival = tick_argument(info[7], "arrivalTicks");
  parsed.final = (flags & kFinal) != 0;
  parsed.sentence_start = (flags & kSentenceStart) != 0;

  size_t length = 0;
  napi_get_value_string_utf8(env, info[0], nullptr, 0, &length);
  if (text_.size() < length + 1) text_.resize(length + 1);
  napi_get_value_string_utf8(env, info[0], text_.data(), length + 1, &length);
  parsed.base64 = {text_.data(), length};

  // Only now, because reading an array may run foreign code that closes the session.
  Session& self = session(info);
  const PushReport pushed = self.push_parsed(parsed);
  Message message;
  message.clause = parsed.clause;
  message.final = parsed.final;
  message.sentence_start = parsed.sentence_start;
  message.sentence_final = (flags & kSentenceFinal) != 0;
  message.features_final = (flags & kFeaturesFinal) != 0;
  write_report(pushed, message, report);
  if (self.memory_bytes() > reported_bytes_ + kMemoryStep) report_memory(env, self.memory_bytes());
  return Napi::Number::New(env, pushed.kind);
}

void SessionObject::end(const Napi::CallbackInfo& info) { session(info).end(); }

Napi::Value SessionObject::commit(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const int64_t until = sample_argument(info[0], "untilSample");
  const int64_t now = tick_argument(info[1], "nowTicks");
  const int64_t silence = now == kNoTick ? self.commit(until) : self.commit(until, now);
  return Napi::Number::New(info.Env(), static_cast<double>(silence));
}

Napi::Value SessionObject::ready_samples(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(session(info).ready()));
}

Napi::Value SessionObject::settled_samples(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(session(info).settled()));
}

Napi::Value SessionObject::committed(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(session(info).committed()));
}

Napi::Value SessionObject::read_audio(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const int64_t sample = sample_argument(info[0], "sample");
  return Napi::Number::New(info.Env(),
                           static_cast<double>(self.read(sample, floats_argument(info[1], "out"))));
}

Napi::Value SessionObject::frame_at(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const int64_t sample = sample_argument(info[0], "sample");
  const auto out = floats_argument(info[1], "out", kFrameWidth);
  const int64_t next = info[2].IsUndefined() ? 0 : sample_argument(info[2], "nextSample");
  const bool speaking = self.frame_at(sample, out.first<kFrameWidth>(), next);
  return Napi::Number::New(info.Env(), speaking ? 1 : 0);
}

Napi::Value SessionObject::interrupt(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const int64_t cut = self.interrupt(sample_argument(info[0], "sample"));
  return Napi::Number::New(info.Env(), static_cast<double>(cut));
}

Napi::Value SessionObject::output_of(const Napi::CallbackInfo& info) {
  Session& self = session(info);
  const int64_t output = self.output_of(sample_argument(info[0], "sourceSample"));
  return Napi::Number::New(info.Env(), static_cast<double>(output));
}

Napi::Value SessionObject::source_committed(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(session(info).source_committed()));
}

void SessionObject::read_counters(const Napi::CallbackInfo& info) {
  const Counters counters = session(info).counters();
  const auto out = doubles_argument(info[0], "out", kCounterCount);
  std::transform(counters.begin(), counters.end(), out.begin(),
                 [](int64_t count) { return static_cast<double>(count); });
}

void SessionObject::close(const Napi::CallbackInfo& info) {
  session_.reset();
  text_ = {};
  features_ = {};
  report_memory(info.Env(), 0);
}

}  // namespace facewire
