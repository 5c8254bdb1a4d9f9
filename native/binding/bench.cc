#include "bench.h"

#include <algorithm>
#include <array>
#include <charconv>
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
#include "objects.h"
#include "read_message.h"
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

struct ResamplerBox : External {
  static constexpr ExternalKind kKind = ExternalKind::resampler;

  ResamplerBox() noexcept : External{kKind} {}

  std::unique_ptr<Resampler> resampler;
};

// The converter that the arguments table, inputRate and outputRate, and an
// optional `quality`, describe.
std::unique_ptr<Resampler> make_resampler(const Value& kernels, const Value& input,
                                          const Value& output, const Value& quality) {
  const std::string name = quality.is_undefined() ? "standard" : quality.string("quality", 32);
  if (name != "standard" && name != "archive")
    throw Refusal{"ERR_OPTION_INVALID", "no quality of that name", "standard or archive", name};
  const auto input_rate = static_cast<uint32_t>(input.integer("inputRate", 1, 1'000'000));
  const auto output_rate = static_cast<uint32_t>(output.integer("outputRate", 1, 1'000'000));
  auto resampler = Resampler::create(
      {.input_rate = input_rate,
       .output_rate = output_rate,
       .channels = 1,
       .quality = name == "archive" ? ResamplerQuality::archive : ResamplerQuality::standard},
      table(kernels));
  if (resampler == nullptr)
    throw Refusal{"ERR_SAMPLE_RATE_UNSUPPORTED", "no converter between these rates", {}, {}};
  return resampler;
}

napi_value resample(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const auto resampler = make_resampler(arguments[0], arguments[1], arguments[2], arguments[5]);
  const auto input = arguments[3].shorts("input");
  const auto out = arguments[4].floats("out");
  const Result most = resampler->process(input, out);
  if (!most) refuse_short_output("converted audio");
  const Result rest = resampler->flush(out.subspan(most.count));
  if (!rest) refuse_short_output("converted audio");
  return make_number(env, static_cast<double>(most.count + rest.count));
}

napi_value create_resampler(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  auto box = std::make_unique<ResamplerBox>();
  box->resampler = make_resampler(arguments[0], arguments[1], arguments[2], arguments[3]);
  return make_external(env, std::move(box));
}

// Feeds all of the input in chunks, as a stream gets it.
napi_value resample_chunks(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  Resampler& resampler = *arguments[0].external<ResamplerBox>("resampler").resampler;
  const auto input = arguments[1].shorts("input");
  const auto chunk = static_cast<size_t>(arguments[2].integer("chunkFrames", 1, 1 << 24));
  const auto out = arguments[3].floats("out");
  size_t written = 0;
  for (size_t at = 0; at < input.size(); at += chunk) {
    const auto part = input.subspan(at, std::min(chunk, input.size() - at));
    const Result result = resampler.process(part, out.subspan(written));
    if (!result) refuse_short_output("converted audio");
    written += result.count;
  }
  return make_number(env, static_cast<double>(written));
}

// Bytes of heap that one more converter of a kind takes once it runs, tables
// that all share left out, or -1 where the C library does not tell what is in use.
napi_value resampler_bytes(napi_env env, napi_callback_info info) {
#ifdef FACEWIRE_TELLS_HEAP
  const Arguments<4> arguments(env, info);
  constexpr size_t kCount = 256;
  std::vector<std::unique_ptr<Resampler>> resamplers(kCount + 1);
  const std::vector<int16_t> input(480);
  std::vector<float> out(16 * input.size());
  const auto run = [&](std::unique_ptr<Resampler>& resampler) {
    resampler = make_resampler(arguments[0], arguments[1], arguments[2], arguments[3]);
    if (!resampler->process(input, out)) refuse_short_output("converted audio");
  };
  run(resamplers[kCount]);
  const size_t before = mallinfo2().uordblks;
  for (size_t i = 0; i < kCount; ++i) run(resamplers[i]);
  const size_t after = mallinfo2().uordblks;
  return make_number(env, static_cast<double>(after - before) / kCount);
#else
  static_cast<void>(info);
  return make_number(env, -1);
#endif
}

// parseFloats(table, text, out): a JSON array of numbers by the kernel, and what
// the kernel leaves as the reader does it. `out` needs room for 4 more.
napi_value parse_floats(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const TextKernels& kernels = *table(arguments[0]).text;
  const auto text = arguments[1].bytes("text");
  const auto out = arguments[2].floats("out");
  const auto* const end = text.data() + text.size();
  const auto blanks = [&](const uint8_t* at) {
    while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
    return at;
  };
  const Refusal malformed{"ERR_WIRE_MALFORMED", "not a JSON array of numbers", {}, {}};
  const uint8_t* at = blanks(text.data());
  if (at == end || *at != '[') throw malformed;
  size_t count = 0;
  do {
    ++at;
    size_t read = 0;
    at += kernels.number_list(at, static_cast<size_t>(end - at), out.data() + count,
                              out.size() - count, &read);
    count += read;
    if (count == out.size()) refuse_short_output("numbers");
    double number = 0;
    const auto [behind, error] = std::from_chars(reinterpret_cast<const char*>(blanks(at)),
                                                 reinterpret_cast<const char*>(end), number);
    if (error != std::errc()) throw malformed;
    out[count++] = static_cast<float>(number);
    at = blanks(reinterpret_cast<const uint8_t*>(behind));
  } while (at != end && *at == ',');
  if (at == end || *at != ']') throw malformed;
  return make_number(env, static_cast<double>(count));
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

// cubicRows(table, rows, width, rowsPerTrack, positions, out): the cubic alone, for
// many tracks that lie one after the other, every row followed by its slopes as a
// session keeps them. Row i of `out` is track i at positions[i], counted in rows and
// before the last.
napi_value cubic_rows(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const FaceKernels& kernels = *table(arguments[0]).face;
  const auto rows = arguments[1].floats("rows");
  const auto width = static_cast<size_t>(arguments[2].integer("width", 1, kMostWidth));
  const auto per_track = static_cast<size_t>(arguments[3].integer("rowsPerTrack", 2, 1 << 20));
  const auto positions = arguments[4].doubles("positions");
  const auto out = arguments[5].floats("out", positions.size() * width);
  if (rows.size() < positions.size() * per_track * 2 * width)
    throw Refusal{"ERR_OPTION_INVALID", "rows are fewer than the positions need", {}, {}};
  for (size_t i = 0; i < positions.size(); ++i) {
    const double at = positions[i];
    if (!(at >= 0 && at < static_cast<double>(per_track - 1)))
      throw Refusal{"ERR_OPTION_INVALID", "a position is outside its track", {}, {}};
    const auto row = static_cast<size_t>(at);
    const float* from = rows.data() + (i * per_track + row) * 2 * width;
    const float* to = from + 2 * width;
    kernels.hermite(from, from + width, to, to + width, width,
                    static_cast<float>(at - static_cast<double>(row)), out.data() + i * width);
  }
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
                              {"createResampler", guarded<create_resampler>},
                              {"resampleChunks", guarded<resample_chunks>},
                              {"resamplerBytes", guarded<resampler_bytes>},
                              {"parseFloats", guarded<parse_floats>},
                              {"interpolate", guarded<interpolate>},
                              {"readMessage", guarded<read_message>},
                              {"cubicRows", guarded<cubic_rows>},
                              {"push", guarded<push>}});
}

}  // namespace facewire
