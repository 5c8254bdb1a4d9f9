#include "facewire/loudness.h"

#include <algorithm>
#include <cmath>

namespace facewire {
namespace {

// Sums side by side, for the compiler to vectorise without changing their order.
float energy_of(std::span<const float> samples) noexcept {
  constexpr size_t kLanes = 8;
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= samples.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += samples[i + lane] * samples[i + lane];
  }
  for (; i < samples.size(); ++i) sums[0] += samples[i] * samples[i];
  float sum = 0.0f;
  for (const float part : sums) sum += part;
  return sum;
}

}  // namespace

int64_t Loudness::first() const noexcept {
  return std::max(begin_, next_ - static_cast<int64_t>(kKept));
}

void Loudness::finish() noexcept {
  const double power = energy_ / static_cast<double>(block_);
  const double level = power > 1e-9 ? 10.0 * std::log10(power) : kSilence;
  levels_[static_cast<size_t>(next_) % kKept] = static_cast<float>(level);
  next_ += 1;
  taken_ = 0;
  energy_ = 0.0;
}

void Loudness::restart(int64_t source) noexcept {
  next_ = begin_ = source / block_;
  taken_ = source % block_;
  energy_ = 0.0;
}

void Loudness::hear(int64_t source, std::span<const float> samples) noexcept {
  const int64_t at = next_ * block_ + taken_;
  if (source < at) {
    const auto known = static_cast<size_t>(at - source);
    if (known >= samples.size()) return;
    samples = samples.subspan(known);
  } else if (source > at) {
    if (source - at > block_) {
      restart(source);
    } else {
      int64_t gap = source - at;
      while (gap > 0) {
        const int64_t part = std::min(gap, block_ - taken_);
        taken_ += part;
        gap -= part;
        if (taken_ == block_) finish();
      }
    }
  }
  while (!samples.empty()) {
    const size_t count = std::min(samples.size(), static_cast<size_t>(block_ - taken_));
    energy_ += static_cast<double>(energy_of(samples.first(count)));
    taken_ += static_cast<int64_t>(count);
    samples = samples.subspan(count);
    if (taken_ == block_) finish();
  }
}

}  // namespace facewire
