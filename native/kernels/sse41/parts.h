#pragma once

#include "facewire/kernel_table.h"

namespace facewire::sse41 {

// Each puts those kernels of its stage in place that have a version here, and
// leaves the others as they are.
void replace_text(TextKernels& kernels) noexcept;
void replace_audio(AudioKernels& kernels) noexcept;
void replace_face(FaceKernels& kernels) noexcept;

}  // namespace facewire::sse41
