#include "facewire/gestures.h"

#include <algorithm>

#include "facewire/ease.h"

namespace facewire {
namespace {

struct Shape {
  double rise, hold, fall;  // Seconds; below 1 in all.
};
// Brows go up within a syllable and come down slowly; a nod is a short bow.
constexpr Shape kBrows = {0.16, 0.08, 0.34};
constexpr Shape kNod = {0.18, 0.0, 0.36};

constexpr float kBrowInner = 0.30f;
constexpr float kBrowOuter = 0.20f;
constexpr float kNodRadians = 0.055f;

float height(const Shape& shape, double seconds) noexcept {
  return static_cast<float>(ease(seconds / shape.rise) -
                            ease((seconds - shape.rise - shape.hold) / shape.fall));
}

}  // namespace

void Gestures::begin(Beat beat, float strength, int64_t sample) noexcept {
  gestures_[next_] = {.begin = sample, .beat = beat, .strength = std::clamp(strength, 0.0f, 1.0f)};
  next_ = (next_ + 1) % gestures_.size();
  until_ = std::max(until_, sample + longest_);
}

void Gestures::cut(int64_t sample) noexcept {
  for (Gesture& gesture : gestures_) {
    if (gesture.begin > sample) gesture = {};
  }
}

void Gestures::add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept {
  if (sample >= until_) return;
  float brows = 0.0f;
  float nod = 0.0f;
  for (const Gesture& gesture : gestures_) {
    if (gesture.begin >= sample || sample - gesture.begin >= longest_) continue;
    const double seconds = static_cast<double>(sample - gesture.begin) * seconds_per_sample_;
    // The higher of two, so that one on the way down does not add to the next one's speed.
    if (gesture.beat == Beat::stress) {
      brows = std::max(brows, gesture.strength * height(kBrows, seconds));
    } else {
      nod = std::max(nod, gesture.strength * height(kNod, seconds));
    }
  }
  const auto raise = [&](size_t column, float by) {
    row[column] = std::min(row[column] + by, 1.0f);
  };
  raise(kBrowInnerUp, kBrowInner * brows);
  raise(kBrowOuterUpLeft, kBrowOuter * brows);
  raise(kBrowOuterUpRight, kBrowOuter * brows);
  row[kPitch] -= kNodRadians * nod;
}

}  // namespace facewire
