#pragma once

#include <exception>
#include <vector>

namespace facewire {

// Makes a vector at least as long as `size`. False when memory is short.
template <typename T>
bool grow(std::vector<T>& items, size_t size) noexcept {
  if (items.size() >= size) return true;
  try {
    items.resize(size);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace facewire
