#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "facewire/sound_output.h"

namespace facewire {

namespace portaudio {
struct Api;
}

struct SoundDevice {
  int index = -1;
  std::string name;
  std::string host;  // Name of the sound system behind it.
  int channels = 0;  // Most that it plays.
  double sample_rate = 0;
  double low_latency_ms = 0;
  bool is_default = false;
  bool is_alsa = false;
};

// A failure of PortAudio in its own words.
struct SoundFailure {
  int code = 0;  // 0: none.
  std::string text;
  explicit operator bool() const noexcept { return code != 0; }
};

class PortAudioStream;

// One PortAudio library, loaded while the program runs. There is one of it in
// the process, whatever the number of threads: PortAudio keeps its state in
// itself. It is initialised while it is listed or a stream is open, so that every
// list, and every stream that is the only one, sees the devices of now.
// All calls may block, on the system's sound as well as on each other; none is for
// a thread that must not wait.
class PortAudio {
 public:
  // Null and a reason when `path` cannot be loaded or is no PortAudio.
  static PortAudio* load(const std::string& path, std::string& reason);

  const std::string& version() const noexcept { return version_; }
  SoundFailure list(std::vector<SoundDevice>& devices);

 private:
  friend class PortAudioStream;
  PortAudio();
  ~PortAudio();
  static PortAudio* load_new(const std::string& path, std::string& reason);
  // The next two with the mutex held.
  SoundFailure enter();
  void leave() noexcept;
  std::vector<SoundDevice> devices() const;
  SoundFailure failure(int code) const;

  std::unique_ptr<portaudio::Api> api_;
  std::string version_;
  std::mutex mutex_;
  int users_ = 0;  // Open streams, and a list under way.
};

struct StreamRequest {
  std::string name;       // Of the device as list() tells it; empty: the default.
  std::string host;       // Empty: any.
  double latency_ms = 0;  // Wish; 0: the lowest that the device recommends.
  uint32_t block_frames = 480;
};

// An open stream that calls render() of an output from a thread of the system.
// At most one stream for an output.
class PortAudioStream {
 public:
  // Opens and starts. `device` tells what was opened, or found when its rate is refused
  // (code portaudio::kInvalidSampleRate).
  static SoundFailure open(PortAudio& library, const StreamRequest& request, SoundOutput& output,
                           SoundDevice& device, std::unique_ptr<PortAudioStream>& stream);
  // Stops at once: what the card still holds is not played.
  ~PortAudioStream();
  PortAudioStream(const PortAudioStream&) = delete;
  PortAudioStream& operator=(const PortAudioStream&) = delete;

  // False once the system ended the stream, as it does when the card is gone. Does not block.
  bool is_active() const noexcept;
  // What PortAudio promised when it opened the stream.
  double latency_ms() const noexcept { return latency_ms_; }

 private:
  PortAudioStream(PortAudio& library, SoundOutput& output) noexcept;
  friend struct StreamCallback;
  // Both with the library's mutex held.
  SoundFailure start(const StreamRequest& request, SoundDevice& device);
  void stop() noexcept;

  PortAudio& library_;
  SoundOutput& output_;
  void* stream_ = nullptr;
  uint32_t channels_ = 0;
  double latency_ms_ = 0;
};

}  // namespace facewire
