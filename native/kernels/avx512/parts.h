#pragma once

#include "facewire/kernel_table.h"

namespace facewire::avx512 {

extern const AudioKernels kAudio;

}  // namespace facewire::avx512
