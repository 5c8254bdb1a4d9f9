#pragma once

#include <cstdint>
#include <optional>

#include "facewire/loudness.h"

namespace facewire {

enum class Beat : uint8_t {
  stress,      // A syllable that stands out.
  phrase_end,  // Speech that lasted a while has stopped.
};

// A moment of the source at which a face would move along.
struct Emphasis {
  Beat beat;
  int64_t source;  // The sound up to here tells of it; nothing after is needed.
  float strength;  // In (0, 1].
};

// Finds them in the loudness of the speech, whatever language and whatever
// else is known of it. Not thread-safe.
class EmphasisFinder {
 public:
  explicit EmphasisFinder(int64_t seed) noexcept : seed_(seed) {}

  // Looks at the blocks that are new, one after the other. Nothing when there is
  // none, or none of them tells of anything.
  std::optional<Emphasis> next(const Loudness& loudness) noexcept;
  // The utterance ends at `source`: as a pause would.
  std::optional<Emphasis> end(int64_t source) noexcept;
  void restart() noexcept;

 private:
  std::optional<Emphasis> hear(float decibels, int64_t block, int64_t at) noexcept;
  // The same in every run.
  float chance(uint64_t purpose, int64_t block) const noexcept;

  const int64_t seed_;
  int64_t block_ = -1;  // To be looked at next; -1 is any.
  float top_ = -40.0f;  // How loud the speech gets, dB.
  float mean_ = -40.0f;
  float before_ = Loudness::kSilence;
  int since_stress_ = 0;  // Blocks.
  int wait_ = 0;          // Blocks that must lie between two accents.
  int voiced_ = 0;        // Blocks of the phrase.
  int pause_ = 0;         // Blocks.
};

}  // namespace facewire
