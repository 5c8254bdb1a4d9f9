#pragma once

#include "facewire/kernel_table.h"

namespace facewire::scalar {

size_t number_list(const uint8_t* text, size_t length, float* out, size_t capacity, size_t* count);

extern const TextKernels kText;
extern const AudioKernels kAudio;
extern const FaceKernels kFace;

}  // namespace facewire::scalar
