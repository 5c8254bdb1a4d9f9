#pragma once

#include "facewire/kernel_table.h"

namespace facewire::neon {

extern const TextKernels kText;
extern const AudioKernels kAudio;
extern const FaceKernels kFace;
extern const VideoKernels kVideo;

}  // namespace facewire::neon
