#include "facewire/kernels.h"

#include <array>
#include <cstdlib>

#include "cpu.h"
#if defined(FACEWIRE_KERNELS_AVX2)
#include "avx2/parts.h"
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

constexpr KernelTable kScalar = {"scalar", &scalar::kText, &scalar::kAudio, &scalar::kFace};
#if defined(FACEWIRE_KERNELS_AVX2)
constexpr KernelTable kAvx2 = {"avx2", &avx2::kText, &avx2::kAudio, &avx2::kFace};
#endif

#if defined(FACEWIRE_KERNELS_SSE41) || defined(FACEWIRE_KERNELS_NEON)
// A table of an instruction set that has versions of some kernels only: the
// others are the scalar ones.
struct PartialTable {
  TextKernels text = scalar::kText;
  AudioKernels audio = scalar::kAudio;
  FaceKernels face = scalar::kFace;
  KernelTable table;

  PartialTable(const char* name, void (*replace_text)(TextKernels&),
               void (*replace_audio)(AudioKernels&), void (*replace_face)(FaceKernels&)) noexcept
      : table{name, &text, &audio, &face} {
    replace_text(text);
    replace_audio(audio);
    replace_face(face);
  }
  PartialTable(const PartialTable&) = delete;
  PartialTable& operator=(const PartialTable&) = delete;
};
#endif

#if defined(FACEWIRE_KERNELS_SSE41)
const KernelTable* sse41_table() noexcept {
  static const PartialTable partial("sse41", sse41::replace_text, sse41::replace_audio,
                                    sse41::replace_face);
  return &partial.table;
}
#endif

#if defined(FACEWIRE_KERNELS_NEON)
const KernelTable* neon_table() noexcept {
  static const PartialTable partial("neon", neon::replace_text, neon::replace_audio,
                                    neon::replace_face);
  return &partial.table;
}
#endif

struct Tables {
  std::array<const KernelTable*, 4> list{};
  size_t count = 0;

  Tables() noexcept {
    // The order here is the order of preference.
#if defined(FACEWIRE_KERNELS_AVX2)
    if (cpu_has_avx2()) list[count++] = &kAvx2;
#endif
#if defined(FACEWIRE_KERNELS_SSE41)
    if (cpu_has_sse41()) list[count++] = sse41_table();
#endif
#if defined(FACEWIRE_KERNELS_NEON)
    list[count++] = neon_table();
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
