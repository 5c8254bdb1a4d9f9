// Windowed-sinc design with a Kaiser window (J. F. Kaiser and R. W. Schafer,
// "On the use of the I0-sinh window for spectrum analysis", IEEE ASSP 1980).
#include "filter_bank.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <numeric>
#include <utility>

namespace facewire {
namespace {

// Taps per phase, counted at the lower of the two rates. With a transition band
// from 0.45 to 0.55 of that rate Kaiser's estimate gives 111 dB for 72.
constexpr uint32_t kTapsAtLowerRate = 72;
constexpr double kAttenuationDb = 108.0;

double bessel_i0(double x) {
  double sum = 1.0;
  double term = 1.0;
  for (int k = 1; term > sum * 1e-17; ++k) {
    const double factor = x / (2.0 * k);
    term *= factor * factor;
    sum += term;
  }
  return sum;
}

// `x` in [-1, 1].
double kaiser(double x) {
  static const double beta = 0.1102 * (kAttenuationDb - 8.7);
  static const double scale = 1.0 / bessel_i0(beta);
  return bessel_i0(beta * std::sqrt(std::max(0.0, 1.0 - x * x))) * scale;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  const double angle = std::numbers::pi * x;
  return std::sin(angle) / angle;
}

std::shared_ptr<const FilterBank> design(uint32_t input_rate, uint32_t output_rate) {
  const uint32_t divisor = std::gcd(input_rate, output_rate);
  const uint32_t phases = output_rate / divisor;
  const uint32_t step = input_rate / divisor;
  const bool down = step > phases;
  // Cut-off at half the lower rate, as a fraction of half the input rate.
  const double cutoff = down ? static_cast<double>(phases) / step : 1.0;
  const uint32_t exact = down ? (kTapsAtLowerRate * step + phases - 1) / phases : kTapsAtLowerRate;
  const uint32_t tap_count = (exact + 7) / 8 * 8;
  const uint32_t half = tap_count / 2;

  auto bank = std::make_shared<FilterBank>();
  bank->taps.resize(size_t{phases} * tap_count);
  bank->impulse.assign(phases, -1);
  std::vector<double> row(tap_count);
  for (uint32_t phase = 0; phase < phases; ++phase) {
    if (phase == 0 && !down) {
      // The output instant is an input instant: the ideal filter is that sample.
      bank->impulse[phase] = static_cast<int32_t>(half - 1);
      bank->taps[half - 1] = 1.0f;
      continue;
    }
    double sum = 0.0;
    for (uint32_t k = 0; k < tap_count; ++k) {
      const double distance = static_cast<double>(phase) / phases + (half - 1.0) - k;
      row[k] = sinc(distance * cutoff) * kaiser(distance / half);
      sum += row[k];
    }
    // Every phase passes a constant unchanged, or a constant would come out as a tone.
    for (uint32_t k = 0; k < tap_count; ++k) {
      bank->taps[size_t{phase} * tap_count + k] = static_cast<float>(row[k] / sum);
    }
  }
  bank->view = {bank->taps.data(), bank->impulse.data(), tap_count, phases, step};
  return bank;
}

}  // namespace

std::shared_ptr<const FilterBank> filter_bank(uint32_t input_rate, uint32_t output_rate) noexcept {
  try {
    static std::mutex mutex;
    static std::map<std::pair<uint32_t, uint32_t>, std::shared_ptr<const FilterBank>> banks;
    const std::lock_guard lock(mutex);
    std::shared_ptr<const FilterBank>& bank = banks[{input_rate, output_rate}];
    if (bank == nullptr) bank = design(input_rate, output_rate);
    return bank;
  } catch (...) {
    return nullptr;
  }
}

}  // namespace facewire
