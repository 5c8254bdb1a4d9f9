#include "phone_calls.h"

#include <algorithm>
#include <new>

#include "arguments.h"
#include "facewire/render_phones.h"
#include "objects.h"
#include "phone_list.h"

namespace facewire {
namespace {

// Bits of the flags; see src/media/binding.ts.
constexpr uint32_t kConstraints = 1;
constexpr size_t kMostSymbolBytes = 16u << 20;
constexpr double kMostSamples = 1e12;
constexpr size_t kSegmentsOfPhone = 6;

napi_value render(napi_env env, napi_callback_info info) {
  const Arguments<10> arguments(env, info);
  const std::string symbols = arguments[0].string("symbols", kMostSymbolBytes);
  const auto times = arguments[1].doubles("times");
  const PhoneList phones(symbols, times, kMostSamples);
  const auto rate = static_cast<uint32_t>(arguments[2].integer("sampleRate", 1000, 192'000));
  RenderOptions options;
  options.frame_rate_num =
      static_cast<uint32_t>(arguments[3].integer("frameRateNum", 1, 1'000'000));
  options.frame_rate_den =
      static_cast<uint32_t>(arguments[4].integer("frameRateDen", 1, 1'000'000));
  options.mouth_lead = arguments[5].integer("mouthLeadSamples", -192'000, 192'000);
  const bool rules = (arguments[6].integer("flags", 0, 255) & kConstraints) != 0;
  options.rules = {.closure = rules, .tuck = rules, .opening = rules};
  options.level = arguments[7].floats("level");
  const auto out = arguments[8].floats("out");
  const auto alphabet = static_cast<Alphabet>(
      arguments[9].integer("alphabet", 0, static_cast<int64_t>(Alphabet::ipa)));

  PhoneTrack track(rate, (phones.size() + 1) * kSegmentsOfPhone);
  if (!track.reserve(phones.size())) throw std::bad_alloc();
  phones.for_each([&](std::string_view symbol, int64_t start, int64_t end) {
    static_cast<void>(track.append({symbol, start, end}, alphabet));
  });
  render_phones(track, options, out);
  return nullptr;
}

}  // namespace

napi_value make_phone_calls(napi_env env) {
  return make_functions(env, {{"render", guarded<render>}});
}

}  // namespace facewire
