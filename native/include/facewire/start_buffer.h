#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace facewire {

// How long speech should wait before it starts, or goes on after it ran dry, so
// that it need not stop again. All times are ticks of 100 ns on one clock of the
// caller's choice that never goes back; nothing here looks at a clock.
//
// Sound is late by as much longer as it took to come than the sound before it
// takes to be heard, both counted from the first arrival of its stretch of
// speech. The target is the 95th percentile of the latest kArrivals, within
// [kLeast, kMost]. It rises at once and falls by at most 1 % of the time that
// passes. A new target counts from the next start on: what is being heard is
// neither stretched nor cut, so a shorter wait comes out of the silence
// between two stretches.
class StartBuffer {
 public:
  static constexpr int64_t kLeast = 200'000;   // 20 ms
  static constexpr int64_t kFirst = 600'000;   // 60 ms, while nothing is known.
  static constexpr int64_t kMost = 6'000'000;  // 600 ms
  static constexpr size_t kArrivals = 128;

  // The next arrival begins a stretch of speech that has nothing to do with the one before.
  void restart() noexcept { known_ = false; }
  // Speech stopped for want of sound: the next arrival was late, and begins a stretch.
  void ran_dry() noexcept { dry_ = true; }
  // Sound that begins at `position`, in ticks of media time, came in at `tick`.
  void arrived(int64_t tick, int64_t position) noexcept;

  // Ticks to wait at `now` when `ready` ticks of speech are there; 0 = start.
  // Without any arrival in this stretch there is nothing to go by, and 0. Who
  // takes sound `ahead` of its being heard needs it so much earlier.
  int64_t wait(int64_t now, int64_t ready, int64_t ahead = 0) noexcept;

  // Speech that should be there before it starts.
  int64_t target() const noexcept { return target_; }
  // The percentile itself; negative when sound comes ahead of its time, 0 when nothing is known.
  int64_t lateness() const noexcept;

 private:
  void follow(int64_t now) noexcept;

  std::array<int64_t, kArrivals> late_ = {};
  size_t arrivals_ = 0;
  bool known_ = false;
  bool dry_ = false;
  int64_t first_tick_ = 0;
  int64_t first_position_ = 0;
  int64_t target_ = kFirst;
  bool followed_ = false;
  int64_t followed_at_ = 0;
};

}  // namespace facewire
