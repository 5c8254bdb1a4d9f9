#include "facewire/extrapolate.h"

#include <algorithm>
#include <cmath>

#include "check.h"

using facewire::extrapolate;

namespace {

std::vector<int16_t> tones(size_t count, size_t from = 0) {
  std::vector<int16_t> samples(count);
  for (size_t i = 0; i < count; ++i) {
    const auto n = static_cast<double>(from + i);
    samples[i] =
        static_cast<int16_t>(std::lround(8000 * std::sin(0.07 * n) + 5000 * std::sin(0.5 * n + 1)));
  }
  return samples;
}

bool silent(const std::vector<int16_t>& samples) {
  return std::all_of(samples.begin(), samples.end(), [](int16_t sample) { return sample == 0; });
}

}  // namespace

TEST(tones_go_on) {
  for (const size_t known : {200u, 512u, 2000u}) {
    std::vector<int16_t> next(64);
    extrapolate(tones(known), next);
    const auto expected = tones(next.size(), known);
    for (size_t i = 0; i < next.size(); ++i) {
      // A hundredth of the tones, 64 samples on.
      if (!CHECK(std::abs(next[i] - expected[i]) <= 130)) break;
    }
  }
}

TEST(nothing_goes_on_as_nothing) {
  std::vector<int16_t> next(50, 7);
  extrapolate({}, next);
  CHECK(silent(next));
  std::fill(next.begin(), next.end(), int16_t{7});
  extrapolate(std::vector<int16_t>(2, 30000), next);
  CHECK(silent(next));
  std::fill(next.begin(), next.end(), int16_t{7});
  extrapolate(std::vector<int16_t>(400, 0), next);
  CHECK(silent(next));
}

TEST(noise_does_not_grow) {
  for (int round = 0; round < 200; ++round) {
    std::vector<int16_t> known(check::random()() % 700);
    for (int16_t& sample : known) sample = static_cast<int16_t>(check::random()() % 65536 - 32768);
    std::vector<int16_t> next(2000);
    extrapolate(known, next);
    double energy = 0;
    for (size_t i = 1000; i < 2000; ++i) energy += std::pow(double(next[i]), 2);
    CHECK(std::sqrt(energy / 1000) < 20000);
  }
}
