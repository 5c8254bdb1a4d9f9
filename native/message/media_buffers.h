#pragma once

#include "grow_buffer.h"

namespace facewire {

// Where the bulk of a message goes.
struct MediaBuffers {
  GrowBuffer<float> features;
  GrowBuffer<uint8_t> pcm;
};

}  // namespace facewire
