#pragma once

#include <cstdint>
#include <span>

#include "facewire/mouth_rules.h"
#include "facewire/phone_track.h"

namespace facewire {

struct RenderOptions {
  uint32_t frame_rate_num = 60;
  uint32_t frame_rate_den = 1;
  int64_t mouth_lead = 0;  // Samples.
  MouthRules rules;
  // Loudness of the sound at each frame, a root mean square in [0, 1]; empty when not known.
  std::span<const float> level;
};

// The whole of a track as pictures: row i of `out`, kWeightCount wide, is the
// mouth at sample floor(i * sample rate / frame rate). A closure
// that falls between two pictures is shown by the nearer one, and so are lips that part between two
// closures.
void render_phones(const PhoneTrack& track, const RenderOptions& options,
                   std::span<float> out) noexcept;

}  // namespace facewire
