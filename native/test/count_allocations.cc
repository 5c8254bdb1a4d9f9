#include "count_allocations.h"

#include <cstdlib>
#include <new>

namespace check {
std::atomic<size_t> allocations{0};
std::atomic<int64_t> allocations_left{-1};

namespace {
void* allocate(size_t size) noexcept {
  ++allocations;
  if (allocations_left == 0) return nullptr;
  if (allocations_left > 0) --allocations_left;
  return std::malloc(size == 0 ? 1 : size);
}
}  // namespace
}  // namespace check

void* operator new(size_t size) {
  if (void* p = check::allocate(size)) return p;
  throw std::bad_alloc();
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return check::allocate(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return check::allocate(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
