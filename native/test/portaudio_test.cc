// PortAudio found at run time, with a library of our own in its place.
#include "facewire/portaudio.h"

#include <dlfcn.h>

#include "check.h"

using facewire::Errc;
using facewire::PortAudio;
using facewire::PortAudioStream;
using facewire::SoundDevice;
using facewire::SoundFailure;
using facewire::SoundOutput;

namespace {

constexpr const char* kPath = FACEWIRE_FAKE_PORTAUDIO;

PortAudio& library() {
  std::string reason;
  PortAudio* loaded = PortAudio::load(kPath, reason);
  if (loaded == nullptr) std::printf("%s\n", reason.c_str());
  return *loaded;
}

template <typename Function>
Function* fake(const char* name) {
  return reinterpret_cast<Function*>(dlsym(dlopen(kPath, RTLD_NOW), name));
}

std::unique_ptr<SoundOutput> output(uint32_t rate) {
  Errc error;
  return SoundOutput::create({.sample_rate = rate, .card_rate = rate}, error);
}

}  // namespace

TEST(what_is_no_portaudio_is_told) {
  std::string reason;
  CHECK(PortAudio::load("/no/such/library.so", reason) == nullptr);
  CHECK(reason.find("/no/such/library.so") != std::string::npos);
  CHECK(PortAudio::load("libm.so.6", reason) == nullptr);
  CHECK(reason == "it has no Pa_GetVersionText");
  CHECK(&library() == &library());
  CHECK(library().version() == "fake 19");
}

TEST(lists_what_plays_and_is_initialised_only_meanwhile) {
  std::vector<SoundDevice> devices;
  CHECK(!library().list(devices));
  if (!CHECK_EQUAL(devices.size(), 2u)) return;
  CHECK(devices[0].name == "Speakers" && devices[0].host == "Fake" && devices[0].is_default);
  CHECK(devices[1].name == "Phone" && devices[1].channels == 1 && !devices[1].is_default);
  CHECK_EQUAL(fake<int()>("fake_initialised")(), 0);
}

TEST(a_stream_plays_the_output_until_it_is_unplugged) {
  const auto sound = output(48000);
  SoundDevice device;
  std::unique_ptr<PortAudioStream> stream;
  CHECK(!PortAudioStream::open(library(), {}, *sound, device, stream));
  if (!CHECK(stream != nullptr)) return;
  CHECK(device.name == "Speakers");
  CHECK_EQUAL(fake<int()>("fake_initialised")(), 1);
  CHECK_EQUAL(fake<int()>("fake_channels")(), 2);
  CHECK_EQUAL(static_cast<int>(stream->latency_ms() + 0.5), 42);
  CHECK(stream->is_active());

  CHECK(sound->write(std::vector<float>(960, 0.5f), 0));
  std::vector<short> out(2 * 480);
  const auto block = fake<int(short*, unsigned long, double)>("fake_block");
  CHECK_EQUAL(block(out.data(), 480, 0.025), 0);
  CHECK_EQUAL(out.back(), 16384);
  CHECK_EQUAL(sound->counters().latency_ns / 1000, 25000);
  // A system that tells no time: what was promised.
  const auto other = sound->counters().latency_ns;
  CHECK_EQUAL(block(out.data(), 480, 0), 0);
  CHECK(sound->counters().latency_ns > other);

  fake<void()>("fake_unplug")();
  CHECK(!stream->is_active());
  stream.reset();
  CHECK_EQUAL(fake<int()>("fake_initialised")(), 0);
}

TEST(a_lost_stream_that_returns_pulls_nothing_away_from_another) {
  const auto lost_sound = output(48000);
  const auto other_sound = output(48000);
  SoundDevice device;
  std::unique_ptr<PortAudioStream> lost, other;
  CHECK(!PortAudioStream::open(library(), {}, *lost_sound, device, lost));
  CHECK(!PortAudioStream::open(library(), {}, *other_sound, device, other));
  const auto terminations = fake<int()>("fake_terminations");
  const int before = terminations();
  CHECK_EQUAL(fake<int()>("fake_initialised")(), 1);
  for (int round = 0; round < 3; ++round) {
    fake<void()>("fake_unplug")();
    lost.reset();
    // Looks for it, in vain and then with success.
    std::vector<SoundDevice> devices;
    CHECK(!library().list(devices));
    CHECK(
        PortAudioStream::open(library(), {.name = "Gone", .host = ""}, *lost_sound, device, lost));
    CHECK(!PortAudioStream::open(library(), {}, *lost_sound, device, lost));
    CHECK_EQUAL(fake<int()>("fake_initialised")(), 1);
    CHECK_EQUAL(terminations(), before);
  }
  // When both are gone the devices are looked for anew, and only then.
  lost.reset();
  CHECK_EQUAL(terminations(), before);
  other.reset();
  CHECK_EQUAL(terminations(), before + 1);
  CHECK(!PortAudioStream::open(library(), {}, *lost_sound, device, lost));
  lost.reset();
  CHECK_EQUAL(terminations(), before + 2);
  CHECK_EQUAL(fake<int()>("fake_was_pulled_away")(), 0);
}

TEST(a_card_that_takes_all_at_once_is_stopped) {
  const auto sound = output(48000);
  SoundDevice device;
  std::unique_ptr<PortAudioStream> stream;
  CHECK(!PortAudioStream::open(library(), {}, *sound, device, stream));
  std::vector<short> out(2 * 480);
  const auto block = fake<int(short*, unsigned long, double)>("fake_block");
  int result = 0;
  for (int i = 0; i < 100'000 && result == 0; ++i) result = block(out.data(), 480, 0.025);
  CHECK_EQUAL(result, 2);
  CHECK(!stream->is_active());
  CHECK(sound->counters().has_no_clock);
}

TEST(refusals_are_told_and_leave_nothing_open) {
  const auto sound = output(48000);
  SoundDevice device;
  std::unique_ptr<PortAudioStream> stream;
  SoundFailure failed =
      PortAudioStream::open(library(), {.name = "Gone", .host = ""}, *sound, device, stream);
  CHECK(failed.text.find("not there") != std::string::npos);
  failed =
      PortAudioStream::open(library(), {.name = "Phone", .host = "Other"}, *sound, device, stream);
  CHECK(failed);
  // The rate is refused, and the one that it wants is known.
  failed =
      PortAudioStream::open(library(), {.name = "Phone", .host = "Fake"}, *sound, device, stream);
  CHECK_EQUAL(failed.code, -9997);
  CHECK_EQUAL(static_cast<int>(device.sample_rate), 44100);
  failed = PortAudioStream::open(library(), {.name = "", .host = "", .latency_ms = 1500}, *sound,
                                 device, stream);
  CHECK(failed.text == "host error: the cable burnt");
  CHECK(stream == nullptr);
  CHECK_EQUAL(fake<int()>("fake_initialised")(), 0);
}
