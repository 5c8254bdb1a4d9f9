#include "bench.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "arguments.h"
#include "facewire/kernels.h"
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
  const Arguments<5> arguments(env, info);
  const KernelTable& kernels = table(arguments[0]);
  const auto input_rate = arguments[1].integer("inputRate", 1, 1'000'000);
  const auto output_rate = arguments[2].integer("outputRate", 1, 1'000'000);
  const auto input = arguments[3].shorts("input");
  const auto out = arguments[4].floats("out");
  const auto resampler = Resampler::create(static_cast<uint32_t>(input_rate),
                                           static_cast<uint32_t>(output_rate), kernels);
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

}  // namespace

napi_value make_bench(napi_env env) {
  return make_functions(env, {{"decodeBase64", guarded<decode>},
                              {"resample", guarded<resample>},
                              {"interpolate", guarded<interpolate>},
                              {"push", guarded<push>}});
}

}  // namespace facewire
