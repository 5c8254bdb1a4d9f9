#include "cpu.h"

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <immintrin.h>
#include <intrin.h>
#endif

namespace facewire {

bool cpu_has_avx2() noexcept {
#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
  int info[4];
  __cpuid(info, 0);
  if (info[0] < 7) return false;
  __cpuid(info, 1);
  constexpr int kOsxsave = 1 << 27;
  constexpr int kAvx = 1 << 28;
  constexpr int kFma = 1 << 12;
  constexpr int kNeeded = kOsxsave | kAvx | kFma;
  if ((info[2] & kNeeded) != kNeeded) return false;
  // The operating system must save the upper halves of the registers.
  if ((_xgetbv(0) & 6) != 6) return false;
  __cpuidex(info, 7, 0);
  return (info[1] & (1 << 5)) != 0;
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

}  // namespace facewire
