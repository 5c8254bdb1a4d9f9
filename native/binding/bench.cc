#include "bench.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "arguments.h"
#include "facewire/kernels.h"
#include "facewire/message.h"
#include "facewire/resampler.h"
#include "objects.h"
#include "session_box.h"

namespace facewire {
namespace {

constexpr size_t kMostWidth = 1024;

const KernelTable& table(const Value& value) {
  const std::string name = value.string("table", 32);
  const KernelTable* found = find_kernels(name);
  if (found == nullptr) {
    throw Refusal{"ERR_OPTION_INVALID", "this CPU has no kernel table of that name",
                  "one of availableKernels", name};
  }
  return *found;
}

[[noreturn]] void refuse_short_output(const char* of) {
  throw Refusal{"ERR_OPTION_INVALID", std::string("out is too short for the ") + of, {}, {}};
}

napi_value decode(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const KernelTable& kernels = table(arguments[0]);
  const Result result =
      decode_base64(kernels, arguments[1].bytes("text"), arguments[2].bytes("out"));
  if (result.error == Errc::output_too_small) refuse_short_output("decoded bytes");
  if (!result) {
    throw Refusal{
        "ERR_BASE64_INVALID", "not base64 from position " + std::to_string(result.count), {}, {}};
  }
  return make_number(env, static_cast<double>(result.count));
}

napi_value resample(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const KernelTable& kernels = table(arguments[0]);
  const auto input_rate = arguments[1].integer("inputRate", 1, 1'000'000);
  const auto output_rate = arguments[2].integer("outputRate", 1, 1'000'000);
  const auto input = arguments[3].shorts("input");
  const auto out = arguments[4].floats("out");
  const std::string quality =
      arguments[5].is_undefined() ? "standard" : arguments[5].string("quality", 32);
  if (quality != "standard" && quality != "archive")
    throw Refusal{"ERR_OPTION_INVALID", "no quality of that name", "standard or archive", quality};
  const auto resampler = Resampler::create(
      {.input_rate = static_cast<uint32_t>(input_rate),
       .output_rate = static_cast<uint32_t>(output_rate),
       .channels = 1,
       .quality = quality == "archive" ? ResamplerQuality::archive : ResamplerQuality::standard},
      kernels);
  if (resampler == nullptr)
    throw Refusal{"ERR_SAMPLE_RATE_UNSUPPORTED", "no converter between these rates", {}, {}};
  const Result most = resampler->process(input, out);
  if (!most) refuse_short_output("converted audio");
  const Result rest = resampler->flush(out.subspan(most.count));
  if (!rest) refuse_short_output("converted audio");
  return make_number(env, static_cast<double>(most.count + rest.count));
}

napi_value interpolate(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  const KernelTable& kernels = table(arguments[0]);
  const auto frames = arguments[1].floats("frames");
  const auto width = static_cast<size_t>(arguments[2].integer("width", 1, kMostWidth));
  const double position = arguments[3].number("position", 0, 1e9);
  const auto out = arguments[4].floats("out", width);
  const auto rows = static_cast<int64_t>(frames.size() / width);
  if (rows == 0) throw Refusal{"ERR_OPTION_INVALID", "frames holds no whole row", {}, {}};
  const double at = std::min(position, static_cast<double>(rows - 1));
  const auto base = static_cast<int64_t>(at);
  const auto row = [&](int64_t index) {
    return frames.data() + static_cast<size_t>(std::clamp<int64_t>(index, 0, rows - 1)) * width;
  };
  std::array<float, 2 * kMostWidth> slopes;
  kernels.face->monotone_slopes(row(base - 1), row(base), row(base + 1), width, slopes.data());
  kernels.face->monotone_slopes(row(base), row(base + 1), row(base + 2), width,
                                slopes.data() + width);
  kernels.face->hermite(row(base), slopes.data(), row(base + 1), slopes.data() + width, width,
                        static_cast<float>(at - static_cast<double>(base)), out.data());
  return nullptr;
}

// The work of `times` calls of push() in one crossing.
napi_value push(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  Session& session = *open_box(arguments[0]).session;
  const auto bytes = arguments[1].bytes("bytes");
  const int64_t times = arguments[2].integer("times", 0, 1'000'000'000);
  Message message;
  for (int64_t i = 0; i < times; ++i) session.push(bytes, message);
  return nullptr;
}

// What the message reader alone makes of one frame.
napi_value read_message(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const auto bytes = arguments[0].bytes("bytes");
  const auto reader = MessageReader::create(bytes.size());
  Message message;
  const Result result = reader->read(bytes, message);
  napi_value out;
  require_ok(napi_create_object(env, &out));
  const auto number = [&](const char* name, auto value) {
    set_property(env, out, name, make_number(env, static_cast<double>(value)));
  };
  const auto boolean = [&](const char* name, bool value) {
    napi_value made;
    require_ok(napi_get_boolean(env, value, &made));
    set_property(env, out, name, made);
  };
  const auto range = [&](const char* name, ByteRange where) {
    napi_value made;
    require_ok(napi_create_string_utf8(env,
                                       reinterpret_cast<const char*>(bytes.data()) + where.begin,
                                       where.end - where.begin, &made));
    set_property(env, out, name, made);
  };
  const auto array = [&](const char* name, napi_typedarray_type type, const auto& values) {
    const size_t size = values.size_bytes();
    void* data = nullptr;
    napi_value buffer;
    napi_value made;
    require_ok(napi_create_arraybuffer(env, size, &data, &buffer));
    if (size > 0) std::memcpy(data, values.data(), size);
    require_ok(napi_create_typedarray(env, type, values.size(), buffer, 0, &made));
    set_property(env, out, name, made);
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
  array("features", napi_float32_array, message.features);
  array("pcm", napi_uint8_array, message.pcm);
  return out;
}

}  // namespace

napi_value make_bench(napi_env env) {
  return make_functions(env, {{"decodeBase64", guarded<decode>},
                              {"resample", guarded<resample>},
                              {"interpolate", guarded<interpolate>},
                              {"readMessage", guarded<read_message>},
                              {"push", guarded<push>}});
}

}  // namespace facewire
