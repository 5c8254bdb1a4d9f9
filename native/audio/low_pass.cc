// Windowed-sinc design with a Kaiser window (J. F. Kaiser and R. W. Schafer,
// "On the use of the I0-sinh window for spectrum analysis", IEEE ASSP 1980).
#include "low_pass.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace facewire {
namespace {

// Taps per phase, counted at the lower of the two rates. With a transition band
// from 0.45 to 0.55 of that rate Kaiser's estimate gives 111 dB for 72 and 135 dB for 88.
struct Grade {
  uint32_t taps;
  double attenuation_db;
};
constexpr Grade kStandard = {72, 108.0};
constexpr Grade kArchive = {96, 140.0};

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
double kaiser(double x, double beta) {
  return bessel_i0(beta * std::sqrt(std::max(0.0, 1.0 - x * x))) / bessel_i0(beta);
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  const double angle = std::numbers::pi * x;
  return std::sin(angle) / angle;
}

}  // namespace

std::vector<float> design_low_pass(uint32_t phases, uint32_t step, bool archive,
                                   uint32_t& tap_count) {
  const Grade grade = archive ? kArchive : kStandard;
  const double beta = 0.1102 * (grade.attenuation_db - 8.7);
  // Cut-off at half the lower rate, as a fraction of half the input rate.
  const double cutoff = static_cast<double>(phases) / step;
  tap_count = ((grade.taps * step + phases - 1) / phases + 7) / 8 * 8;
  const uint32_t half = tap_count / 2;
  std::vector<float> taps;
  taps.reserve(size_t{phases} * tap_count);
  std::vector<double> row(tap_count);
  for (uint32_t phase = 0; phase < phases; ++phase) {
    double sum = 0.0;
    for (uint32_t k = 0; k < tap_count; ++k) {
      const double distance = static_cast<double>(phase) / phases + (half - 1.0) - k;
      row[k] = sinc(distance * cutoff) * kaiser(distance / half, beta);
      sum += row[k];
    }
    // Every phase passes a constant unchanged, or a constant would come out as a tone.
    for (const double tap : row) taps.push_back(static_cast<float>(tap / sum));
  }
  return taps;
}

}  // namespace facewire
