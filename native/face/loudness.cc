#include "facewire/loudness.h"

#include <algorithm>
#include <cmath>

namespace facewire {
// By place in the block, so that the sums do not depend on how the sound was cut into pieces; side
// by side, so that the compiler can vectorise without changing their order.
void Loudness::add(std::span<const float> samples) noexcept {
  size_t i = 0;
  for (; i < samples.size() && (static_cast<size_t>(taken_) + i) % kLanes != 0; ++i)
    sums_[(static_cast<size_t>(taken_) + i) % kLanes] += samples[i] * samples[i];
  std::array<float, kLanes> sums = sums_;
  for (; i + kLanes <= samples.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += samples[i + lane] * samples[i + lane];
  }
  for (size_t lane = 0; i < samples.size(); ++i, ++lane) sums[lane] += samples[i] * samples[i];
  sums_ = sums;
  taken_ += static_cast<int64_t>(samples.size());
}

int64_t Loudness::first() const noexcept {
  return std::max(begin_, next_ - static_cast<int64_t>(kKept));
}

void Loudness::finish() noexcept {
  float energy = 0.0f;
  for (const float sum : sums_) energy += sum;
  const double power = static_cast<double>(energy) / static_cast<double>(block_);
  const double level = power > 1e-9 ? 10.0 * std::log10(power) : kSilence;
  levels_[static_cast<size_t>(next_) % kKept] = static_cast<float>(level);
  next_ += 1;
  taken_ = 0;
  sums_ = {};
}

void Loudness::restart(int64_t source) noexcept {
  next_ = begin_ = source / block_;
  taken_ = source % block_;
  sums_ = {};
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
    add(samples.first(count));
    samples = samples.subspan(count);
    if (taken_ == block_) finish();
  }
}

}  // namespace facewire
