#include "session_calls.h"

#include <algorithm>
#include <new>

#include "external.h"
#include "objects.h"
#include "phone_list.h"
#include "session_box.h"
#include "session_options.h"

namespace facewire {
namespace {

// Columns of the report and bits of its flags; see src/media/binding.ts.
constexpr size_t kReportLength = 32;
constexpr uint32_t kFinal = 1, kSentenceStart = 2, kSentenceFinal = 4, kFeaturesFinal = 8;

void write_report(const PushReport& pushed, const Message& message, double* out) noexcept {
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
  std::fill(out + 13, out + 16, 0.0);
  size_t column = 16;
  for (const ByteRange& range :
       {message.request_id, message.phones, message.words, message.subtitles, message.actions,
        message.expressions, message.header_message, message.error_message}) {
    out[column++] = range.begin;
    out[column++] = range.end;
  }
}

int64_t sample(const Value& value, const char* name) {
  return value.integer(name, -kMaxSafeInteger, kMaxSafeInteger);
}

// A moment of the caller's clock, which need not be given.
int64_t tick(const Value& value, const char* name) {
  return value.is_undefined() ? kNoTick : sample(value, name);
}

napi_value number(napi_env env, int64_t value) {
  return make_number(env, static_cast<double>(value));
}

napi_value create(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const SessionOptions options = read_options(arguments[0]);
  const auto report = arguments[1].doubles("report", kReportLength);
  // Only shared memory stays where it is whatever JavaScript does with the array.
  napi_value buffer;
  bool movable = true;
  require_ok(napi_get_typedarray_info(env, arguments[1].raw(), nullptr, nullptr, nullptr, &buffer,
                                      nullptr));
  require_ok(napi_is_arraybuffer(env, buffer, &movable));
  if (movable) arguments[1].refuse("report", "a Float64Array on a SharedArrayBuffer");

  Errc error = Errc::ok;
  auto session = Session::create(options, error);
  if (session == nullptr && error == Errc::unsupported_rate) {
    throw Refusal{"ERR_SAMPLE_RATE_UNSUPPORTED", "sampleRate is not one of the output rates",
                  "16000, 24000, 44100 or 48000", std::to_string(options.sample_rate)};
  }
  if (session == nullptr && error == Errc::out_of_memory) throw std::bad_alloc();
  if (session == nullptr)
    throw Refusal{"ERR_OPTION_INVALID", "the session cannot be made with these options", {}, {}};
  napi_ref reference;
  require_ok(napi_create_reference(env, arguments[1].raw(), 1, &reference));
  return make_external(
      env, std::make_unique<SessionBox>(env, std::move(session), report.data(), reference));
}

napi_value close(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  arguments[0].external<SessionBox>("session").close();
  return nullptr;
}

napi_value begin(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  session.begin(arguments[1].string("requestId", 4096));
  return nullptr;
}

napi_value push(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  SessionBox& box = open_box(arguments[0]);
  const int64_t arrival = tick(arguments[2], "arrivalTicks");
  const PushReport pushed = box.session->push(arguments[1].bytes("bytes"), box.message, arrival);
  write_report(pushed, box.message, box.report);
  box.report_memory();
  return nullptr;
}

// Copies a string once, as UTF-8: for ASCII that is as it stands. Of any other
// comes no more than has room in as many bytes as it has characters, and a byte
// that is neither ASCII nor base64 marks the place. More than `most` is cut to
// `most` + 1 bytes.
std::string_view copy_ascii(const Value& value, std::vector<char>& text, size_t most) {
  size_t length = 0;
  // Latin-1 only for its length, which is known without a look at the characters.
  if (napi_get_value_string_latin1(value.env(), value.raw(), nullptr, 0, &length) != napi_ok)
    value.refuse("base64", "a string");
  length = std::min(length, most + 1);
  if (text.size() < length + 1) text.resize(length + 1);
  size_t size = 0;
  require_ok(napi_get_value_string_utf8(value.env(), value.raw(), text.data(), length + 1, &size));
  if (size < length) text[size++] = '\x80';
  return {text.data(), size};
}

// Phones as PhoneList takes them, in ticks; none where there are none.
std::span<const PhoneItem> read_phones(const Value& symbols, const Value& times, SessionBox& box) {
  if (symbols.is_undefined()) return {};
  const std::string text = symbols.string("phoneSymbols", box.session->max_message_bytes());
  const PhoneList phones(text, times.doubles("phoneTimes"), static_cast<double>(kMaxSafeInteger));
  box.phones.clear();
  phones.for_each([&](std::string_view symbol, int64_t start, int64_t end) {
    if (box.phones.size() == kMostPhones) return;
    PhoneItem& phone = box.phones.emplace_back();
    phone.set_symbol(symbol);
    phone.start_ticks = std::max<int64_t>(0, start);
    phone.end_ticks = std::max(phone.start_ticks, end);
  });
  return box.phones;
}

napi_value push_parsed(napi_env env, napi_callback_info info) {
  const Arguments<11> arguments(env, info);
  SessionBox& box = open_box(arguments[0]);
  ParsedMessage parsed;
  const auto features = arguments[2].floats("features");
  const auto count = arguments[3].integer("featureCount", 0, static_cast<int64_t>(features.size()));
  parsed.features = features.first(static_cast<size_t>(count));
  parsed.sample_rate = static_cast<uint32_t>(arguments[4].integer("sampleRate", 0, 1'000'000));
  parsed.feature_dimension =
      static_cast<uint32_t>(arguments[5].integer("featureDimension", 0, 1'000'000));
  parsed.clause = static_cast<int32_t>(arguments[6].integer("clause", INT32_MIN, INT32_MAX));
  const auto flags = static_cast<uint32_t>(arguments[7].integer("flags", 0, 15));
  parsed.arrival = tick(arguments[8], "arrivalTicks");
  parsed.final = (flags & kFinal) != 0;
  parsed.sentence_start = (flags & kSentenceStart) != 0;
  parsed.phones = read_phones(arguments[9], arguments[10], box);
  parsed.base64 = copy_ascii(arguments[1], box.text, box.session->max_message_bytes());

  const PushReport pushed = box.session->push_parsed(parsed);
  Message message;
  message.clause = parsed.clause;
  message.final = parsed.final;
  message.sentence_start = parsed.sentence_start;
  message.sentence_final = (flags & kSentenceFinal) != 0;
  message.features_final = (flags & kFeaturesFinal) != 0;
  write_report(pushed, message, box.report);
  box.report_memory();
  return nullptr;
}

napi_value end(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  open_box(arguments[0]).session->end();
  return nullptr;
}

napi_value commit(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  const int64_t until = sample(arguments[1], "untilSample");
  const int64_t now = tick(arguments[2], "nowTicks");
  return number(env, now == kNoTick ? session.commit(until) : session.commit(until, now));
}

napi_value ready_samples(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, open_box(arguments[0]).session->ready());
}

napi_value settled_samples(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, open_box(arguments[0]).session->settled());
}

napi_value committed(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, open_box(arguments[0]).session->committed());
}

napi_value read_audio(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const Session& session = *open_box(arguments[0]).session;
  const int64_t from = sample(arguments[1], "sample");
  return number(env, session.read(from, arguments[2].floats("out")));
}

napi_value look_ahead(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const Session& session = *open_box(arguments[0]).session;
  const int64_t from = sample(arguments[1], "sample");
  return number(env, session.look(from, arguments[2].floats("out")));
}

napi_value read_ready(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  return number(env, session.read_ready(arguments[1].floats("out")));
}

napi_value frame_at(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  const int64_t at = sample(arguments[1], "sample");
  const auto out = arguments[2].floats("out", kFrameWidth);
  const int64_t next = sample(arguments[3], "nextSample");
  return number(env, session.frame_at(at, out.first<kFrameWidth>(), next) ? 1 : 0);
}

napi_value interrupt(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  return number(env, session.interrupt(sample(arguments[1], "sample")));
}

// Wears an expression between output samples, or, when the last argument is
// true, between ticks of the running utterance; an end that is not given is open.
napi_value wear(napi_env env, napi_callback_info info) {
  const Arguments<7> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  const int64_t key = arguments[1].integer("key", 0, kMaxSafeInteger);
  const auto weights = arguments[2].floats("weights", kWeightCount).first<kWeightCount>();
  const auto intensity = static_cast<float>(arguments[3].number("intensity", 0, 1));
  const int64_t from = sample(arguments[4], "from");
  const int64_t to = arguments[5].is_undefined() ? Expressions::kOpen : sample(arguments[5], "to");
  const bool in_speech = arguments[6].integer("clock", 0, 1) != 0;
  const bool worn = in_speech ? session.wear_in_speech(key, weights, intensity, from, to)
                              : session.wear(key, weights, intensity, from, to);
  return number(env, worn ? 1 : 0);
}

napi_value may_rest(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  open_box(arguments[0]).session->may_rest(arguments[1].doubles("ticks"));
  return nullptr;
}

napi_value suspected_order(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, open_box(arguments[0]).session->suspected_order());
}

napi_value output_of(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const Session& session = *open_box(arguments[0]).session;
  return number(env, session.output_of(sample(arguments[1], "sourceSample")));
}

napi_value source_committed(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, open_box(arguments[0]).session->source_committed());
}

napi_value read_counters(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const Counters counters = open_box(arguments[0]).session->counters();
  const auto out = arguments[1].doubles("out", kCounterCount);
  std::transform(counters.begin(), counters.end(), out.begin(),
                 [](int64_t count) { return static_cast<double>(count); });
  return nullptr;
}

}  // namespace

napi_value make_session_calls(napi_env env) {
  return make_functions(env, {{"create", guarded<create>},
                              {"close", guarded<close>},
                              {"begin", guarded<begin>},
                              {"push", guarded<push>},
                              {"pushParsed", guarded<push_parsed>},
                              {"end", guarded<end>},
                              {"commit", guarded<commit>},
                              {"readySamples", guarded<ready_samples>},
                              {"settledSamples", guarded<settled_samples>},
                              {"committed", guarded<committed>},
                              {"readAudio", guarded<read_audio>},
                              {"lookAhead", guarded<look_ahead>},
                              {"readReady", guarded<read_ready>},
                              {"frameAt", guarded<frame_at>},
                              {"interrupt", guarded<interrupt>},
                              {"wear", guarded<wear>},
                              {"mayRest", guarded<may_rest>},
                              {"suspectedOrder", guarded<suspected_order>},
                              {"outputOf", guarded<output_of>},
                              {"sourceCommitted", guarded<source_committed>},
                              {"readCounters", guarded<read_counters>}});
}

}  // namespace facewire
