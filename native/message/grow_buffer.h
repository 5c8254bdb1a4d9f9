#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace facewire {

// A block of memory that only ever grows and says so when it cannot.
template <typename T>
class GrowBuffer {
 public:
  T* data() noexcept { return items_.get(); }
  const T* data() const noexcept { return items_.get(); }
  size_t size() const noexcept { return size_; }

  // Makes room for `count` items, keeping the first `keep`. False when memory is short.
  bool reserve(size_t count, size_t keep = 0) noexcept {
    if (count <= size_) return true;
    const size_t size = std::max(count, 2 * size_);
    std::unique_ptr<T[]> items(new (std::nothrow) T[size]);
    if (items == nullptr) return false;
    std::copy_n(items_.get(), keep, items.get());
    items_ = std::move(items);
    size_ = size;
    return true;
  }

 private:
  std::unique_ptr<T[]> items_;
  size_t size_ = 0;
};

}  // namespace facewire
