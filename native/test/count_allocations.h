#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace check {

// Calls of operator new in this program so far. Counting is linked in for
// programs that read it.
extern std::atomic<size_t> allocations;

// How many more of them succeed; negative is all, 0 none.
extern std::atomic<int64_t> allocations_left;

}  // namespace check
