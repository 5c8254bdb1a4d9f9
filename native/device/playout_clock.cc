#include "facewire/playout_clock.h"

#include <algorithm>

namespace facewire {

void PlayoutClock::add(const Block& block) noexcept {
  const uint64_t index = count_.load(std::memory_order_relaxed);
  Slot& slot = slots_[index % kBlocks];
  // The fields are stored with release, so whoever sees one of them sees the odd turn, too.
  slot.turn.store(2 * index + 1, std::memory_order_relaxed);
  slot.heard_ns.store(block.heard_ns, std::memory_order_release);
  slot.first.store(block.first, std::memory_order_release);
  slot.played.store(block.played, std::memory_order_release);
  slot.turn.store(2 * index + 2, std::memory_order_release);
  count_.store(index + 1, std::memory_order_release);
}

bool PlayoutClock::read(uint64_t index, Block& block) const noexcept {
  const Slot& slot = slots_[index % kBlocks];
  if (slot.turn.load(std::memory_order_acquire) != 2 * index + 2) return false;
  block.heard_ns = slot.heard_ns.load(std::memory_order_acquire);
  block.first = slot.first.load(std::memory_order_acquire);
  block.played = slot.played.load(std::memory_order_acquire);
  return slot.turn.load(std::memory_order_relaxed) == 2 * index + 2;
}

bool PlayoutClock::newest(Block& block) const noexcept {
  const uint64_t count = count_.load(std::memory_order_acquire);
  // The callback would have to go round all slots meanwhile.
  return count > 0 && read(count - 1, block);
}

int64_t PlayoutClock::position(int64_t now_ns, double rate) const noexcept {
  // A reader that slept until the callback had gone round all slots looks again.
  for (int attempt = 0; attempt < 8; ++attempt) {
    const uint64_t count = count_.load(std::memory_order_acquire);
    if (count == 0) return 0;
    const uint64_t oldest = count > kBlocks ? count - kBlocks : 0;
    Block block;
    int64_t earliest = -1;
    for (uint64_t index = count; index > oldest; --index) {
      // Overwritten since: everything older is, too.
      if (!read(index - 1, block)) break;
      earliest = block.first;
      if (block.heard_ns > now_ns) continue;
      const double elapsed = static_cast<double>(now_ns - block.heard_ns) * 1e-9 * rate;
      return block.first +
             static_cast<int64_t>(std::min(elapsed, static_cast<double>(block.played)));
    }
    if (earliest >= 0) return earliest;
  }
  return 0;
}

}  // namespace facewire
