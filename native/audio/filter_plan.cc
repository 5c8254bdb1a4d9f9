#include "filter_plan.h"

#include <map>
#include <mutex>
#include <numeric>
#include <tuple>

#include "facewire/upsample_parts.h"
#include "fractional_delay.h"
#include "low_pass.h"

namespace facewire {
namespace {

// The pass band reaches to this part of the lower rate, and images begin at 1 minus it.
constexpr double kPassEdge = 0.45;
// Taps at the input rate that put everything but the tone below -104 and -135 dB.
constexpr uint32_t kStandardTaps = 64;
constexpr uint32_t kArchiveTaps = 84;
// Behind a doubling half the band is free, and so few taps reach -130 dB.
constexpr uint32_t kRationalTaps = kDriftTaps;
constexpr int kMinimaxRounds = 40;

std::vector<float> to_floats(const std::vector<double>& from) {
  return std::vector<float>(from.begin(), from.end());
}

// Works for FilterPlan and DriftPlan.
template <typename Plan>
void add_upsample(Plan& plan, uint32_t factor, uint32_t taps) {
  std::vector<double> delays;
  for (uint32_t p = 1; p < factor; ++p) delays.push_back(static_cast<double>(p) / factor);
  const auto rows = design_fractional_delays(delays, taps, kPassEdge, kMinimaxRounds);
  plan.upsample_rows = to_floats(rows);
  plan.upsample_parts = fast_upsample_parts<double>(rows, taps);
  plan.upsample = {plan.upsample_rows.data(), plan.upsample_parts.data(), taps, factor};
}

std::shared_ptr<const FilterPlan> design(uint32_t input_rate, uint32_t output_rate,
                                         ResamplerQuality quality) {
  auto plan = std::make_shared<FilterPlan>();
  const bool archive = quality == ResamplerQuality::archive;
  const uint32_t taps = archive ? kArchiveTaps : kStandardTaps;
  if (output_rate % input_rate == 0) {
    add_upsample(*plan, output_rate / input_rate, taps);
    return plan;
  }
  const bool up = output_rate > input_rate;
  const uint32_t rate = up ? 2 * input_rate : input_rate;
  const uint32_t divisor = std::gcd(rate, output_rate);
  const uint32_t phases = output_rate / divisor;
  const uint32_t step = rate / divisor;
  uint32_t fir_taps = kRationalTaps;
  if (up) {
    add_upsample(*plan, 2, taps);
    std::vector<double> delays;
    for (uint32_t p = 0; p < phases; ++p) delays.push_back(static_cast<double>(p) / phases);
    plan->fir_taps = to_floats(design_fractional_delays(delays, kRationalTaps, kPassEdge / 2, 1));
  } else {
    plan->fir_taps = design_low_pass(phases, step, archive, fir_taps);
  }
  plan->fir = {plan->fir_taps.data(), fir_taps, phases, step};
  return plan;
}

std::shared_ptr<const DriftPlan> design_drift() {
  auto plan = std::make_shared<DriftPlan>();
  add_upsample(*plan, 2, kStandardTaps);
  std::vector<double> delays;
  for (uint32_t r = 0; r <= kDriftRows; ++r) delays.push_back(static_cast<double>(r) / kDriftRows);
  const auto rows = design_fractional_delays(delays, kDriftTaps, kPassEdge / 2, 1);
  for (size_t k = 0; k < size_t{kDriftRows} * kDriftTaps; ++k) {
    plan->rows.push_back(static_cast<float>(rows[k]));
    plan->slopes.push_back(static_cast<float>(rows[k + kDriftTaps] - rows[k]));
  }
  plan->drift = {plan->rows.data(), plan->slopes.data()};
  return plan;
}

}  // namespace

std::shared_ptr<const FilterPlan> filter_plan(uint32_t input_rate, uint32_t output_rate,
                                              ResamplerQuality quality) noexcept {
  try {
    static std::mutex mutex;
    static std::map<std::tuple<uint32_t, uint32_t, ResamplerQuality>,
                    std::shared_ptr<const FilterPlan>>
        plans;
    const std::lock_guard lock(mutex);
    auto& plan = plans[{input_rate, output_rate, quality}];
    if (plan == nullptr) plan = design(input_rate, output_rate, quality);
    return plan;
  } catch (...) {
    return nullptr;
  }
}

std::shared_ptr<const DriftPlan> drift_plan() noexcept {
  try {
    static std::mutex mutex;
    static std::shared_ptr<const DriftPlan> plan;
    const std::lock_guard lock(mutex);
    if (plan == nullptr) plan = design_drift();
    return plan;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace facewire
