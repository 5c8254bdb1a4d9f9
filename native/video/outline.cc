#include "outline.h"

#include <algorithm>
#include <cmath>

namespace facewire {
namespace {

// How far segments may be from their curve, in pixels.
constexpr float kTolerance = 0.03f;
constexpr int kMostPieces = 64;

// What is not a number is 0, and nothing is so far away that sums lose pixels.
float sane(float value) noexcept {
  constexpr float kMost = 65536.0f;
  return value > -kMost ? std::min(value, kMost) : value <= -kMost ? -kMost : 0.0f;
}

}  // namespace

void Outline::begin() noexcept {
  count_ = seam_count_ = 0;
  start_x_ = start_y_ = x_ = y_ = 0;
}

bool Outline::add(float x, float y) noexcept {
  if (count_ == kMostSegments) return false;
  segments_[count_++] = {x_, y_, x, y};
  x_ = x;
  y_ = y;
  return true;
}

bool Outline::move(float x, float y) noexcept {
  if (x_ != start_x_ || y_ != start_y_) {
    // One place is for seams().
    if (seam_count_ + 1 == kMostSeams) return false;
    seams_[seam_count_++] = {x_, y_, start_x_, start_y_};
  }
  x_ = start_x_ = sane(x);
  y_ = start_y_ = sane(y);
  return true;
}

bool Outline::line(float x, float y) noexcept { return add(sane(x), sane(y)); }

bool Outline::curve(const float (&c)[6]) noexcept {
  const float x0 = x_, y0 = y_;
  const float x1 = sane(c[0]), y1 = sane(c[1]), x2 = sane(c[2]), y2 = sane(c[3]);
  const float x3 = sane(c[4]), y3 = sane(c[5]);
  // The second differences bound how far a chord is from its piece.
  const float ax = x0 - 2 * x1 + x2, ay = y0 - 2 * y1 + y2;
  const float bx = x1 - 2 * x2 + x3, by = y1 - 2 * y2 + y3;
  const float bend = std::sqrt(std::max(ax * ax + ay * ay, bx * bx + by * by));
  const float wanted = std::sqrt(0.75f * bend / kTolerance);
  const int pieces = std::clamp(static_cast<int>(std::min(wanted, 1000.0f)) + 1, 1, kMostPieces);
  for (int i = 1; i < pieces; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(pieces);
    const float u = 1 - t;
    const float p = u * u * u, q = 3 * u * u * t, r = 3 * u * t * t, s = t * t * t;
    if (!add(p * x0 + q * x1 + r * x2 + s * x3, p * y0 + q * y1 + r * y2 + s * y3)) return false;
  }
  return add(x3, y3);
}

bool Outline::close() noexcept {
  return (x_ == start_x_ && y_ == start_y_) || add(start_x_, start_y_);
}

std::span<const Segment> Outline::seams() noexcept {
  size_t count = seam_count_;
  if (x_ != start_x_ || y_ != start_y_) seams_[count++] = {x_, y_, start_x_, start_y_};
  return {seams_.get(), count};
}

}  // namespace facewire
