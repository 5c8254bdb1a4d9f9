#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/channels.h"
#include "facewire/emphasis.h"

namespace facewire {

// Brows that rise on stressed syllables, a nod where a phrase has ended. Each
// begins at an output sample that is fixed once, so that pictures may be asked
// for in any order. Moves brows and head alone. Not thread-safe.
class Gestures {
 public:
  explicit Gestures(uint32_t sample_rate) noexcept
      : seconds_per_sample_(1.0 / static_cast<double>(sample_rate)),
        longest_(static_cast<int64_t>(sample_rate)) {}

  // Begins at output sample `sample`. Forgets the oldest when there are many.
  void begin(Beat beat, float strength, int64_t sample) noexcept;
  // What would begin after `sample` does not happen.
  void cut(int64_t sample) noexcept;

  void add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept;
  // At or after this output sample add() changes nothing.
  int64_t until() const noexcept { return until_; }

 private:
  struct Gesture {
    int64_t begin = INT64_MAX;
    Beat beat = Beat::stress;
    float strength = 0.0f;
  };

  const double seconds_per_sample_;
  const int64_t longest_;  // Samples; none lasts longer.
  int64_t until_ = INT64_MIN;
  size_t next_ = 0;
  std::array<Gesture, 8> gestures_;
};

}  // namespace facewire
