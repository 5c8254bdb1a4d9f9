#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "outline.h"

namespace facewire {

// A rectangle of whole pixels, right and bottom just past it.
struct Bounds {
  int left = 0, top = 0, right = 0, bottom = 0;
  bool is_empty() const noexcept { return left >= right || top >= bottom; }
};

Bounds common(const Bounds& a, const Bounds& b) noexcept;
// The pixels that segments, thickened by `reach`, touch.
Bounds touched(std::span<const Segment> segments, float reach) noexcept;

// Equal coverage over some pixels of a row.
struct Run {
  int left, right;
  // 1 to 255; 0 where every pixel has its own.
  uint8_t level;
};

// How much of each pixel a shape covers, a few rows at a time. Exact for straight
// edges; where a shape lies over itself, more than once counts as once.
class Coverage {
 public:
  static constexpr int kRows = 32;

  explicit Coverage(size_t width);

  // Begins with `part`, of at most kRows rows.
  void begin(const Bounds& part) noexcept;
  // Adds the inside of closed segments.
  void fill(std::span<const Segment> segments) noexcept;
  // Covers what is within `half` pixels of the segments.
  void stroke(std::span<const Segment> segments, float half) noexcept;

  // The runs of a row, for filled or for stroked segments. Every row has to be taken.
  // Levels of single pixels go to `levels`, by their column.
  std::span<const Run> take_filled(int y, uint8_t* levels) noexcept;
  std::span<const Run> take_stroked(int y, uint8_t* levels) noexcept;

 private:
  void edge(float x0, float y0, float x1, float y1) noexcept;
  void slope(float x0, float y0, float x1, float y1, float sign) noexcept;
  template <bool kIsSum>
  std::span<const Run> take(int y, uint8_t* levels) noexcept;

  size_t stride_;
  std::unique_ptr<float[]> cells_;
  std::unique_ptr<Run[]> runs_;
  int left_ = 0, top_ = 0, columns_ = 0, rows_ = 0;
  // The columns of each row that were written to.
  int first_[kRows], last_[kRows];
};

}  // namespace facewire
