#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace facewire {

// When which frame is heard, told by the callback block by block and asked by
// any thread, without a lock. Remembers the last kBlocks blocks, so that also
// across silence, a cut or a change of latency the answer is that of the block
// which is at the ears, not of the one at the callback.
class PlayoutClock {
 public:
  static constexpr size_t kBlocks = 512;

  struct Block {
    int64_t heard_ns = 0;  // When the first frame of the block is heard, on the steady clock.
    int64_t first = 0;     // Its position.
    int64_t played = 0;    // Frames that follow it in the block; then silence.
  };

  // For the callback.
  void add(const Block& block) noexcept;
  // Position that is heard at `now_ns` with `rate` frames a second: just past
  // the last frame heard. 0 before the first block.
  int64_t position(int64_t now_ns, double rate) const noexcept;
  // From the newest block: how long after `now_ns` its first frame is heard.
  bool newest(Block& block) const noexcept;

 private:
  // Each written between two increments of `turn`, which is odd in between.
  struct Slot {
    std::atomic<uint64_t> turn{0};
    std::atomic<int64_t> heard_ns{0}, first{0}, played{0};
  };

  bool read(uint64_t index, Block& block) const noexcept;

  std::array<Slot, kBlocks> slots_;
  std::atomic<uint64_t> count_{0};
};

}  // namespace facewire
