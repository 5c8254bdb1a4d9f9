#pragma once

namespace facewire {

// True when CPU and operating system can run AVX2.
bool cpu_has_avx2() noexcept;

}  // namespace facewire
