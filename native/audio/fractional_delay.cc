#include "fractional_delay.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace facewire {
namespace {

// Frequencies per tap at which the fit is looked at.
constexpr uint32_t kDensity = 4;
// Added to the diagonal, as a part of it: the free band makes the equations nearly singular.
constexpr double kRidge = 1e-14;

// Solves the symmetric positive definite equations of one matrix for many right sides.
class Cholesky {
 public:
  // The matrix with entry (i, j) = first_row[|i - j|].
  explicit Cholesky(std::span<const double> first_row)
      : size_(first_row.size()), lower_(size_ * size_) {
    for (size_t i = 0; i < size_; ++i) {
      for (size_t j = 0; j <= i; ++j) {
        double sum = first_row[i - j];
        for (size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        at(i, j) = i == j ? std::sqrt(std::max(sum, first_row[0] * 1e-18)) : sum / at(j, j);
      }
    }
  }

  void solve(std::span<double> x) const {
    for (size_t i = 0; i < size_; ++i) {
      for (size_t k = 0; k < i; ++k) x[i] -= at(i, k) * x[k];
      x[i] /= at(i, i);
    }
    for (size_t i = size_; i-- > 0;) {
      for (size_t k = i + 1; k < size_; ++k) x[i] -= at(k, i) * x[k];
      x[i] /= at(i, i);
    }
  }

 private:
  double& at(size_t i, size_t j) { return lower_[i * size_ + j]; }
  double at(size_t i, size_t j) const { return lower_[i * size_ + j]; }
  size_t size_;
  std::vector<double> lower_;
};

// cos and sin of omega * (k - centre) for every tap k and frequency.
struct Waves {
  std::vector<double> cosine, sine;  // taps x points

  Waves(std::span<const double> omega, uint32_t taps, double centre)
      : cosine(taps * omega.size()), sine(taps * omega.size()) {
    for (size_t i = 0; i < omega.size(); ++i) {
      // One step of a rotation for every tap.
      const std::complex<double> step = std::polar(1.0, omega[i]);
      std::complex<double> at = std::polar(1.0, -omega[i] * centre);
      for (uint32_t k = 0; k < taps; ++k, at *= step) {
        cosine[k * omega.size() + i] = at.real();
        sine[k * omega.size() + i] = at.imag();
      }
    }
  }
};

double weighted_sum(const double* weight, const double* wave, size_t points) {
  double sum = 0;
  for (size_t i = 0; i < points; ++i) sum += weight[i] * wave[i];
  return sum;
}

}  // namespace

std::vector<double> design_fractional_delays(std::span<const double> delays, uint32_t taps,
                                             double edge, int rounds) {
  const size_t points = size_t{kDensity} * taps;
  std::vector<double> omega(points);
  std::vector<double> weight(points);
  for (size_t i = 0; i < points; ++i) {
    // Denser towards the edge, where the error oscillates fastest.
    const double at = (static_cast<double>(i) + 0.5) / static_cast<double>(points);
    omega[i] = 2 * std::numbers::pi * edge * std::sin(at * std::numbers::pi / 2);
    weight[i] = std::cos(at * std::numbers::pi / 2);
  }
  const Waves differences(omega, taps, 0);
  std::vector<Waves> waves;
  for (const double delay : delays) waves.emplace_back(omega, taps, taps / 2 - 1 + delay);

  std::vector<double> rows(delays.size() * taps);
  std::vector<double> best;
  std::vector<double> error(points);
  std::vector<double> real(points);
  std::vector<double> imaginary(points);
  std::vector<double> first_row(taps);
  double smallest = 1e9;
  for (int round = 0; round < rounds; ++round) {
    for (uint32_t d = 0; d < taps; ++d)
      first_row[d] = weighted_sum(weight.data(), &differences.cosine[d * points], points);
    first_row[0] *= 1 + kRidge;
    const Cholesky equations(first_row);

    std::fill(error.begin(), error.end(), 0.0);
    for (size_t r = 0; r < delays.size(); ++r) {
      const std::span<double> row = std::span(rows).subspan(r * taps, taps);
      for (uint32_t k = 0; k < taps; ++k)
        row[k] = weighted_sum(weight.data(), &waves[r].cosine[k * points], points);
      equations.solve(row);
      // The gain should be 1 at every frequency.
      std::fill(real.begin(), real.end(), -1.0);
      std::fill(imaginary.begin(), imaginary.end(), 0.0);
      for (uint32_t k = 0; k < taps; ++k) {
        for (size_t i = 0; i < points; ++i) {
          real[i] += row[k] * waves[r].cosine[k * points + i];
          imaginary[i] += row[k] * waves[r].sine[k * points + i];
        }
      }
      for (size_t i = 0; i < points; ++i)
        error[i] = std::max(error[i], std::hypot(real[i], imaginary[i]));
    }
    const double largest = *std::max_element(error.begin(), error.end());
    if (largest < smallest) {
      smallest = largest;
      best = rows;
    }
    for (size_t i = 0; i < points; ++i) weight[i] *= error[i] / largest;
  }
  return best;
}

}  // namespace facewire
