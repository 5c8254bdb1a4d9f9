#pragma once

#include <span>

#include "facewire/channels.h"

namespace facewire {

// A mouth that opens with the loudness of the sound, for when nothing says what
// is spoken. `level` is a root mean square in [0, 1]; 0 is rest.
void loud_mouth(float level, std::span<float, kWeightCount> out) noexcept;

}  // namespace facewire
