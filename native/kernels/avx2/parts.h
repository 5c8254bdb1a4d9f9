#pragma once

#include "facewire/kernel_table.h"

namespace facewire::avx2 {

size_t number_list(const uint8_t* text, size_t length, float* out, size_t capacity, size_t* count);

extern const TextKernels kText;
extern const AudioKernels kAudio;
extern const FaceKernels kFace;
extern const VideoKernels kVideo;

}  // namespace facewire::avx2
