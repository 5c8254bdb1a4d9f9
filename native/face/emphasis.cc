#include "facewire/emphasis.h"

#include <algorithm>

#include "random.h"

namespace facewire {
namespace {

// What a random number is for; idle life has those below 100.
constexpr uint64_t kWait = 100, kStressSize = 101, kNodSize = 102;

constexpr float kPerBlock = 1.0f / static_cast<float>(Loudness::kBlocksPerSecond);
// Below this far under the loudest, or below this at all, nobody speaks.
constexpr float kRange = 32.0f;
constexpr float kFloor = -55.0f;
// A syllable stands out that is so much louder than speech has been on average.
constexpr float kStandsOut = 4.0f;
constexpr float kFullStrength = 9.0f;
// The pauses between words are shorter.
constexpr int kPauseBlocks = 8;
constexpr int kPhraseBlocks = 25;

}  // namespace

float EmphasisFinder::chance(uint64_t purpose, int64_t block) const noexcept {
  return static_cast<float>(random_of(seed_, purpose, block));
}

void EmphasisFinder::restart() noexcept {
  block_ = -1;
  before_ = Loudness::kSilence;
  voiced_ = pause_ = 0;
}

std::optional<Emphasis> EmphasisFinder::next(const Loudness& loudness) noexcept {
  if (block_ < loudness.first()) block_ = loudness.first();
  while (block_ < loudness.next()) {
    const int64_t block = block_++;
    const auto found =
        hear(loudness.decibels(block), block, (block + 1) * loudness.block_samples() - 1);
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<Emphasis> EmphasisFinder::hear(float decibels, int64_t block, int64_t at) noexcept {
  top_ = std::max(decibels, top_ - 3.0f * kPerBlock);
  const bool voiced = decibels > std::max(kFloor, top_ - kRange);
  const float rise = decibels - before_;
  before_ = decibels;
  since_stress_ = std::min(since_stress_ + 1, 1 << 20);
  if (!voiced) {
    pause_ += 1;
    return pause_ == kPauseBlocks ? end(at) : std::nullopt;
  }
  pause_ = 0;
  voiced_ += 1;
  const float above = decibels - mean_;
  // Towards the average of a second of speech.
  mean_ += (decibels - mean_) * kPerBlock * (voiced_ < 10 ? 4.0f : 1.0f);
  if (above < kStandsOut || rise <= 0.0f || since_stress_ < wait_ || voiced_ < 3)
    return std::nullopt;
  since_stress_ = 0;
  // 0.5 to 1.5 s: not every stress is shown.
  wait_ = 25 + static_cast<int>(50.0f * chance(kWait, block));
  const float size = std::min(above / kFullStrength, 1.0f);
  return Emphasis{Beat::stress, at, size * (0.6f + 0.4f * chance(kStressSize, block))};
}

std::optional<Emphasis> EmphasisFinder::end(int64_t source) noexcept {
  const int voiced = voiced_;
  voiced_ = 0;
  if (voiced < kPhraseBlocks || source < 0) return std::nullopt;
  return Emphasis{Beat::phrase_end, source, 0.5f + 0.5f * chance(kNodSize, source)};
}

}  // namespace facewire
