#include "sound_calls.h"

#include <chrono>
#include <new>

#include "arguments.h"
#include "async_work.h"
#include "objects.h"
#include "sound_box.h"

namespace facewire {
namespace {

constexpr size_t kCounterLength = 16;
constexpr size_t kMostName = 4096;
constexpr int kBadRate = -9997;

int64_t steady_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

napi_value number(napi_env env, int64_t value) {
  return make_number(env, static_cast<double>(value));
}

SoundBox& box_of(const Value& value) { return value.external<SoundBox>("output"); }

// What only whoever has the card may do.
SoundBox& free_box(const Value& value) {
  SoundBox& box = box_of(value);
  if (box.is_busy)
    throw Refusal{"ERR_STATE", "the stream is being opened or closed", "a call afterwards", ""};
  return box;
}

PortAudio& library_at(const std::string& path) {
  std::string reason;
  PortAudio* library = PortAudio::load(path, reason);
  if (library == nullptr) {
    throw Refusal{"ERR_DEVICE_FAILED", "PortAudio does not load from " + path + ": " + reason,
                  "a PortAudio library for this processor", path};
  }
  return *library;
}

void refuse(const SoundFailure& failed) {
  throw Refusal{"ERR_DEVICE_FAILED", "PortAudio: " + failed.text, "",
                "error " + std::to_string(failed.code)};
}

napi_value describe(napi_env env, const SoundDevice& device) {
  napi_value object;
  napi_value is_default;
  require_ok(napi_create_object(env, &object));
  require_ok(napi_get_boolean(env, device.is_default, &is_default));
  set_property(env, object, "id", number(env, device.index));
  set_property(env, object, "name", make_string(env, device.name.c_str()));
  set_property(env, object, "host", make_string(env, device.host.c_str()));
  set_property(env, object, "channels", number(env, device.channels));
  set_property(env, object, "sampleRate", make_number(env, device.sample_rate));
  set_property(env, object, "isDefault", is_default);
  return object;
}

napi_value list(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  auto path = arguments[0].string("path", kMostName);
  auto devices = std::make_shared<std::vector<SoundDevice>>();
  napi_value kept;
  require_ok(napi_create_object(env, &kept));
  return run_aside(
      env, kept,
      [path, devices] {
        if (const SoundFailure failed = library_at(path).list(*devices)) refuse(failed);
      },
      [devices](napi_env here) {
        napi_value array;
        require_ok(napi_create_array_with_length(here, devices->size(), &array));
        for (uint32_t i = 0; i < devices->size(); ++i)
          require_ok(napi_set_element(here, array, i, describe(here, (*devices)[i])));
        return array;
      });
}

napi_value create(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  SoundOutputOptions options;
  options.sample_rate = static_cast<uint32_t>(arguments[0].integer("sampleRate", 1, 1'000'000));
  options.card_rate = static_cast<uint32_t>(arguments[1].integer("cardRate", 1, 1'000'000));
  options.ring_ms = static_cast<uint32_t>(arguments[2].integer("ringMs", 20, 10'000));
  options.follow_ms = static_cast<uint32_t>(arguments[3].integer("followMs", 0, 5'000));
  Errc error = Errc::ok;
  auto output = SoundOutput::create(options, error);
  if (error == Errc::out_of_memory) throw std::bad_alloc();
  if (error == Errc::unsupported_rate) {
    throw Refusal{"ERR_SAMPLE_RATE_UNSUPPORTED",
                  "sound cannot be converted to the rate of the card",
                  "8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000 or 96000",
                  std::to_string(options.sample_rate) + " to " + std::to_string(options.card_rate)};
  }
  if (output == nullptr)
    throw Refusal{"ERR_OPTION_INVALID", "followMs is more than half of ringMs", "", ""};
  return make_external(env, std::make_unique<SoundBox>(std::move(output)));
}

napi_value open(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  SoundBox& box = free_box(arguments[0]);
  auto path = arguments[1].string("path", kMostName);
  StreamRequest request;
  request.name = arguments[2].string("name", kMostName);
  request.host = arguments[3].string("host", kMostName);
  request.latency_ms = arguments[4].number("latencyMs", 0, 2000);
  request.block_frames = static_cast<uint32_t>(arguments[5].integer("blockFrames", 0, 65'536));
  if (box.stream != nullptr) throw Refusal{"ERR_STATE", "the stream is open", "close() before", ""};
  struct Opened {
    SoundFailure failed;
    SoundDevice device;
  };
  auto opened = std::make_shared<Opened>();
  box.is_busy = true;
  box.output->begin_card();
  const auto work = [&box, path, request, opened] {
    opened->failed =
        PortAudioStream::open(library_at(path), request, *box.output, opened->device, box.stream);
  };
  const auto finish = [opened, &box](napi_env here) {
    if (opened->failed && opened->failed.code != kBadRate) refuse(opened->failed);
    const napi_value object = describe(here, opened->device);
    const bool open = box.stream != nullptr;
    set_property(here, object, "latencyMs",
                 make_number(here, open ? box.stream->latency_ms() : -1));
    return object;
  };
  return run_aside(env, arguments[0].raw(), work, finish, [&box] {
    if (box.stream == nullptr) box.output->end_card();
    box.is_busy = false;
  });
}

napi_value close(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  SoundBox& box = free_box(arguments[0]);
  box.is_busy = true;
  return run_aside(
      env, arguments[0].raw(), [&box] { box.stream.reset(); },
      [](napi_env here) {
        napi_value nothing;
        require_ok(napi_get_undefined(here, &nothing));
        return nothing;
      },
      [&box] {
        box.output->end_card();
        box.is_busy = false;
      });
}

// 0 none, 1 plays, 2 was ended by the system, 3 is being opened or closed.
napi_value state(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const SoundBox& box = box_of(arguments[0]);
  if (box.is_busy) return number(env, 3);
  if (box.stream == nullptr) return number(env, 0);
  return number(env, box.stream->is_active() ? 1 : 2);
}

napi_value room(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, static_cast<int64_t>(box_of(arguments[0]).output->room()));
}

napi_value write(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  SoundBox& box = box_of(arguments[0]);
  const bool flows = arguments[2].integer("flows", 0, 1) != 0;
  const auto audio = arguments[1].floats("audio");
  return number(env, static_cast<int64_t>(box.output->write(audio, steady_now(), flows).count));
}

napi_value flush(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, box_of(arguments[0]).output->flush());
}

napi_value finish(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, box_of(arguments[0]).output->finish() ? 1 : 0);
}

napi_value written(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, box_of(arguments[0]).output->written());
}

napi_value position(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, box_of(arguments[0]).output->position(steady_now()));
}

napi_value is_drained(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return number(env, box_of(arguments[0]).output->is_drained(steady_now()) ? 1 : 0);
}

napi_value pass_silently(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  SoundBox& box = box_of(arguments[0]);
  constexpr double kWeekMs = 604'800'000;
  const double past_ms = arguments[1].number("pastMs", 0, kWeekMs);
  if (!box.is_busy) {
    const int64_t now = steady_now();
    box.output->pass_silently(now, now - static_cast<int64_t>(past_ms * 1e6));
  }
  return nullptr;
}

napi_value read_counters(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const SoundOutput& output = *box_of(arguments[0]).output;
  const SoundCounters counters = output.counters();
  const auto out = arguments[1].doubles("out", kCounterLength);
  const int64_t age = counters.last_block_ns == 0 ? -1 : steady_now() - counters.last_block_ns;
  size_t column = 0;
  for (const int64_t count :
       {counters.played_frames, counters.silent_frames, counters.starved_events,
        counters.starved_frames, counters.card_underruns, counters.card_underrun_frames,
        counters.blocks, counters.unheard_frames, counters.voided_frames, counters.skipped_frames})
    out[column++] = static_cast<double>(count);
  out[column++] = age < 0 ? -1 : static_cast<double>(age) * 1e-6;
  out[column++] = static_cast<double>(counters.latency_ns) * 1e-6;
  out[column++] = counters.has_no_clock ? 1 : 0;
  out[column++] = output.drift_ppm();
  return nullptr;
}

}  // namespace

napi_value make_sound_calls(napi_env env) {
  return make_functions(env, {{"list", guarded<list>},
                              {"create", guarded<create>},
                              {"open", guarded<open>},
                              {"close", guarded<close>},
                              {"state", guarded<state>},
                              {"room", guarded<room>},
                              {"write", guarded<write>},
                              {"flush", guarded<flush>},
                              {"finish", guarded<finish>},
                              {"written", guarded<written>},
                              {"position", guarded<position>},
                              {"isDrained", guarded<is_drained>},
                              {"passSilently", guarded<pass_silently>},
                              {"readCounters", guarded<read_counters>}});
}

}  // namespace facewire
