#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "facewire/channels.h"
#include "facewire/kernel_table.h"

namespace facewire {

// Output over which the mouth is either at rest or nothing but the curve
// through the rows of one clause: no seam, cut or end is near. That is the usual
// case; looked up once, it serves many pictures.
struct Stretch {
  // Further than any sample is, with room to add to it.
  static constexpr int64_t kFar = int64_t{1} << 60;

  // Output samples [begin, end).
  int64_t begin = 0;
  int64_t end = 0;
  bool speaking = false;
  int64_t longest_period = kFar;  // Of pictures that need nothing else.
  bool steep = false;             // Weights may move faster than kMaxSpeed.
  int64_t origin = 0;             // Output sample of row 0.
  double hop = 1.0;               // Samples from row to row.
  const float* rows = nullptr;    // A ring of weights and slopes, see FeatureTrack; null at rest.
  size_t oldest = 0;              // Number of the oldest row in it; the clause may have had more.
  size_t first = 0;               // Place of that row in it.
  size_t capacity = 0;            // Rows in it.

  bool holds(int64_t sample) const noexcept { return sample >= begin && sample < end; }

  // The weights at a sample inside.
  void evaluate(const FaceKernels& kernels, int64_t sample, float* out) const noexcept {
    if (rows == nullptr) {
      std::fill_n(out, kWeightCount, 0.0f);
      return;
    }
    const double position = static_cast<double>(sample - origin) / hop;
    const auto whole = static_cast<size_t>(position);
    const float* from = row(whole);
    const float* to = row(whole + 1);
    kernels.hermite(from, from + kWeightCount, to, to + kWeightCount, kWeightCount,
                    static_cast<float>(position - static_cast<double>(whole)), out);
    limit_close(out);
  }

  // True when [from, to) lies inside and no row in it or next to it has its
  // lips as near to each other as `aperture_limit`.
  bool stays_open(int64_t from, int64_t to, float aperture_limit) const noexcept {
    if (rows == nullptr || from < begin || to > end) return false;
    const auto first_row = static_cast<size_t>(static_cast<double>(from - origin) / hop);
    const auto last_row = static_cast<size_t>(static_cast<double>(to - origin) / hop) + 1;
    for (size_t i = first_row; i <= last_row; ++i) {
      if (aperture(row(i)) <= aperture_limit) return false;
    }
    return true;
  }

  const float* row(size_t index) const noexcept {
    const size_t place = first + index - oldest;
    return rows + (place < capacity ? place : place - capacity) * 2 * kWeightCount;
  }

  // On most faces a lip closed further than the jaw is open goes through the other lip.
  static void limit_close(float* weights) noexcept {
    weights[kMouthClose] = std::min(weights[kMouthClose], weights[kJawOpen] + 0.1f);
  }

  // As far as [from, to) goes.
  void narrow(int64_t from, int64_t to) noexcept {
    begin = std::max(begin, from);
    end = std::min(end, to);
  }
};

}  // namespace facewire
