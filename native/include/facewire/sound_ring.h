#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace facewire {

// What render() made of one block.
struct RenderedBlock {
  int64_t first = 0;    // Ring position at the beginning of the block,
  int64_t end = 0;      // and behind it. More than `played` lie between when a cut ends in it.
  uint32_t played = 0;  // Frames of the block that came out of the ring.
  uint32_t silent = 0;  // Frames that did not.
  uint32_t dry = 0;     // Of these, frames for which the ring was empty.
};

// Mono s16 sound on its way from one writing thread to one sound card callback.
// Positions count frames since the ring was made, at the rate of the card.
//
// Neither side waits for the other, locks, or allocates after create(). All
// sound begins and ends with a ramp of `ramp_frames`: at the start, where it
// runs dry (the last sample fades away), where it goes on, and at flush().
// Between ramps samples pass unchanged.
class SoundRing {
 public:
  // Null when memory is short. The ring holds at least `frames`, which is >= 1.
  static std::unique_ptr<SoundRing> create(size_t frames, uint32_t ramp_frames) noexcept;

  // For the writing thread.
  size_t capacity() const noexcept { return mask_ + 1; }
  size_t room() const noexcept;
  int64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }
  // Takes as much as there is room for, from the front. Returns the frames taken.
  size_t write(std::span<const int16_t> frames) noexcept;
  // Voids all that was written so far. Returns the exact position at which the
  // ramp to silence begins: all before it has gone to the card, nothing behind
  // its ramp ever will. Called again with nothing written since, it returns the same.
  // What is written afterwards follows when the ramp is over.
  int64_t flush() noexcept;

  // For both: frames that went to the card (or were voided) so far.
  int64_t consumed() const noexcept;

  // For the callback: fills `out` with the next frames. Repeats its work once for
  // each flush() that comes while it works, and never otherwise.
  RenderedBlock render(std::span<int16_t> out) noexcept;

 private:
  // What the callback remembers from block to block.
  struct Voice {
    int64_t position = 0;
    int64_t cut_to = 0;  // Where it goes on when it has faded away.
    uint32_t gain = 0;   // Of ramp_frames_.
    bool fading = false;
    bool ran_dry = false;  // Why it fades.
    int16_t held = 0;      // The last sample, which fades away when no other follows.
  };

  SoundRing() = default;
  void take_flush(Voice& voice) const noexcept;
  RenderedBlock render_voice(Voice& voice, std::span<int16_t> out) const noexcept;

  std::unique_ptr<int16_t[]> samples_;
  size_t mask_ = 0;
  uint32_t ramp_frames_ = 0;
  int64_t voided_ = 0;  // The writer's copy of void_until_.
  int64_t stop_ = 0;    // What the last flush() returned.
  std::atomic<int64_t> written_{0};
  std::atomic<int64_t> void_until_{0};
  // Position of the callback, number of the last flush and whether the callback
  // still has to see it. In one word, so that flush() knows exactly which block it meets.
  std::atomic<uint64_t> control_{0};
  Voice voice_;
};

}  // namespace facewire
