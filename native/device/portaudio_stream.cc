#include <algorithm>
#include <chrono>
#include <cmath>

#include "facewire/portaudio.h"
#include "portaudio_api.h"

namespace facewire {
namespace {

int64_t steady_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct StreamCallback {
  static int run(const void*, void* out, unsigned long frames, const portaudio::CallbackTime* time,
                 unsigned long flags, void* user) noexcept {
    auto& stream = *static_cast<PortAudioStream*>(user);
    const int64_t now = steady_now();
    // Some systems tell no time, or one that cannot be.
    double lead = time == nullptr ? 0 : time->output_dac - time->current;
    if (!(lead > 0 && lead < 10)) lead = stream.latency_ms_ / 1000;
    const int64_t heard = now + static_cast<int64_t>(lead * 1e9);
    const bool goes_on = stream.output_.render(static_cast<int16_t*>(out),
                                               static_cast<uint32_t>(frames), stream.channels_, now,
                                               heard, (flags & portaudio::kOutputUnderflow) != 0);
    return goes_on ? portaudio::kContinue : portaudio::kAbort;
  }
};

PortAudioStream::PortAudioStream(PortAudio& library, SoundOutput& output) noexcept
    : library_(library), output_(output) {}

SoundFailure PortAudioStream::open(PortAudio& library, const StreamRequest& request,
                                   SoundOutput& output, SoundDevice& device,
                                   std::unique_ptr<PortAudioStream>& stream) {
  std::unique_ptr<PortAudioStream> made(new PortAudioStream(library, output));
  const std::lock_guard lock(library.mutex_);
  if (SoundFailure failed = library.enter()) return failed;
  const SoundFailure failed = made->start(request, device);
  if (failed) {
    made->stop();
    library.leave();
    return failed;
  }
  stream = std::move(made);
  return {};
}

SoundFailure PortAudioStream::start(const StreamRequest& request, SoundDevice& device) {
  const std::vector<SoundDevice> all = library_.devices();
  const auto found = std::find_if(all.begin(), all.end(), [&](const SoundDevice& one) {
    if (request.name.empty()) return one.is_default;
    return one.name == request.name && (request.host.empty() || one.host == request.host);
  });
  if (found == all.end()) return {portaudio::kInvalidDevice, "the device is not there (any more)"};
  device = *found;
  const portaudio::Api& api = *library_.api_;
  channels_ = static_cast<uint32_t>(std::min(2, device.channels));
  const double latency_ms =
      request.latency_ms > 0 ? request.latency_ms : std::max(device.low_latency_ms, 1.0);
  const portaudio::StreamParameters parameters = {device.index, static_cast<int>(channels_),
                                                  portaudio::kInt16, latency_ms / 1000, nullptr};
  int code = api.Pa_OpenStream(&stream_, nullptr, &parameters, output_.card_rate(),
                               request.block_frames, 0, StreamCallback::run, this);
  if (code != portaudio::kNoError) {
    stream_ = nullptr;
    return library_.failure(code);
  }
  const portaudio::StreamInfo* info = api.Pa_GetStreamInfo(stream_);
  latency_ms_ = info == nullptr ? latency_ms : info->output_latency * 1000;
  // Without it a busy machine makes the callback late. Where the system does not
  // allow it, PortAudio goes on with the usual priority.
  if (device.is_alsa && api.PaAlsa_EnableRealtimeScheduling != nullptr)
    api.PaAlsa_EnableRealtimeScheduling(stream_, 1);
  code = api.Pa_StartStream(stream_);
  return code == portaudio::kNoError ? SoundFailure{} : library_.failure(code);
}

void PortAudioStream::stop() noexcept {
  if (stream_ == nullptr) return;
  library_.api_->Pa_AbortStream(stream_);
  library_.api_->Pa_CloseStream(stream_);
  stream_ = nullptr;
}

PortAudioStream::~PortAudioStream() {
  if (stream_ == nullptr) return;
  const std::lock_guard lock(library_.mutex_);
  stop();
  library_.leave();
}

bool PortAudioStream::is_active() const noexcept {
  return library_.api_->Pa_IsStreamActive(stream_) == 1;
}

}  // namespace facewire
