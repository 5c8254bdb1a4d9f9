#pragma once

#include <memory>

#include "external.h"
#include "facewire/portaudio.h"
#include "facewire/sound_output.h"

namespace facewire {

// What a NativeSoundOutput of src/media/binding.ts stands for.
struct SoundBox : External {
  static constexpr ExternalKind kKind = ExternalKind::sound;

  explicit SoundBox(std::unique_ptr<SoundOutput> made) noexcept
      : External{kKind}, output(std::move(made)) {}

  // The stream ends before the output that it plays.
  std::unique_ptr<SoundOutput> output;
  std::unique_ptr<PortAudioStream> stream;
  // A stream is being opened or closed in another thread, which has both.
  bool is_busy = false;
};

}  // namespace facewire
