// The rivals that are native libraries, in one addon, so that they and Facewire
// run in one process. For benchmarks only; no part of the package.

#include "addon.h"

#include <napi.h>
#include <time.h>

#include <algorithm>
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define RIVALS_CALLGRIND
#endif

#include "base64.h"
#include "floats.h"
#include "glue.h"
#include "resamplers.h"

namespace rivals {
namespace {

// Runs all of `input` through in chunks, as a stream gets it. One crossing for
// many chunks: what is compared is the converter, not the way to it.
template <typename Sample>
double run_chunks(Resampler& resampler, std::span<const Sample> input, size_t chunk,
                  std::span<float> out) {
  size_t written = 0;
  for (size_t at = 0; at < input.size(); at += chunk) {
    const auto part = input.subspan(at, std::min(chunk, input.size() - at));
    written += resampler.process(part, out.subspan(written));
  }
  return static_cast<double>(written);
}

// createResampler(library, setting, inputRate, outputRate, floats): an object with
// process(input, chunkFrames, out), or undefined when there is no such setting.
Napi::Value create_resampler(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<Resampler> resampler =
      make_resampler(info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::String>().Utf8Value(),
                     info[2].As<Napi::Number>().Uint32Value(),
                     info[3].As<Napi::Number>().Uint32Value(), info[4].As<Napi::Boolean>().Value());
  if (resampler == nullptr) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("process", Napi::Function::New(env, [resampler](const Napi::CallbackInfo& call) {
               const size_t chunk = call[1].As<Napi::Number>().Uint32Value();
               const auto out = elements<float>(call[2]);
               const auto type = call[0].As<Napi::TypedArray>().TypedArrayType();
               return Napi::Number::New(
                   call.Env(),
                   type == napi_float32_array
                       ? run_chunks<float>(*resampler, elements<float>(call[0]), chunk, out)
                       : run_chunks<int16_t>(*resampler, elements<int16_t>(call[0]), chunk, out));
             }));
  return object;
}

// createGlue(outputRate, requestId): an object with push(message, audio, features,
// report), or undefined when one of its libraries is not there. `report` is a
// Float64Array: frames written, features written, clause, dimension, flags.
Napi::Value create_glue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<Glue> glue = Glue::create(info[0].As<Napi::Number>().Uint32Value(),
                                            info[1].As<Napi::String>().Utf8Value());
  if (glue == nullptr) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("push", Napi::Function::New(env, [glue](const Napi::CallbackInfo& call) {
               GlueReport report;
               const bool good = glue->push(elements<uint8_t>(call[0]), elements<float>(call[1]),
                                            elements<float>(call[2]), report);
               const auto columns = elements<double>(call[3]);
               columns[0] = static_cast<double>(report.audio_frames);
               columns[1] = static_cast<double>(report.features);
               columns[2] = static_cast<double>(report.clause);
               columns[3] = report.dimension;
               columns[4] = report.final | report.sentence_start << 1 | report.sentence_final << 2 |
                            report.features_final << 3;
               return Napi::Boolean::New(call.Env(), good);
             }));
  return object;
}

// decodeBase64(text, out): simdutf; the bytes written, or -1.
Napi::Value decode_base64(const Napi::CallbackInfo& info) {
  const auto text = elements<uint8_t>(info[0]);
  const auto out = elements<uint8_t>(info[1]);
  const size_t bytes = simdutf_decode({reinterpret_cast<const char*>(text.data()), text.size()},
                                      reinterpret_cast<char*>(out.data()));
  return Napi::Number::New(info.Env(), bytes == kNotBase64 ? -1 : static_cast<double>(bytes));
}

// parseFloats(parser, text, out): how many numbers, -1 for text that is no array
// of numbers, or undefined when the parser is not there.
Napi::Value parse_floats(const Napi::CallbackInfo& info) {
  const ParseFloats parse = find_float_parser(info[0].As<Napi::String>().Utf8Value());
  if (parse == nullptr) return info.Env().Undefined();
  const auto text = elements<uint8_t>(info[1]);
  const size_t count =
      parse({reinterpret_cast<const char*>(text.data()), text.size()}, elements<float>(info[2]));
  return Napi::Number::New(info.Env(), count == kNotNumbers ? -1 : static_cast<double>(count));
}

// cpuLap(laps, index): puts the CPU nanoseconds that this thread has used since
// the call before into laps[index]; a number handed over would be garbage.
// Returns false where the system has no such clock.
Napi::Value cpu_lap(const Napi::CallbackInfo& info) {
#ifdef CLOCK_THREAD_CPUTIME_ID
  thread_local int64_t before = 0;
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  const int64_t now = int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  elements<double>(info[0])[info[1].As<Napi::Number>().Uint32Value()] =
      static_cast<double>(now - before);
  before = now;
  return Napi::Boolean::New(info.Env(), true);
#else
  return Napi::Boolean::New(info.Env(), false);
#endif
}

// count(run): calls run() and has callgrind write down, in a dump of its own,
// the instructions that this thread took for it. False when this is not callgrind.
Napi::Value count(const Napi::CallbackInfo& info) {
#ifdef RIVALS_CALLGRIND
  if (RUNNING_ON_VALGRIND) {
    const auto run = info[0].As<Napi::Function>();
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    run.Call({});
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS;
    CALLGRIND_STOP_INSTRUMENTATION;
    return Napi::Boolean::New(info.Env(), true);
  }
#endif
  return Napi::Boolean::New(info.Env(), false);
}

std::vector<Library> all_libraries() {
  std::vector<Library> list = resampler_libraries();
  list.push_back({"fast_float", fast_float_version(), "install libfast-float-dev"});
  list.push_back({"std::from_chars", "of the C++ compiler", {}});
  list.push_back({"simdjson", simdjson_version(), {}});
  list.push_back({"simdutf", simdutf_there() ? "of Node" : "", "run on a Node that exports it"});
  return list;
}

Napi::Value libraries(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array list = Napi::Array::New(env);
  for (const Library& library : all_libraries()) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", library.name);
    entry.Set("version", library.version);
    entry.Set("remedy", library.remedy);
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("libraries", Napi::Function::New(env, libraries));
  exports.Set("createResampler", Napi::Function::New(env, create_resampler));
  exports.Set("createGlue", Napi::Function::New(env, create_glue));
  exports.Set("decodeBase64", Napi::Function::New(env, decode_base64));
  exports.Set("parseFloats", Napi::Function::New(env, parse_floats));
  exports.Set("count", Napi::Function::New(env, count));
  exports.Set("cpuLap", Napi::Function::New(env, cpu_lap));
  return exports;
}

}  // namespace

NODE_API_MODULE(rivals, initialise)

}  // namespace rivals
