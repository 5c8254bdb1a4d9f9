#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace facewire {

struct Segment {
  float x0, y0, x1, y1;
};

// A path as straight segments, near enough to its curves to look like them.
class Outline {
 public:
  static constexpr size_t kMostSegments = 4096;

  Outline() : segments_(new Segment[kMostSegments]), seams_(new Segment[kMostSeams]) {}

  void begin() noexcept;
  // These are false when there is no room.
  bool move(float x, float y) noexcept;
  bool line(float x, float y) noexcept;
  bool curve(const float (&c)[6]) noexcept;
  bool close() noexcept;

  // What was drawn.
  std::span<const Segment> drawn() const noexcept { return {segments_.get(), count_}; }
  // What closes the parts that were left open, for filling.
  std::span<const Segment> seams() noexcept;

 private:
  static constexpr size_t kMostSeams = 64;

  bool add(float x, float y) noexcept;

  std::unique_ptr<Segment[]> segments_;
  std::unique_ptr<Segment[]> seams_;
  size_t count_ = 0;
  size_t seam_count_ = 0;
  float start_x_ = 0, start_y_ = 0, x_ = 0, y_ = 0;
};

}  // namespace facewire
