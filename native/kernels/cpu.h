#pragma once

namespace facewire {

// True when CPU and operating system can run SSE4.1 (and SSSE3 below it).
bool cpu_has_sse41() noexcept;

// True when CPU and operating system can run AVX2 and FMA, which the kernels of
// that table are compiled for together.
bool cpu_has_avx2() noexcept;

// True when they can run the foundation of AVX-512 too.
bool cpu_has_avx512() noexcept;

}  // namespace facewire
