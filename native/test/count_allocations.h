#pragma once

#include <atomic>
#include <cstddef>

namespace check {

// Calls of operator new in this program so far. Counting is linked in for
// programs that read it.
extern std::atomic<size_t> allocations;

}  // namespace check
