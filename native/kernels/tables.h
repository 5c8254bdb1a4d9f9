#pragma once

#include "facewire/kernel_table.h"

namespace facewire {

extern const KernelTable kScalarKernels;
#if defined(FACEWIRE_KERNELS_AVX2)
extern const KernelTable kAvx2Kernels;
#endif

}  // namespace facewire
