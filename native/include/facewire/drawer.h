#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "facewire/result.h"
#include "facewire/yuv_picture.h"

namespace facewire {

// Draws lists of filled and stroked paths over a still background, straight into
// RGBA pictures of one size. A list is numbers: steps, each with its arguments, in
// picture pixels from the top left corner. The same numbers stand in
// src/avatar/drawing-list.ts. The pixels depend on the list alone.
enum class DrawStep : int32_t {
  begin = 0,    // forgets the path
  move = 1,     // x, y
  line = 2,     // x, y
  curve = 3,    // x1, y1, x2, y2, x, y
  close = 4,    //
  fill = 5,     // paint; by the nonzero rule
  stroke = 6,   // width, paint; with round ends and joins
  clip = 7,     // to the path, inside the clip before
  unclip = 8,   // back to the clip before
  overlay = 9,  // the still layer
};

// A paint is its kind and:
//   plain    red, green, blue (0 to 255), opacity (0 to 1)
//   linear   x0, y0, x1, y1, stops
//   radial   left, top, x scale, y scale, x0, y0, r0, x1, y1, r1, stops; the
//            circles lie in the space ((x - left) * x scale, (y - top) * y scale)
// Stops are their count (2 to 8), then place (0 to 1, rising), red, green, blue, opacity each.
enum class PaintKind : int32_t { plain = 0, linear = 1, radial = 2 };

// Clips may be this deep.
inline constexpr size_t kMostClips = 2;

// Not thread-safe. All memory is taken by create().
class Drawer {
 public:
  // `backdrop` and `overlay` hold width x height pixels, RGBA, and are copied. None without memory.
  static std::unique_ptr<Drawer> create(size_t width, size_t height,
                                        std::span<const uint8_t> backdrop,
                                        std::span<const uint8_t> overlay) noexcept;
  ~Drawer();

  // Makes `area` of `out`, which holds width x height pixels, anew. Fails with
  // bad_option and the position in `list` of what is not as above; the picture is then
  // not to be used. `area` is inside the picture.
  Result draw(std::span<const float> list, const PictureArea& area,
              std::span<uint8_t> out) noexcept;

  size_t width() const noexcept;
  size_t height() const noexcept;

 private:
  struct Parts;
  explicit Drawer(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace facewire
