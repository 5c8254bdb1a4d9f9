#pragma once

#include <cstddef>
#include <cstdint>

namespace facewire::avx2 {

constexpr size_t kBlock = 64;
constexpr size_t kMostBlocks = 8;
constexpr size_t kMostItems = kMostBlocks * kBlock / 2;
// Places in front of the first end, for a load that begins before it.
constexpr size_t kBefore = 8;

// The items of a window, which is some blocks of a list of numbers. All arrays
// have room for one more block, because places are written many at a time.
struct NumberItems {
  uint32_t first[kMostItems + kBlock];  // Place of the first digit, behind any minus.
  uint32_t length[kMostItems + kBlock];
  uint32_t end_memory[kBefore + kMostItems + kBlock];  // From kBefore on: places of the commas.
  size_t count;
  bool negative;  // Some item has a minus.
  bool stopped;   // By something else than the end of the window.
};

// Finds the items, without their lengths, of a window that begins behind a
// comma. Between two items stand a comma, blanks and maybe a minus, in this order.
void find_number_items(const uint8_t* text, size_t blocks, NumberItems& items);

}  // namespace facewire::avx2
