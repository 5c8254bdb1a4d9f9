#include "facewire/extrapolate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace facewire {
namespace {

constexpr size_t kMaxOrder = 32;
constexpr size_t kMaxKnown = 512;
// Sample energy below which there is nothing left to predict: the rounding to 16 bits.
constexpr double kRounding = 1.0 / 12.0;

struct Predictor {
  // x[n] is minus the sum of weights[i] * x[n - 1 - i].
  std::array<double, kMaxOrder> weights = {};
  size_t order = 0;
};

Predictor burg(std::span<const int16_t> known) noexcept {
  Predictor found;
  const size_t count = known.size();
  std::array<double, kMaxKnown> forward;
  std::array<double, kMaxKnown> backward;
  std::copy(known.begin(), known.end(), forward.begin());
  std::copy(known.begin(), known.end(), backward.begin());
  for (size_t m = 0; m < std::min(kMaxOrder, count / 3); ++m) {
    double both = 0.0;
    double energy = 0.0;
    for (size_t n = m + 1; n < count; ++n) {
      both += forward[n] * backward[n - 1];
      energy += forward[n] * forward[n] + backward[n - 1] * backward[n - 1];
    }
    if (energy <= 2.0 * kRounding * static_cast<double>(count - m - 1)) break;
    const double reflection = -2.0 * both / energy;
    const auto before = found.weights;
    for (size_t i = 0; i < m; ++i) found.weights[i] += reflection * before[m - 1 - i];
    found.weights[m] = reflection;
    found.order = m + 1;
    for (size_t n = count - 1; n > m; --n) {
      const double ahead = forward[n];
      forward[n] = ahead + reflection * backward[n - 1];
      backward[n] = backward[n - 1] + reflection * ahead;
    }
  }
  return found;
}

}  // namespace

void extrapolate(std::span<const int16_t> known, std::span<int16_t> next) noexcept {
  known = known.last(std::min(known.size(), kMaxKnown));
  const Predictor predictor = burg(known);
  // The latest samples, newest first.
  std::array<double, kMaxOrder> latest = {};
  for (size_t i = 0; i < predictor.order; ++i) latest[i] = known[known.size() - 1 - i];
  for (int16_t& sample : next) {
    double value = 0.0;
    for (size_t i = 0; i < predictor.order; ++i) value -= predictor.weights[i] * latest[i];
    std::copy_backward(latest.begin(), latest.end() - 1, latest.end());
    latest[0] = value;
    sample = static_cast<int16_t>(std::lround(std::clamp(value, -32768.0, 32767.0)));
  }
}

}  // namespace facewire
