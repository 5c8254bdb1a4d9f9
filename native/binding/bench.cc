#include "bench.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#if __GLIBC_PREREQ(2, 33)
#define FACEWIRE_TELLS_HEAP
#endif
#endif

#include "arguments.h"
#include "facewire/kernels.h"
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

// The converter that the arguments table, inputRate, outputRate (from `first` on)
// and `quality` describe.
std::unique_ptr<Resampler> resampler_argument(const Napi::CallbackInfo& info, size_t first,
                                              Napi::Value quality) {
  const KernelTable& table = table_argument(info[first]);
  const auto input_rate = integer_argument(info[first + 1], "inputRate", 1, 1'000'000);
  const auto output_rate = integer_argument(info[first + 2], "outputRate", 1, 1'000'000);
  if (!quality.IsUndefined()) {
    const std::string name = string_argument(quality, "quality", 32);
    if (name != "standard") {
      throw_coded(info.Env(), "ERR_OPTION_INVALID", "no quality of that name", "standard", name);
    }
  }
  auto resampler = Resampler::create(static_cast<uint32_t>(input_rate),
                                     static_cast<uint32_t>(output_rate), table);
  if (resampler == nullptr) {
    throw_coded(info.Env(), "ERR_SAMPLE_RATE_UNSUPPORTED", "no converter between these rates");
  }
  return resampler;
}

[[noreturn]] void throw_out_too_short(Napi::Env env) {
  throw_coded(env, "ERR_OPTION_INVALID", "out is too short for the converted audio");
}

Napi::Value resample(const Napi::CallbackInfo& info) {
  const auto resampler = resampler_argument(info, 0, info[5]);
  const auto input = shorts_argument(info[3], "input");
  const auto out = floats_argument(info[4], "out");
  const Result most = resampler->process(input, out);
  if (!most) throw_out_too_short(info.Env());
  const Result rest = resampler->flush(out.subspan(most.count));
  if (!rest) throw_out_too_short(info.Env());
  return Napi::Number::New(info.Env(), static_cast<double>(most.count + rest.count));
}

// An object with process(input, chunkFrames, out), which feeds all of `input` in
// chunks and returns the frames written.
Napi::Value create_resampler(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Resampler> resampler = resampler_argument(info, 0, info[3]);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("process",
             Napi::Function::New(info.Env(), [resampler](const Napi::CallbackInfo& call) {
               const auto input = shorts_argument(call[0], "input");
               const auto chunk =
                   static_cast<size_t>(integer_argument(call[1], "chunkFrames", 1, 1 << 24));
               const auto out = floats_argument(call[2], "out");
               size_t written = 0;
               for (size_t at = 0; at < input.size(); at += chunk) {
                 const auto part = input.subspan(at, std::min(chunk, input.size() - at));
                 const Result result = resampler->process(part, out.subspan(written));
                 if (!result) throw_out_too_short(call.Env());
                 written += result.count;
               }
               return Napi::Number::New(call.Env(), static_cast<double>(written));
             }));
  return object;
}

// Bytes of heap that one more converter of a kind takes once it runs, tables that all share
// left out, or -1 where the C library does not tell what is in use.
Napi::Value resampler_bytes(const Napi::CallbackInfo& info) {
#ifdef FACEWIRE_TELLS_HEAP
  constexpr size_t kCount = 256;
  std::vector<std::unique_ptr<Resampler>> resamplers(kCount + 1);
  const std::vector<int16_t> input(480);
  std::vector<float> out(16 * input.size());
  const auto run = [&](std::unique_ptr<Resampler>& resampler) {
    resampler = resampler_argument(info, 0, info[3]);
    if (!resampler->process(input, out)) throw_out_too_short(info.Env());
  };
  run(resamplers[kCount]);
  const size_t before = mallinfo2().uordblks;
  for (size_t i = 0; i < kCount; ++i) run(resamplers[i]);
  const size_t after = mallinfo2().uordblks;
  return Napi::Number::New(info.Env(), static_cast<double>(after - before) / kCount);
#else
  return Napi::Number::New(info.Env(), -1);
#endif
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

}  // namespace

Napi::Object make_bench(Napi::Env env) {
  Napi::Object bench = Napi::Object::New(env);
  bench.Set("decodeBase64", Napi::Function::New(env, decode, "decodeBase64"));
  bench.Set("resample", Napi::Function::New(env, resample, "resample"));
  bench.Set("createResampler", Napi::Function::New(env, create_resampler, "createResampler"));
  bench.Set("resamplerBytes", Napi::Function::New(env, resampler_bytes, "resamplerBytes"));
  bench.Set("interpolate", Napi::Function::New(env, interpolate, "interpolate"));
  return bench;
}

}  // namespace facewire
