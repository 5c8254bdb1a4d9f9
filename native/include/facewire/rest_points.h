#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace facewire {

// Source samples where speech may stop for a while, such as the ends of words, in
// rising order. The oldest give way to the newest.
class RestPoints {
 public:
  static constexpr size_t kMost = 256;

  // One that does not lie behind all the others is left out.
  void add(int64_t source) noexcept {
    if (count_ > 0 && source <= at(count_ - 1)) return;
    points_[(first_ + count_) % kMost] = source;
    if (count_ < kMost) {
      count_ += 1;
    } else {
      first_ = (first_ + 1) % kMost;
    }
  }

  // The last one in (after, upto], or -1.
  int64_t last_in(int64_t after, int64_t upto) const noexcept {
    for (size_t i = count_; i > 0 && at(i - 1) > after; --i) {
      if (at(i - 1) <= upto) return at(i - 1);
    }
    return -1;
  }

  void clear() noexcept { count_ = 0; }

 private:
  int64_t at(size_t index) const noexcept { return points_[(first_ + index) % kMost]; }

  std::array<int64_t, kMost> points_ = {};
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace facewire
