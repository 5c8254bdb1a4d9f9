// A PortAudio with three devices and no sound, loaded by portaudio_test as the
// real one is. Its callback runs when the test asks for it.
#include <cstring>

#include "../device/portaudio_api.h"

#ifdef _WIN32
#define FAKE extern "C" __declspec(dllexport)
#else
#define FAKE extern "C" __attribute__((visibility("default")))
#endif

using namespace facewire::portaudio;

namespace {

int initialised = 0;
int open_streams = 0;
int terminations = 0;
bool was_pulled_away = false;  // Terminated with a stream open.
bool active = false;
Callback* callback = nullptr;
void* user = nullptr;
int channels = 0;
char stream = 0;

constexpr HostApiInfo kHost = {1, 5, "Fake", 3, -1, 1};
constexpr DeviceInfo kDevices[] = {
    {2, "Microphone", 0, 2, 0, 0.01, 0, 0.1, 0, 48000},
    {2, "Speakers", 0, 0, 2, 0, 0.02, 0, 0.1, 48000},
    {2, "Phone", 0, 0, 1, 0, 0.03, 0, 0.1, 44100},
};
constexpr StreamInfo kStream = {1, 0, 0.042, 48000};
constexpr HostErrorInfo kHostError = {5, 7, "the cable burnt"};

}  // namespace

// Seen from the test.
FAKE int fake_initialised() { return initialised; }
FAKE int fake_terminations() { return terminations; }
FAKE int fake_was_pulled_away() { return was_pulled_away ? 1 : 0; }
FAKE int fake_channels() { return channels; }
FAKE void fake_unplug() { active = false; }
FAKE int fake_block(short* out, unsigned long frames, double dac) {
  const CallbackTime time = {0, 100, 100 + dac};
  const int result = callback(nullptr, out, frames, &time, 0, user);
  if (result != kContinue) active = false;
  return result;
}

FAKE const char* Pa_GetVersionText() { return "fake 19"; }
FAKE Error Pa_Initialize() { return ++initialised, kNoError; }
FAKE Error Pa_Terminate() {
  --initialised;
  ++terminations;
  was_pulled_away = was_pulled_away || open_streams > 0;
  return kNoError;
}
FAKE const char* Pa_GetErrorText(Error code) {
  return code == kUnanticipatedHostError ? "host error" : "some error";
}
FAKE const HostErrorInfo* Pa_GetLastHostErrorInfo() { return &kHostError; }
FAKE int Pa_GetDeviceCount() { return 3; }
FAKE int Pa_GetDefaultOutputDevice() { return 1; }
FAKE const DeviceInfo* Pa_GetDeviceInfo(int index) { return &kDevices[index]; }
FAKE const HostApiInfo* Pa_GetHostApiInfo(int) { return &kHost; }
FAKE Error Pa_OpenStream(Stream** made, const StreamParameters*, const StreamParameters* out,
                         double rate, unsigned long, unsigned long, Callback* given, void* data) {
  if (rate != kDevices[out->device].sample_rate) return kInvalidSampleRate;
  if (out->latency > 1) return kUnanticipatedHostError;
  callback = given;
  user = data;
  channels = out->channels;
  *made = &stream;
  ++open_streams;
  return kNoError;
}
FAKE Error Pa_StartStream(Stream*) { return active = true, kNoError; }
FAKE Error Pa_AbortStream(Stream*) { return active = false, kNoError; }
FAKE Error Pa_CloseStream(Stream*) { return --open_streams, kNoError; }
FAKE Error Pa_IsStreamActive(Stream*) { return active ? 1 : 0; }
FAKE const StreamInfo* Pa_GetStreamInfo(Stream*) { return &kStream; }
