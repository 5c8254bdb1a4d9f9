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
  if ((info[2] & kOsxsave) == 0 || (info[2] & kAvx) == 0) return false;
  // The operating system must save the upper halves of the registers.
  if ((_xgetbv(0) & 6) != 6) return false;
  __cpuidex(info, 7, 0);
  constexpr int kBmi1 = 1 << 3;
  constexpr int kAvx2 = 1 << 5;
  return (info[1] & kBmi1) != 0 && (info[1] & kAvx2) != 0;
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
#else
  return false;
#endif
}

}  // namespace facewire
