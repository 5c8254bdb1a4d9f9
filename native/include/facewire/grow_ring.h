#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace facewire {

// Items of `width` floats, numbered without end, of which the latest are kept.
// Takes memory as more of them are alive at once, and never gives it back. An
// item is 0 before it is written.
class GrowRing {
 public:
  // At most `most` items are ever alive.
  GrowRing(size_t width, size_t most) noexcept : width_(width), most_(most) {}

  // Makes room for `more` items after [first, next), which it keeps. False when
  // memory is short, or that would be more than `most`; then nothing has changed.
  bool reserve(int64_t first, int64_t next, size_t more) noexcept {
    const size_t needed = static_cast<size_t>(next - first) + more;
    if (needed <= capacity_) return true;
    if (needed > most_) return false;
    // By half as much again: half a second of sound or a few rows at first.
    const size_t grown = std::max({needed, capacity_ + capacity_ / 2, kFirstFloats / width_});
    const size_t capacity = std::min(grown, most_);
    std::unique_ptr<float[], Free> items(
        static_cast<float*>(std::calloc(capacity * width_, sizeof(float))));
    if (items == nullptr) return false;
    for (int64_t at = first; at < next;) {
      // As far as neither ring goes round.
      const size_t from = static_cast<size_t>(at) % capacity_;
      const size_t to = static_cast<size_t>(at) % capacity;
      const size_t count =
          std::min({static_cast<size_t>(next - at), capacity_ - from, capacity - to});
      std::memcpy(items.get() + to * width_, items_.get() + from * width_,
                  count * width_ * sizeof(float));
      at += static_cast<int64_t>(count);
    }
    items_ = std::move(items);
    capacity_ = capacity;
    return true;
  }

  float* item(int64_t number) const noexcept {
    return items_.get() + static_cast<size_t>(number) % capacity_ * width_;
  }
  // Items from `number` on that lie behind each other in memory.
  int64_t run(int64_t number) const noexcept {
    return static_cast<int64_t>(capacity_ - static_cast<size_t>(number) % capacity_);
  }

  const float* items() const noexcept { return items_.get(); }
  size_t capacity() const noexcept { return capacity_; }
  size_t most() const noexcept { return most_; }
  size_t bytes() const noexcept { return capacity_ * width_ * sizeof(float); }

 private:
  static constexpr size_t kFirstFloats = 6656;

  struct Free {
    void operator()(float* memory) const noexcept { std::free(memory); }
  };
  const size_t width_;
  const size_t most_;
  size_t capacity_ = 0;
  std::unique_ptr<float[], Free> items_;
};

}  // namespace facewire
