#include "bench.h"

#include <algorithm>
#include <cmath>

#include "arguments.h"
#include "facewire/kernels.h"
#include "facewire/message.h"
#include "facewire/resampler.h"

namespace facewire {
namespace {

const KernelTable& table_argument(Napi::Value value) {
  const std::string name = string_argument(value, "table", 32);
  const KernelTable* table = find_kernels(name);
  if (table == nullptr) {
    throw_coded(value.Env(), "ERR_OPTION_INVALID", "this CPU has no kernel table of that name",
                "one of availableKernels", name);
  }
  return *table;
}

Napi::Value decode(const Napi::CallbackInfo& info) {
  const KernelTable& table = table_argument(info[0]);
  const auto text = bytes_argument(info[1], "text");
  const auto out = bytes_argument(info[2], "out");
  const Result result = decode_base64(table, text, out);
  if (result.error == Errc::output_too_small) {
    throw_coded(info.Env(), "ERR_OPTION_INVALID", "out is too short for the decoded bytes");
  }
  if (!result) {
    throw_coded(info.Env(), "ERR_BASE64_INVALID",
                "not base64 from position " + std::to_string(result.count));
  }
  return Napi::Number::New(info.Env(), static_cast<double>(result.count));
}

Napi::Value resample(const Napi::CallbackInfo& info) {
  const KernelTable& table = table_argument(info[0]);
  const auto input_rate = integer_argument(info[1], "inputRate", 1, 1'000'000);
  const auto output_rate = integer_argument(info[2], "outputRate", 1, 1'000'000);
  const auto input = shorts_argument(info[3], "input");
  const auto out = floats_argument(info[4], "out");
  const std::string quality =
      info[5].IsUndefined() ? "standard" : string_argument(info[5], "quality", 32);
  if (quality != "standard" && quality != "archive") {
    throw_coded(info.Env(), "ERR_OPTION_INVALID", "there is no such quality", "standard or archive",
                quality);
  }
  const auto resampler = Resampler::create(
      {.input_rate = static_cast<uint32_t>(input_rate),
       .output_rate = static_cast<uint32_t>(output_rate),
       .channels = 1,
       .quality = quality == "archive" ? ResamplerQuality::archive : ResamplerQuality::standard},
      table);
  if (resampler == nullptr) {
    throw_coded(info.Env(), "ERR_SAMPLE_RATE_UNSUPPORTED", "no converter between these rates");
  }
  const Result most = resampler->process(input, out);
  if (!most)
    throw_coded(info.Env(), "ERR_OPTION_INVALID", "out is too short for the converted audio");
  const Result rest = resampler->flush(out.subspan(most.count));
  if (!rest)
    throw_coded(info.Env(), "ERR_OPTION_INVALID", "out is too short for the converted audio");
  return Napi::Number::New(info.Env(), static_cast<double>(most.count + rest.count));
}

void interpolate(const Napi::CallbackInfo& info) {
  const KernelTable& table = table_argument(info[0]);
  const auto frames = floats_argument(info[1], "frames");
  const auto width = static_cast<size_t>(integer_argument(info[2], "width", 1, 1024));
  const double position = number_argument(info[3], "position", 0, 1e9);
  const auto out = floats_argument(info[4], "out", width);
  const auto rows = static_cast<int64_t>(frames.size() / width);
  if (rows == 0) throw_coded(info.Env(), "ERR_OPTION_INVALID", "frames holds no whole row");
  const double at = std::min(position, static_cast<double>(rows - 1));
  const auto base = static_cast<int64_t>(at);
  const auto row = [&](int64_t index) {
    return frames.data() + static_cast<size_t>(std::clamp<int64_t>(index, 0, rows - 1)) * width;
  };
  table.face->monotone_cubic(row(base - 1), row(base), row(base + 1), row(base + 2), width,
                             static_cast<float>(at - static_cast<double>(base)), out.data());
}

// What the message reader alone makes of one frame.
Napi::Value read_message(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto bytes = bytes_argument(info[0], "bytes");
  const auto reader = MessageReader::create(bytes.size());
  Message message;
  const Result result = reader->read(bytes, message);
  Napi::Object out = Napi::Object::New(env);
  const auto number = [&](const char* name, auto value) {
    out.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  const auto boolean = [&](const char* name, bool value) {
    out.Set(name, Napi::Boolean::New(env, value));
  };
  const auto range = [&](const char* name, ByteRange where) {
    const char* text = reinterpret_cast<const char*>(bytes.data());
    out.Set(name, Napi::String::New(env, text + where.begin, where.end - where.begin));
  };
  number("error", result.error);
  number("errorPosition", result.error == Errc::ok ? 0 : result.count);
  number("kind", message.kind);
  number("warnings", message.warnings);
  number("headerCode", message.header_code);
  number("payloadErrorCode", message.payload_error_code);
  number("sampleRate", message.sample_rate);
  number("featureDimension", message.feature_dimension);
  number("clause", message.clause);
  boolean("familyKnown", message.family_known);
  boolean("final", message.final);
  boolean("sentenceStart", message.sentence_start);
  boolean("sentenceFinal", message.sentence_final);
  boolean("featuresFinal", message.features_final);
  range("requestId", message.request_id);
  range("headerMessage", message.header_message);
  range("errorMessage", message.error_message);
  range("phones", message.phones);
  range("words", message.words);
  range("subtitles", message.subtitles);
  range("actions", message.actions);
  range("expressions", message.expressions);
  Napi::Float32Array features = Napi::Float32Array::New(env, message.features.size());
  std::copy(message.features.begin(), message.features.end(), features.Data());
  out.Set("features", features);
  out.Set("pcm", Napi::Buffer<uint8_t>::Copy(env, message.pcm.data(), message.pcm.size()));
  return out;
}

}  // namespace

Napi::Object make_bench(Napi::Env env) {
  Napi::Object bench = Napi::Object::New(env);
  bench.Set("decodeBase64", Napi::Function::New(env, decode, "decodeBase64"));
  bench.Set("resample", Napi::Function::New(env, resample, "resample"));
  bench.Set("interpolate", Napi::Function::New(env, interpolate, "interpolate"));
  bench.Set("readMessage", Napi::Function::New(env, read_message, "readMessage"));
  return bench;
}

}  // namespace facewire
