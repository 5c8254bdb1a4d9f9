#include "cpu.h"

#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__) && (defined(_M_X64) || defined(_M_IX86))
#define FACEWIRE_CPUID_MSVC
#include <immintrin.h>
#include <intrin.h>
#elif defined(__x86_64__) || defined(__i386__)
#define FACEWIRE_CPUID_BUILTIN
#endif

namespace facewire {

#if defined(FACEWIRE_CPUID_MSVC)
namespace {

// Bits of register ECX of leaf 1, and of EBX of leaf 7.
constexpr int kSsse3 = 1 << 9;
constexpr int kFma = 1 << 12;
constexpr int kSse41 = 1 << 19;
constexpr int kOsxsave = 1 << 27;
constexpr int kAvx = 1 << 28;
constexpr int kBmi1 = 1 << 3;
constexpr int kAvx2 = 1 << 5;
constexpr int kAvx512f = 1 << 16;
// What the operating system saves: the registers of AVX, and those of AVX-512.
constexpr uint64_t kAvxState = 0x06;
constexpr uint64_t kAvx512State = 0xe6;

int leaf1_ecx() noexcept {
  int info[4];
  __cpuid(info, 1);
  return info[2];
}

bool has_all(int value, int bits) noexcept { return (value & bits) == bits; }

bool has_wide(int leaf7_ebx, uint64_t saved) noexcept {
  int info[4];
  __cpuid(info, 0);
  if (info[0] < 7 || !has_all(leaf1_ecx(), kOsxsave | kAvx | kFma)) return false;
  if ((_xgetbv(0) & saved) != saved) return false;
  __cpuidex(info, 7, 0);
  return has_all(info[1], leaf7_ebx);
}

}  // namespace
#endif

bool cpu_has_sse41() noexcept {
#if defined(FACEWIRE_CPUID_MSVC)
  return has_all(leaf1_ecx(), kSsse3 | kSse41);
#elif defined(FACEWIRE_CPUID_BUILTIN)
  __builtin_cpu_init();
  return __builtin_cpu_supports("ssse3") != 0 && __builtin_cpu_supports("sse4.1") != 0;
#else
  return false;
#endif
}

bool cpu_has_avx2() noexcept {
#if defined(FACEWIRE_CPUID_MSVC)
  return has_wide(kBmi1 | kAvx2, kAvxState);
#elif defined(FACEWIRE_CPUID_BUILTIN)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
         __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

bool cpu_has_avx512() noexcept {
#if defined(FACEWIRE_CPUID_MSVC)
  return has_wide(kBmi1 | kAvx2 | kAvx512f, kAvx512State);
#elif defined(FACEWIRE_CPUID_BUILTIN)
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") != 0;
#else
  return false;
#endif
}

}  // namespace facewire
