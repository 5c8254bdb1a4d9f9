#pragma once

#include <cmath>
#include <complex>
#include <numbers>
#include <span>
#include <vector>

namespace tones {

// Half of full scale, beginning with a rising zero.
inline std::vector<float> sine(uint32_t rate, double frequency, size_t count) {
  std::vector<float> x(count);
  for (size_t i = 0; i < count; ++i) {
    const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(i) / rate;
    x[i] = static_cast<float>(0.5 * std::sin(angle));
  }
  return x;
}

// Least-squares fit of a tone (sine, cosine, constant) in double precision.
struct Fit {
  double gain;          // Amplitude of the tone.
  double phase;         // In radians, 0 for a sine.
  double residual_rms;  // Of what is not the tone.
};

// `angle(i)` is the phase in radians at which the tone of sample i stands.
template <typename Angle>
Fit fit(std::span<const float> samples, Angle&& angle) {
  double a[3][4] = {};
  std::vector<std::complex<double>> basis(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    basis[i] = std::polar(1.0, angle(i));
    const double b[4] = {basis[i].imag(), basis[i].real(), 1, static_cast<double>(samples[i])};
    for (int r = 0; r < 3; ++r) {
      for (int c = 0; c < 4; ++c) a[r][c] += b[r] * b[c];
    }
  }
  for (int p = 0; p < 3; ++p) {
    for (int r = 0; r < 3; ++r) {
      if (r == p) continue;
      const double factor = a[r][p] / a[p][p];
      for (int c = p; c < 4; ++c) a[r][c] -= factor * a[p][c];
    }
  }
  const double x[3] = {a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]};
  double sum = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double rest =
        static_cast<double>(samples[i]) - x[0] * basis[i].imag() - x[1] * basis[i].real() - x[2];
    sum += rest * rest;
  }
  return {std::hypot(x[0], x[1]), std::atan2(x[1], x[0]),
          std::sqrt(sum / static_cast<double>(samples.size()))};
}

// Everything but the tone, in dB below it.
inline double rest_db(const Fit& fit) {
  return 20 * std::log10(fit.residual_rms * std::numbers::sqrt2 / fit.gain);
}

}  // namespace tones
