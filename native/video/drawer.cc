#include "facewire/drawer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <vector>

#include "coverage.h"
#include "outline.h"
#include "paint.h"
#include "pixels.h"

namespace facewire {
namespace {

constexpr float kMostWidth = 512;

// What holds all pixels that are not clear.
Bounds seen(std::span<const Pixel> pixels, size_t width) noexcept {
  const auto last = static_cast<int>(width);
  Bounds bounds = {last, static_cast<int>(pixels.size() / width), 0, 0};
  for (int i = 0; i < static_cast<int>(pixels.size()); ++i) {
    if (pixels[static_cast<size_t>(i)] >> 24 == 0) continue;
    const int x = i % last, y = i / last;
    bounds = {std::min(bounds.left, x), std::min(bounds.top, y), std::max(bounds.right, x + 1),
              std::max(bounds.bottom, y + 1)};
  }
  return bounds;
}

// How much of each pixel of a rectangle may be drawn on.
struct Clip {
  Bounds bounds;
  std::vector<uint8_t> levels;  // Of the whole picture; valid inside the bounds.
};

}  // namespace

struct Drawer::Parts {
  Parts(size_t width_, size_t height_)
      : width(width_),
        height(height_),
        backdrop(width_ * height_),
        overlay(width_ * height_),
        scratch(new Pixel[width_ * height_]),
        levels(width_),
        colours(width_),
        coverage(width_) {
    for (Clip& clip : clips) clip.levels.resize(width * height);
  }

  size_t width, height;
  std::vector<Pixel> backdrop, overlay;
  // What is drawn on: the caller's picture, or `scratch` where that cannot be.
  Pixel* picture = nullptr;
  std::unique_ptr<Pixel[]> scratch;
  // The part of the overlay that shows.
  Bounds overlaid;
  bool has_alpha = false;
  std::vector<uint8_t> levels;
  std::vector<Pixel> colours;
  Coverage coverage;
  Outline outline;
  Paint paint;
  Clip clips[kMostClips];
  size_t depth = 0;
  Bounds area;

  Bounds limits() const noexcept { return depth == 0 ? area : clips[depth - 1].bounds; }

  // Calls each(y, run) for the runs of the path inside the clip, their levels in `levels`.
  template <typename Each>
  void each_run(float half_width, Each each) noexcept {
    const bool is_stroke = half_width > 0;
    const std::span<const Segment> drawn = outline.drawn();
    const Bounds part = common(limits(), touched(drawn, is_stroke ? half_width + 1 : 0));
    if (part.is_empty()) return;
    for (int top = part.top; top < part.bottom; top += Coverage::kRows) {
      const int bottom = std::min(part.bottom, top + Coverage::kRows);
      coverage.begin({part.left, top, part.right, bottom});
      if (is_stroke) {
        coverage.stroke(drawn, half_width);
      } else {
        coverage.fill(drawn);
        coverage.fill(outline.seams());
      }
      for (int y = top; y < bottom; ++y) {
        const auto runs = is_stroke ? coverage.take_stroked(y, levels.data())
                                    : coverage.take_filled(y, levels.data());
        for (const Run& run : runs) {
          if (depth == 0)
            each(y, run);
          else
            each_clipped(y, run, each);
        }
      }
    }
  }

  // Where the clip lets everything through, a run stays as it is.
  template <typename Each>
  void each_clipped(int y, const Run& run, Each& each) noexcept {
    const uint8_t* const mask = &clips[depth - 1].levels[at(y) * width];
    for (int x = run.left, end; x < run.right; x = end) {
      end = same_until(mask, x, run.right);
      if (mask[x] == 255) {
        each(y, Run{x, end, run.level});
      } else if (mask[x] > 0) {
        for (int i = x; i < end; ++i) {
          const unsigned level = run.level > 0 ? run.level : levels[at(i)];
          const unsigned product = level * mask[i] + 128;
          levels[at(i)] = static_cast<uint8_t>((product + (product >> 8)) >> 8);
        }
        each(y, Run{x, end, 0});
      }
    }
  }

  // The end of the pixels from `x` that are all shut, all open, or all neither.
  static int same_until(const uint8_t* mask, int x, int right) noexcept {
    const uint8_t first = mask[x++];
    if (first != 0 && first != 255) {
      while (x < right && mask[x] != 0 && mask[x] != 255) ++x;
      return x;
    }
    const uint64_t wanted = first == 0 ? 0 : ~uint64_t{0};
    for (; x + 8 <= right; x += 8) {
      uint64_t eight;
      std::memcpy(&eight, mask + x, sizeof eight);
      if (eight != wanted) break;
    }
    while (x < right && mask[x] == first) ++x;
    return x;
  }

  static size_t at(int x) noexcept { return static_cast<size_t>(x); }

  void paint_path(float half_width) noexcept {
    each_run(half_width, [&](int y, const Run& run) {
      Pixel* const to = &picture[at(y) * width + at(run.left)];
      const auto count = at(run.right - run.left);
      if (run.level == 255 && paint.is_opaque()) return paint.row(run.left, y, {to, count});
      paint.row(run.left, y, {colours.data(), count});
      if (run.level < 255) {
        const uint8_t* const own = &levels[at(run.left)];
        for (size_t i = 0; i < count; ++i)
          colours[i] = scaled(colours[i], run.level > 0 ? run.level : own[i]);
      }
      blend(to, colours.data(), count);
    });
  }

  void clip_path() noexcept {
    Clip& clip = clips[depth];
    const Bounds part = common(limits(), touched(outline.drawn(), 0));
    for (int y = part.top; y < part.bottom && part.left < part.right; ++y)
      std::memset(&clip.levels[at(y) * width + at(part.left)], 0, at(part.right - part.left));
    each_run(0, [&](int y, const Run& run) {
      uint8_t* const row = &clip.levels[at(y) * width];
      if (run.level > 0)
        std::memset(row + run.left, run.level, at(run.right - run.left));
      else
        std::memcpy(row + run.left, &levels[at(run.left)], at(run.right - run.left));
    });
    clip.bounds = part;
    ++depth;
  }

  void put_overlay() noexcept {
    const Bounds part = common(area, overlaid);
    for (int y = part.top; y < part.bottom && part.left < part.right; ++y) {
      const size_t from = at(y) * width + at(part.left);
      blend(&picture[from], &overlay[from], at(part.right - part.left));
    }
  }

  size_t step(std::span<const float> list) noexcept;
};

// Returns how many numbers the first step of the list takes, 0 when it is none.
size_t Drawer::Parts::step(std::span<const float> list) noexcept {
  const auto has = [&](size_t count) { return list.size() > count; };
  const float name = list[0];
  if (!(name >= 0 && name <= 9)) return 0;
  switch (static_cast<DrawStep>(static_cast<int>(name))) {
    case DrawStep::begin:
      outline.begin();
      return 1;
    case DrawStep::move:
      return has(2) && outline.move(list[1], list[2]) ? 3 : 0;
    case DrawStep::line:
      return has(2) && outline.line(list[1], list[2]) ? 3 : 0;
    case DrawStep::curve:
      return has(6) && outline.curve({list[1], list[2], list[3], list[4], list[5], list[6]}) ? 7
                                                                                             : 0;
    case DrawStep::close:
      return outline.close() ? 1 : 0;
    case DrawStep::fill: {
      const size_t taken = paint.read(list.subspan(1));
      if (taken == 0) return 0;
      paint_path(0);
      return 1 + taken;
    }
    case DrawStep::stroke: {
      if (!has(2) || !(list[1] > 0 && list[1] <= kMostWidth)) return 0;
      const size_t taken = paint.read(list.subspan(2));
      if (taken == 0) return 0;
      paint_path(list[1] / 2);
      return 2 + taken;
    }
    case DrawStep::clip:
      if (depth == kMostClips) return 0;
      clip_path();
      return 1;
    case DrawStep::unclip:
      if (depth == 0) return 0;
      --depth;
      return 1;
    case DrawStep::overlay:
      put_overlay();
      return 1;
  }
  return 0;
}

std::unique_ptr<Drawer> Drawer::create(size_t width, size_t height,
                                       std::span<const uint8_t> backdrop,
                                       std::span<const uint8_t> overlay) noexcept {
  try {
    auto parts = std::make_unique<Parts>(width, height);
    for (size_t i = 0; i < width * height; ++i) {
      parts->backdrop[i] = premultiplied(&backdrop[4 * i]);
      parts->overlay[i] = premultiplied(&overlay[4 * i]);
      if (parts->backdrop[i] >> 24 < 255) parts->has_alpha = true;
    }
    parts->overlaid = seen(parts->overlay, width);
    return std::unique_ptr<Drawer>(new Drawer(std::move(parts)));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Drawer::Drawer(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Drawer::~Drawer() = default;
size_t Drawer::width() const noexcept { return parts_->width; }
size_t Drawer::height() const noexcept { return parts_->height; }

Result Drawer::draw(std::span<const float> list, const PictureArea& area,
                    std::span<uint8_t> out) noexcept {
  Parts& p = *parts_;
  p.area = {static_cast<int>(area.x), static_cast<int>(area.y),
            static_cast<int>(area.x + area.width), static_cast<int>(area.y + area.height)};
  p.depth = 0;
  p.outline.begin();
  if (area.width == 0 || area.height == 0) return {};
  const size_t bottom = area.y + area.height;
  const size_t bytes = area.width * sizeof(Pixel);
  // Solid pixels are the same with and without alpha taken out.
  const bool is_direct =
      !p.has_alpha && reinterpret_cast<uintptr_t>(out.data()) % alignof(Pixel) == 0;
  p.picture = is_direct ? reinterpret_cast<Pixel*>(out.data()) : p.scratch.get();
  for (size_t y = area.y; y < bottom; ++y) {
    const size_t from = y * p.width + area.x;
    std::memcpy(&p.picture[from], &p.backdrop[from], bytes);
  }
  for (size_t position = 0; position < list.size();) {
    const size_t taken = p.step(list.subspan(position));
    if (taken == 0) return {Errc::bad_option, position};
    position += taken;
  }
  for (size_t y = area.y; y < bottom && !is_direct; ++y) {
    const size_t from = y * p.width + area.x;
    if (p.has_alpha) unmultiply(&p.picture[from], area.width);
    std::memcpy(&out[4 * from], &p.picture[from], bytes);
  }
  return {};
}

}  // namespace facewire
