#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "facewire/kernel_table.h"
#include "facewire/resampler.h"

namespace facewire {

// The filters of one conversion, in the order in which they are used: whole
// steps up, then a rational step. Immutable once built. Not movable, because the views point into
// the vectors.
struct FilterPlan {
  UpsampleBank upsample;  // factor 0: not used.
  FirBank fir;            // taps null: not used.
  std::vector<float> upsample_rows, upsample_parts, fir_taps;

  FilterPlan() = default;
  FilterPlan(const FilterPlan&) = delete;
  FilterPlan& operator=(const FilterPlan&) = delete;
};

// Twice the rate, and then any instant of that.
struct DriftPlan {
  UpsampleBank upsample;
  DriftBank drift;
  std::vector<float> upsample_rows, upsample_parts, rows, slopes;

  DriftPlan() = default;
  DriftPlan(const DriftPlan&) = delete;
  DriftPlan& operator=(const DriftPlan&) = delete;
};

// Designed at the first call and then shared by every converter of the
// process. Thread-safe. Null when memory is short. The rates are in Hz and differ.
std::shared_ptr<const FilterPlan> filter_plan(uint32_t input_rate, uint32_t output_rate,
                                              ResamplerQuality quality) noexcept;
std::shared_ptr<const DriftPlan> drift_plan() noexcept;

}  // namespace facewire
