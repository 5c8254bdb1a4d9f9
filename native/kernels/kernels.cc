#include "facewire/kernels.h"

#include <array>
#include <cstdlib>

#include "cpu.h"
#if defined(FACEWIRE_KERNELS_AVX2)
#include "avx2/parts.h"
#endif
#if defined(FACEWIRE_KERNELS_AVX512)
#include "avx512/parts.h"
#endif
#if defined(FACEWIRE_KERNELS_NEON)
#include "neon/parts.h"
#endif
#include "scalar/parts.h"
#if defined(FACEWIRE_KERNELS_SSE41)
#include "sse41/parts.h"
#endif

namespace facewire {
namespace {

constexpr KernelTable kScalar = {"scalar", &scalar::kText, &scalar::kAudio, &scalar::kFace,
                                 &scalar::kVideo};
#if defined(FACEWIRE_KERNELS_AVX2)
constexpr KernelTable kAvx2 = {"avx2", &avx2::kText, &avx2::kAudio, &avx2::kFace, &avx2::kVideo};
#endif
#if defined(FACEWIRE_KERNELS_AVX512)
constexpr KernelTable kAvx512 = {"avx512", &avx2::kText, &avx512::kAudio, &avx2::kFace,
                                 &avx2::kVideo};
#endif

#if defined(FACEWIRE_KERNELS_SSE41)
constexpr KernelTable kSse41 = {"sse41", &sse41::kText, &sse41::kAudio, &sse41::kFace,
                                &sse41::kVideo};
#endif
#if defined(FACEWIRE_KERNELS_NEON)
constexpr KernelTable kNeon = {"neon", &neon::kText, &neon::kAudio, &neon::kFace, &neon::kVideo};
#endif

struct Tables {
  std::array<const KernelTable*, 5> list{};
  size_t count = 0;

  Tables() noexcept {
    // The order here is the order of preference.
#if defined(FACEWIRE_KERNELS_AVX512)
    if (cpu_has_avx512()) list[count++] = &kAvx512;
#endif
#if defined(FACEWIRE_KERNELS_AVX2)
    if (cpu_has_avx2()) list[count++] = &kAvx2;
#endif
#if defined(FACEWIRE_KERNELS_SSE41)
    if (cpu_has_sse41()) list[count++] = &kSse41;
#endif
#if defined(FACEWIRE_KERNELS_NEON)
    list[count++] = &kNeon;
#endif
    list[count++] = &kScalar;
  }
};

}  // namespace

std::span<const KernelTable* const> available_kernels() noexcept {
  static const Tables tables;
  return {tables.list.data(), tables.count};
}

const KernelTable* find_kernels(std::string_view name) noexcept {
  for (const KernelTable* table : available_kernels()) {
    if (name == table->name) return table;
  }
  return nullptr;
}

const KernelTable& kernels() noexcept {
  static const KernelTable* const chosen = []() noexcept {
    const char* forced = std::getenv("FACEWIRE_KERNELS");
    const KernelTable* table = forced == nullptr ? nullptr : find_kernels(forced);
    return table == nullptr ? available_kernels().front() : table;
  }();
  return *chosen;
}

}  // namespace facewire
