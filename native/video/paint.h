#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/drawer.h"
#include "pixels.h"

namespace facewire {

// What a shape is filled with.
class Paint {
 public:
  // Reads a paint at the start of `list`. Returns how many numbers it took, 0 when they are none.
  size_t read(std::span<const float> list) noexcept;

  bool is_opaque() const noexcept { return is_opaque_; }
  // The pixels of a row, from column `left`.
  void row(int left, int y, std::span<Pixel> out) const noexcept;

 private:
  static constexpr size_t kShades = 256;
  static constexpr size_t kMostStops = 8;

  size_t read_stops(std::span<const float> list) noexcept;
  void linear_row(float x, float y, std::span<Pixel> out) const noexcept;
  void radial_row(float x, float y, std::span<Pixel> out) const noexcept;

  PaintKind kind_ = PaintKind::plain;
  bool is_opaque_ = true;
  // linear: x0, y0, and the way along x and y for one whole gradient; radial as in PaintKind.
  float place_[10] = {};
  // The colours from one end of a gradient to the other.
  Pixel shades_[kShades] = {};
};

}  // namespace facewire
