#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "facewire/channels.h"
#include "facewire/idle.h"
#include "facewire/kernel_table.h"
#include "facewire/life.h"
#include "facewire/mouth.h"
#include "facewire/stretch.h"

namespace facewire {

// All that drawing a picture of the usual kind reads besides feature rows, in
// one piece, so that a pool can lay those of many sessions side by side.
struct Pictures {
  Pictures(int64_t idle_seed, uint32_t rate) noexcept : sample_rate(rate), idle(idle_seed, rate) {}

  Stretch stretch;      // Around the latest picture; any change of what is seen empties it.
  int64_t shown = -1;   // Furthest output sample that was asked for.
  int64_t latest = -1;  // The one that was asked for last.
  int64_t sample_rate;
  std::array<int64_t, kMouthSourceCount> drawn = {};  // By where the mouth came from.
  bool closing = false;  // The latest picture closed lips that features leave open.
  bool limited = false;  // It is on its way to what it should show.
  IdleLife idle;
  // What the face does because of what is said; before output sample `life_until` it does
  // something.
  const Life* life = nullptr;
  int64_t life_until = INT64_MIN;

  // Further apart than a second there are no pictures.
  bool follows(int64_t sample, int64_t next) const noexcept {
    return next > sample && next - sample <= sample_rate;
  }

  // Draws the mouth at `sample`, if that takes no more than the stretch.
  bool draw_mouth(const FaceKernels& kernels, int64_t sample, int64_t next,
                  float* row) const noexcept {
    if (!stretch.holds(sample) || stretch.steep || limited) return false;
    if (next - sample > stretch.longest_period) return false;
    stretch.evaluate(kernels, sample, row);
    if (!follows(sample, next) || aperture(row) <= Mouth::kClosed) return true;
    const int64_t half = (next - sample) / 2;
    return stretch.stays_open(sample - half, next - half + 1, Mouth::kClosed);
  }

  MouthSource steady_source() const noexcept {
    return stretch.rows == nullptr ? MouthSource::rest : MouthSource::features;
  }

  // The rest of the face, and a note of what was shown.
  void finish(int64_t sample, MouthSource source, std::span<float, kFrameWidth> row) noexcept {
    drawn[static_cast<size_t>(source)] += 1;
    std::fill(row.begin() + kWeightCount, row.end(), 0.0f);
    if (sample < life_until) life->add(sample, row);
    idle.add(sample, row);
    shown = std::max(shown, sample);
    latest = sample;
  }
};

}  // namespace facewire
