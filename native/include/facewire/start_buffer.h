#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace facewire {

// How long speech should wait before it starts, or goes on after it ran dry, so
// that it need not stop again. All times are ticks of 100 ns on one clock of the
// caller's choice that never goes back; nothing here looks at a clock.
//
// The line of a stretch of speech is when its sound would have begun to come if
// all of it had come as early as the earliest so far. Each arrival is late by
// its distance above that line; the most of that in the latest kSpells spells is
// what may happen again, so speech starts so long after the line. A first
// arrival that was late itself thus costs little: those behind it pull the line
// down while speech waits. A spell is made of whole stretches, or of
// kSpellMost arrivals. What is later than kMost is a fault that no waiting is
// meant for, and is not learned from.
class StartBuffer {
 public:
  static constexpr int64_t kLeast = 200'000;   // 20 ms
  static constexpr int64_t kFirst = 600'000;   // 60 ms, while nothing is known.
  static constexpr int64_t kMost = 6'000'000;  // 600 ms
  static constexpr size_t kSpells = 16;
  static constexpr int64_t kSpellLeast = 32;  // Arrivals.
  static constexpr int64_t kSpellMost = 256;

  // The next arrival begins a stretch of speech that has nothing to do with the one before.
  void restart() noexcept;
  // Speech stopped for want of sound: the next arrival was late, and begins a stretch.
  void ran_dry() noexcept { dry_ = true; }
  // Sound that begins at `position`, in ticks of media time, came in at `tick`.
  void arrived(int64_t tick, int64_t position) noexcept;

  // Ticks to wait at `now` when `ready` ticks of speech are there; 0 = start.
  // Without any arrival in this stretch there is nothing to go by, and 0. Who
  // takes sound `ahead` of its being heard needs it so much earlier.
  int64_t wait(int64_t now, int64_t ready, int64_t ahead = 0) noexcept;

  // How long after its line speech starts, and at least as much of it has to be there as is
  // always wanted.
  int64_t target() const noexcept;
  // The most that sound was late, above its line; 0 when nothing is known.
  int64_t lateness() const noexcept;

 private:
  // The latest of some arrivals.
  struct Spell {
    int64_t above_line = 0;
    int64_t after_first = INT64_MIN;  // Of their stretch; not positive when all kept up with it.
    int64_t arrivals = 0;
    // How long after its line speech starts: a little more than what was seen, more after few.
    int64_t start() const noexcept;
  };
  Spell worst() const noexcept;
  void close_spell() noexcept;
  bool knows() const noexcept { return closed_ > 0 || spell_.arrivals > 0; }

  std::array<Spell, kSpells> spells_ = {};
  size_t closed_ = 0;
  Spell spell_ = {};
  bool known_ = false;
  bool dry_ = false;
  int64_t first_tick_ = 0;
  int64_t first_position_ = 0;
  int64_t line_ = 0;  // After the first tick; at most 0.
};

}  // namespace facewire
