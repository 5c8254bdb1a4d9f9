#pragma once

#include "facewire/kernel_table.h"

namespace facewire::scalar {

size_t number_list(const uint8_t* text, size_t length, float* out, size_t capacity, size_t* count);

void rgba_to_yuv420(const uint8_t* top, const uint8_t* bottom, size_t width, uint8_t* luma_top,
                    uint8_t* luma_bottom, uint8_t* blue, uint8_t* red);

extern const TextKernels kText;
extern const AudioKernels kAudio;
extern const FaceKernels kFace;
extern const VideoKernels kVideo;

}  // namespace facewire::scalar
