#include "coverage.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace facewire {
namespace {

constexpr int kBlock = 8;

bool is_blank(const float* cells) noexcept {
  uint64_t bits[kBlock / 2];
  std::memcpy(bits, cells, sizeof bits);
  return (bits[0] | bits[1] | bits[2] | bits[3]) == 0;
}

// Of what is not negative; the library's is a call where SSE4.1 is not asked for.
int ceiling(float x) noexcept {
  const int whole = static_cast<int>(x);
  return whole + (static_cast<float>(whole) < x ? 1 : 0);
}

uint8_t level_of(float share) noexcept {
  return static_cast<uint8_t>(std::min(std::abs(share), 1.0f) * 255.0f + 0.5f);
}

}  // namespace

Bounds common(const Bounds& a, const Bounds& b) noexcept {
  return {std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
          std::min(a.bottom, b.bottom)};
}

Bounds touched(std::span<const Segment> segments, float reach) noexcept {
  if (segments.empty()) return {};
  float left = segments[0].x0, right = left, top = segments[0].y0, bottom = top;
  for (const Segment& s : segments) {
    left = std::min({left, s.x0, s.x1});
    right = std::max({right, s.x0, s.x1});
    top = std::min({top, s.y0, s.y1});
    bottom = std::max({bottom, s.y0, s.y1});
  }
  return {static_cast<int>(std::floor(left - reach)), static_cast<int>(std::floor(top - reach)),
          static_cast<int>(std::ceil(right + reach)), static_cast<int>(std::ceil(bottom + reach))};
}

// A cell past the last column takes what lies to the right, and the last block is whole.
Coverage::Coverage(size_t width)
    : stride_((width + 2 + kBlock) / kBlock * kBlock),
      cells_(new float[stride_ * kRows]()),
      runs_(new Run[stride_ / kBlock * 2 + 2]) {
  begin({});
}

void Coverage::begin(const Bounds& part) noexcept {
  left_ = part.left;
  top_ = part.top;
  columns_ = part.right - part.left;
  rows_ = part.bottom - part.top;
  std::fill(std::begin(first_), std::end(first_), columns_ + 1);
  std::fill(std::begin(last_), std::end(last_), -1);
}

void Coverage::fill(std::span<const Segment> segments) noexcept {
  const auto left = static_cast<float>(left_);
  const auto top = static_cast<float>(top_);
  for (const Segment& s : segments) edge(s.x0 - left, s.y0 - top, s.x1 - left, s.y1 - top);
}

// Clips to the rows and columns here, then counts.
void Coverage::edge(float x0, float y0, float x1, float y1) noexcept {
  // Flatter ones cover nothing that would be seen.
  if (std::abs(y1 - y0) < 1e-6f) return;
  float sign = 1;
  if (y0 > y1) {
    std::swap(x0, x1);
    std::swap(y0, y1);
    sign = -1;
  }
  const auto bottom = static_cast<float>(rows_);
  if (y1 <= 0 || y0 >= bottom) return;
  const float per_row = (x1 - x0) / (y1 - y0);
  if (y0 < 0) {
    x0 -= y0 * per_row;
    y0 = 0;
  }
  if (y1 > bottom) {
    x1 = x0 + (bottom - y0) * per_row;
    y1 = bottom;
  }
  const auto right = static_cast<float>(columns_);
  // Outside, an edge counts as one that runs along the border.
  if ((x0 <= 0 && x1 <= 0) || (x0 >= right && x1 >= right)) {
    const float border = x0 <= 0 ? 0 : right;
    return slope(border, y0, border, y1, sign);
  }
  const float low = std::min(x0, x1);
  const float high = std::max(x0, x1);
  if (low >= 0 && high <= right) return slope(x0, y0, x1, y1, sign);
  // Cuts it where it comes in and where it goes out.
  const auto at = [&](float x) { return std::clamp(y0 + (x - x0) / per_row, y0, y1); };
  float from = x0 < 0 ? at(0) : x0 > right ? at(right) : y0;
  float to = x1 < 0 ? at(0) : x1 > right ? at(right) : y1;
  from = std::min(from, to);
  const auto within = [&](float x) { return std::clamp(x, 0.0f, right); };
  if (from > y0) slope(within(x0), y0, within(x0), from, sign);
  slope(within(x0), from, within(x1), to, sign);
  if (to < y1) slope(within(x1), to, within(x1), y1, sign);
}

// Each cell gets what it adds to the coverage of all pixels from it to the right end.
void Coverage::slope(float x0, float y0, float x1, float y1, float sign) noexcept {
  if (y0 >= y1) return;
  const float per_row = (x1 - x0) / (y1 - y0);
  const float low = std::min(x0, x1);
  const float high = std::max(x0, x1);
  float x = x0;
  const int end = std::min(rows_, ceiling(y1));
  for (int y = static_cast<int>(y0); y < end; ++y) {
    const float dy = std::min(static_cast<float>(y + 1), y1) - std::max(static_cast<float>(y), y0);
    const float next = std::clamp(x + per_row * dy, low, high);
    const float d = dy * sign;
    const float a = std::min(x, next);
    const float b = std::max(x, next);
    const int first = static_cast<int>(a);
    const int last = std::max(first + 1, ceiling(b));
    float* const cells = cells_.get() + static_cast<size_t>(y) * stride_;
    const float start = static_cast<float>(first);
    if (last == first + 1) {
      const float mean = 0.5f * (a + b) - start;
      cells[first] += d - d * mean;
      cells[last] += d * mean;
    } else {
      // The edge goes through several pixels of this row: a triangle in the first and the
      // last of them, a slope between.
      const float s = 1 / (b - a);
      const float in = 1 - (a - start);
      const float out = b - static_cast<float>(last - 1);
      const float head = 0.5f * s * in * in;
      const float tail = 0.5f * s * out * out;
      cells[first] += d * head;
      if (last == first + 2) {
        cells[first + 1] += d * (1 - head - tail);
      } else {
        const float second = s * (in + 0.5f);
        cells[first + 1] += d * (second - head);
        for (int i = first + 2; i < last - 1; ++i) cells[i] += d * s;
        const float before = second + static_cast<float>(last - first - 3) * s;
        cells[last - 1] += d * (1 - before - tail);
      }
      cells[last] += d * tail;
    }
    first_[y] = std::min(first_[y], first);
    last_[y] = std::max(last_[y], last);
    x = next;
  }
}

void Coverage::stroke(std::span<const Segment> segments, float half) noexcept {
  // A line thinner than a pixel is paler instead.
  const float most = std::min(1.0f, 2 * half);
  const float reach = half + 0.5f;
  for (const Segment& s : segments) {
    const float x0 = s.x0 - static_cast<float>(left_), x1 = s.x1 - static_cast<float>(left_);
    const float y0 = s.y0 - static_cast<float>(top_), y1 = s.y1 - static_cast<float>(top_);
    const float dx = x1 - x0, dy = y1 - y0;
    const float length = dx * dx + dy * dy;
    const float scale = length > 0 ? 1 / length : 0;
    // Anything below 0 is cut off there.
    const int top = static_cast<int>(std::max(0.0f, std::min(y0, y1) - reach));
    const int bottom = std::min(rows_, ceiling(std::max(0.0f, std::max(y0, y1) + reach)));
    const int left = static_cast<int>(std::max(0.0f, std::min(x0, x1) - reach));
    const int right = std::min(columns_, ceiling(std::max(0.0f, std::max(x0, x1) + reach)));
    if (left >= right) continue;
    for (int y = top; y < bottom; ++y) {
      float* const cells = cells_.get() + static_cast<size_t>(y) * stride_;
      const float py = static_cast<float>(y) + 0.5f - y0;
      for (int x = left; x < right; ++x) {
        const float px = static_cast<float>(x) + 0.5f - x0;
        const float t = std::clamp((px * dx + py * dy) * scale, 0.0f, 1.0f);
        const float ex = px - t * dx, ey = py - t * dy;
        const float covered = std::min(reach - std::sqrt(ex * ex + ey * ey), most);
        cells[x] = std::max(cells[x], covered);
      }
      first_[y] = std::min(first_[y], left);
      last_[y] = std::max(last_[y], right);
    }
  }
}

template <bool kIsSum>
std::span<const Run> Coverage::take(int y, uint8_t* levels) noexcept {
  const int row = y - top_;
  float* const cells = cells_.get() + static_cast<size_t>(row) * stride_;
  size_t count = 0;
  const auto add = [&](int left, int right, uint8_t level) {
    if (count > 0 && runs_[count - 1].right == left && runs_[count - 1].level == level)
      runs_[count - 1].right = right;
    else
      runs_[count++] = {left, right, level};
  };
  float sum = 0;
  const int begin = std::max(0, first_[row]) / kBlock * kBlock;
  for (int x = begin; x <= last_[row] && x < columns_; x += kBlock) {
    const int end = std::min(x + kBlock, columns_);
    if (is_blank(cells + x)) {
      const uint8_t level = kIsSum ? level_of(sum) : 0;
      if (level > 0) add(left_ + x, left_ + end, level);
      continue;
    }
    float shares[kBlock];
    uint8_t own[kBlock];
    for (int i = 0; i < kBlock; ++i) shares[i] = kIsSum ? sum += cells[x + i] : cells[x + i];
    for (int i = 0; i < kBlock; ++i) own[i] = level_of(shares[i]);
    std::memcpy(levels + left_ + x, own, static_cast<size_t>(end - x));
    std::memset(cells + x, 0, kBlock * sizeof(float));
    add(left_ + x, left_ + end, 0);
  }
  // What lies past the last column was not looked at.
  cells[columns_] = cells[columns_ + 1] = 0;
  return {runs_.get(), count};
}

std::span<const Run> Coverage::take_filled(int y, uint8_t* levels) noexcept {
  return take<true>(y, levels);
}

std::span<const Run> Coverage::take_stroked(int y, uint8_t* levels) noexcept {
  return take<false>(y, levels);
}

}  // namespace facewire
