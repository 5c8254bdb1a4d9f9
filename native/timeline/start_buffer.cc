#include "facewire/start_buffer.h"

#include <algorithm>

namespace facewire {

void StartBuffer::arrived(int64_t tick, int64_t position) noexcept {
  if (known_) {
    late_[arrivals_ % kArrivals] = (tick - first_tick_) - (position - first_position_);
    arrivals_ += 1;
  }
  if (known_ && !dry_) return;
  known_ = true;
  dry_ = false;
  first_tick_ = tick;
  first_position_ = position;
}

int64_t StartBuffer::lateness() const noexcept {
  const size_t count = std::min(arrivals_, kArrivals);
  if (count == 0) return 0;
  std::array<int64_t, kArrivals> sorted = late_;
  // The smallest value that at least 95 of 100 do not pass.
  const size_t rank = (count * 95 + 99) / 100 - 1;
  const auto at = sorted.begin() + static_cast<ptrdiff_t>(rank);
  std::nth_element(sorted.begin(), at, sorted.begin() + static_cast<ptrdiff_t>(count));
  return *at;
}

void StartBuffer::follow(int64_t now) noexcept {
  const int64_t passed = followed_ ? std::max<int64_t>(0, now - followed_at_) : 0;
  followed_ = true;
  followed_at_ = now;
  if (arrivals_ == 0) return;
  target_ = std::max(std::clamp(lateness(), kLeast, kMost), target_ - passed / 100);
}

int64_t StartBuffer::wait(int64_t now, int64_t ready, int64_t ahead) noexcept {
  if (!known_ || dry_) return 0;
  follow(now);
  const int64_t passed = now - first_tick_;
  // As long as the percentile says after the first arrival, and until as much is there.
  const int64_t time = arrivals_ == 0 ? 0 : std::min(lateness() + ahead, kMost) - passed;
  const int64_t sound = target_ - ready;
  return std::max<int64_t>(0, std::min(std::max(time, sound), kMost - passed));
}

}  // namespace facewire
