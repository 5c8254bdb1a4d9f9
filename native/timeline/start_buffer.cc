#include "facewire/start_buffer.h"

#include <algorithm>
#include <span>

namespace facewire {
namespace {

// A sixteenth more than what was seen, and as much again after so few arrivals, because what is the
// worst in few is not the worst there is. Measured in start_buffer_test.
constexpr int64_t kMarginPart = 16;
constexpr int64_t kFew = 4;

}  // namespace

void StartBuffer::close_spell() noexcept {
  spells_[closed_ % kSpells] = spell_;
  closed_ += 1;
  spell_ = {};
}

void StartBuffer::restart() noexcept {
  known_ = false;
  if (spell_.arrivals >= kSpellLeast) close_spell();
}

void StartBuffer::arrived(int64_t tick, int64_t position) noexcept {
  if (known_) {
    const int64_t late = (tick - first_tick_) - (position - first_position_);
    if (late - line_ <= kMost) spell_.above_line = std::max(spell_.above_line, late - line_);
    spell_.after_first = std::max(spell_.after_first, std::min(late, kMost));
    line_ = std::min(line_, late);
    spell_.arrivals += 1;
    if (spell_.arrivals == kSpellMost) close_spell();
  }
  if (known_ && !dry_) return;
  known_ = true;
  dry_ = false;
  first_tick_ = tick;
  first_position_ = position;
  line_ = 0;
}

StartBuffer::Spell StartBuffer::worst() const noexcept {
  Spell worst = spell_;
  for (const Spell& spell : std::span(spells_).first(std::min(closed_, kSpells))) {
    worst.above_line = std::max(worst.above_line, spell.above_line);
    worst.after_first = std::max(worst.after_first, spell.after_first);
    worst.arrivals += spell.arrivals;
  }
  return worst;
}

int64_t StartBuffer::Spell::start() const noexcept {
  return above_line + above_line / kMarginPart + above_line * kFew / std::max(arrivals, kFew);
}

int64_t StartBuffer::lateness() const noexcept { return worst().above_line; }

int64_t StartBuffer::target() const noexcept {
  if (!knows()) return kFirst;
  return std::clamp(worst().start(), kLeast, kMost);
}

int64_t StartBuffer::wait(int64_t now, int64_t ready, int64_t ahead) noexcept {
  if (!known_ || dry_) return 0;
  const int64_t most = kMost - (now - first_tick_);
  if (!knows()) return std::max<int64_t>(0, std::min(kFirst - ready, most));
  const Spell late = worst();
  int64_t start = line_ + late.start();
  // Where all sound comes ahead of its first there is nothing to wait for, however uneven it is.
  if (late.after_first <= 0) start = std::min(start, late.after_first);
  const int64_t time = start + ahead - (now - first_tick_);
  return std::max<int64_t>(0, std::min(std::max(time, kLeast - ready), most));
}

}  // namespace facewire
