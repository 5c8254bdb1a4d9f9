#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "facewire/kernel_table.h"

namespace facewire {

// A low-pass FIR for one ratio of sample rates, cut into phases. Immutable
// once built.
struct FilterBank {
  FirBank view;  // Points into the two vectors.
  std::vector<float> taps;
  std::vector<int32_t> impulse;
};

// The bank for a pair of rates in Hz, designed at the first call and then
// shared by every resampler of the process. Thread-safe. Null when memory is short.
std::shared_ptr<const FilterBank> filter_bank(uint32_t input_rate, uint32_t output_rate) noexcept;

}  // namespace facewire
