#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/channels.h"

namespace facewire {

// Facial expressions over whatever else the face does: a smile that is worn from
// one output sample to another. Each comes and goes within kRampSeconds, several
// may be worn at once, and of two that use a channel the stronger one shows.
//
// They never part lips: jawOpen and mouthClose are not theirs, and what would
// show between closed lips only comes as these open. While there is speech the
// mouth has at most kSpeechShare of an expression. Not thread-safe; allocates nothing.
class Expressions {
 public:
  static constexpr size_t kMost = 8;
  static constexpr int64_t kOpen = int64_t{1} << 60;
  // 1 in this time is 0.13 in a picture at 25 per second.
  static constexpr double kRampSeconds = 0.32;
  static constexpr double kShareSeconds = 0.40;
  static constexpr float kSpeechShare = 1.0f / 3.0f;
  using Weights = std::span<const float, kWeightCount>;

  explicit Expressions(uint32_t sample_rate) noexcept;

  // Worn from `from` to `to`; kOpen is until told otherwise. With the key of
  // one that is worn this changes where it ends, and nothing else. False when kMost are.
  bool wear(int64_t key, Weights weights, float intensity, int64_t from, int64_t to) noexcept;
  // No picture of `shown` or before will be asked for that must differ: an end
  // that lies before it counts from there. Nothing when none has this key.
  void end(int64_t key, int64_t to, int64_t shown) noexcept;
  // Forgets the one with this key if it begins after `sample`, else ends it there.
  void cut(int64_t key, int64_t sample) noexcept;

  // From output sample `sample` on, speech has begun, or is over.
  void speech(int64_t sample, bool begins) noexcept;
  // The most that the mouth shows of an expression at `sample`, 1 to kSpeechShare.
  float share(int64_t sample) const noexcept;

  // `row` has the weights of the mouth; its head pose is left alone.
  void add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept;
  // At or after this output sample add() changes nothing.
  int64_t until() const noexcept;

 private:
  struct Worn {
    int64_t key = 0;
    int64_t from = kOpen;
    int64_t to = -kOpen;  // Free when this lies before `from`.
    std::array<float, kWeightCount> weights = {};
  };
  // The share of the mouth goes from one value to another.
  struct Share {
    int64_t since = -kOpen;
    float from = 1.0f;
    float to = 1.0f;
  };

  float level(const Worn& worn, int64_t sample) const noexcept;
  Worn* find(int64_t key) noexcept;

  const double ramp_;   // Samples.
  const double share_;  // Samples.
  Share mouth_;
  std::array<Worn, kMost> worn_;
};

}  // namespace facewire
