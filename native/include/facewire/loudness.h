#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace facewire {

// How loud the source is, in dB of full scale, in blocks of 20 ms. Keeps the
// latest 10 s. Not thread-safe; allocates nothing.
class Loudness {
 public:
  static constexpr int64_t kBlocksPerSecond = 50;
  static constexpr float kSilence = -90.0f;

  explicit Loudness(uint32_t sample_rate) noexcept
      : block_(static_cast<int64_t>(sample_rate) / kBlocksPerSecond) {}

  // Sound that lies at source sample `source` and after. Sound before what was
  // heard already is left out; a gap is silence.
  void hear(int64_t source, std::span<const float> samples) noexcept;
  // Forgets the block that is not whole yet: the stream breaks off here.
  void restart(int64_t source) noexcept;

  // Whole blocks are known from first() up to, not including, next(); block b
  // begins at source sample b * block_samples().
  int64_t first() const noexcept;
  int64_t next() const noexcept { return next_; }
  int64_t block_samples() const noexcept { return block_; }
  float decibels(int64_t block) const noexcept {
    return block < first() || block >= next_ ? kSilence
                                             : levels_[static_cast<size_t>(block) % kKept];
  }

 private:
  static constexpr size_t kKept = 512;

  static constexpr size_t kLanes = 16;

  void add(std::span<const float> samples) noexcept;
  void finish() noexcept;

  const int64_t block_;                  // Samples.
  int64_t next_ = 0;                     // Block that is being heard.
  int64_t begin_ = 0;                    // Before it nothing is known.
  int64_t taken_ = 0;                    // Samples of it, gaps included.
  std::array<float, kLanes> sums_ = {};  // Squares, by place.
  std::array<float, kKept> levels_ = {};
};

}  // namespace facewire
