#include "paint.h"

#include <algorithm>
#include <cmath>

namespace facewire {
namespace {

struct Colour {
  float red, green, blue, opacity;
};

Pixel pixel_of(const Colour& c) noexcept {
  const auto part = [](float value, float scale) {
    return static_cast<Pixel>(std::clamp(value, 0.0f, 255.0f) * scale + 0.5f);
  };
  const float a = std::clamp(c.opacity, 0.0f, 1.0f);
  return part(c.red, a) | part(c.green, a) << 8 | part(c.blue, a) << 16 | part(255, a) << 24;
}

bool are_numbers(std::span<const float> list) noexcept {
  return std::all_of(list.begin(), list.end(), [](float x) { return std::abs(x) < 1e6f; });
}

}  // namespace

size_t Paint::read(std::span<const float> list) noexcept {
  if (list.empty()) return 0;
  const float kind = list[0];
  const size_t places = kind == 0 ? 0 : kind == 1 ? 4 : kind == 2 ? 10 : 99;
  list = list.subspan(1);
  if (places == 99 || list.size() < places + 4 || !are_numbers(list.first(places + 4))) return 0;
  kind_ = static_cast<PaintKind>(static_cast<int>(kind));
  if (kind_ == PaintKind::plain) {
    shades_[0] = pixel_of({list[0], list[1], list[2], list[3]});
    is_opaque_ = shades_[0] >> 24 == 255;
    return 5;
  }
  std::copy_n(list.begin(), places, place_);
  const size_t taken = read_stops(list.subspan(places));
  if (taken == 0) return 0;
  if (kind_ == PaintKind::linear) {
    const float dx = place_[2] - place_[0], dy = place_[3] - place_[1];
    const float length = dx * dx + dy * dy;
    if (length <= 0) return 0;
    place_[2] = dx / length;
    place_[3] = dy / length;
  } else {
    // The second circle holds the first, so every pixel has one place between them.
    const float dx = place_[7] - place_[4], dy = place_[8] - place_[5];
    const float dr = place_[9] - place_[6];
    if (place_[6] < 0 || dr <= 0 || dx * dx + dy * dy >= dr * dr) return 0;
  }
  return 1 + places + taken;
}

size_t Paint::read_stops(std::span<const float> list) noexcept {
  const float wanted = list[0];
  if (!(wanted >= 2 && wanted <= static_cast<float>(kMostStops))) return 0;
  const auto count = static_cast<size_t>(wanted);
  if (list.size() < 1 + 5 * count) return 0;
  const std::span<const float> stops = list.subspan(1, 5 * count);
  if (!are_numbers(stops)) return 0;
  is_opaque_ = true;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && stops[5 * i] < stops[5 * i - 5]) return 0;
    is_opaque_ = is_opaque_ && stops[5 * i + 4] >= 1;
  }
  size_t after = 0;
  for (size_t i = 0; i < kShades; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(kShades - 1);
    while (after < count && stops[5 * after] < t) ++after;
    const float* const a = &stops[5 * (after == 0 ? 0 : after - 1)];
    const float* const b = &stops[5 * std::min(after, count - 1)];
    const float share = b[0] > a[0] ? (t - a[0]) / (b[0] - a[0]) : 0;
    const auto mixed = [&](int c) { return a[c] + (b[c] - a[c]) * share; };
    shades_[i] = pixel_of({mixed(1), mixed(2), mixed(3), mixed(4)});
  }
  return 1 + 5 * count;
}

void Paint::row(int left, int y, std::span<Pixel> out) const noexcept {
  const float x = static_cast<float>(left) + 0.5f;
  const float middle = static_cast<float>(y) + 0.5f;
  if (kind_ == PaintKind::plain) return std::fill(out.begin(), out.end(), shades_[0]);
  if (kind_ == PaintKind::linear) return linear_row(x, middle, out);
  radial_row(x, middle, out);
}

void Paint::linear_row(float x, float y, std::span<Pixel> out) const noexcept {
  constexpr auto kEnd = static_cast<float>(kShades - 1);
  const float first = ((x - place_[0]) * place_[2] + (y - place_[1]) * place_[3]) * kEnd + 0.5f;
  const float step = place_[2] * kEnd;
  if (step == 0) {
    const float t = std::clamp(first, 0.0f, kEnd);
    return std::fill(out.begin(), out.end(), shades_[static_cast<size_t>(t)]);
  }
  for (size_t i = 0; i < out.size(); ++i) {
    const float t = first + step * static_cast<float>(static_cast<int>(i));
    out[i] = shades_[static_cast<size_t>(static_cast<int>(std::clamp(t, 0.0f, kEnd)))];
  }
}

void Paint::radial_row(float x, float y, std::span<Pixel> out) const noexcept {
  constexpr auto kEnd = static_cast<float>(kShades - 1);
  const float r0 = place_[6];
  const float cx = place_[7] - place_[4], cy = place_[8] - place_[5], dr = place_[9] - r0;
  // |p - t c| = r0 + t dr, for the greater t; a is below 0.
  const float a = cx * cx + cy * cy - dr * dr;
  const float scale = kEnd / a;
  const float px = (x - place_[0]) * place_[2] - place_[4];
  const float py = (y - place_[1]) * place_[3] - place_[5];
  const float of_row = py * cy + r0 * dr;
  int32_t index[64];
  for (size_t from = 0; from < out.size(); from += 64) {
    const size_t count = std::min<size_t>(64, out.size() - from);
    const float start = px + place_[2] * static_cast<float>(static_cast<int>(from));
    // Whole vectors.
    const size_t whole = (count + 7) / 8 * 8;
    for (size_t i = 0; i < whole; ++i) {
      const float qx = start + place_[2] * static_cast<float>(static_cast<int>(i));
      const float b = qx * cx + of_row;
      const float c = qx * qx + py * py - r0 * r0;
      const float root = std::sqrt(std::max(b * b - a * c, 0.0f));
      const float t = (b - root) * scale + 0.5f;
      index[i] = static_cast<int32_t>(std::min(std::max(t, 0.0f), kEnd));
    }
    for (size_t i = 0; i < count; ++i) out[from + i] = shades_[static_cast<size_t>(index[i])];
  }
}

}  // namespace facewire
