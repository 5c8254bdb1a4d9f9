#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "facewire/kernels.h"
#include "facewire/result.h"

namespace facewire {

// Makes a stream fit a clock that runs a little fast or slow, as a sound card's
// does: the same nominal rate in and out, and a ratio that may be changed at any
// time without a click. Delay 36 input frames. Not thread-safe. All memory is
// taken by create(); nothing else allocates.
//
// Quality as the standard grade of Resampler: over tones up to 0.45 of the rate everything that is
// not the tone stays below -100 dB, at any ratio and while it changes. Any split
// of the same input gives bit-equal output.
class DriftResampler {
 public:
  static constexpr double kMaxPpm = 500.0;
  // The ratio moves by at most kSlewPpm at once, every kSlewFrames output
  // frames, counted from the start of the stream: from one end of its range to the other in 0.2 s
  // at 48 kHz.
  static constexpr double kSlewPpm = 3.3;
  static constexpr uint32_t kSlewFrames = 32;

  // An instant of the input: `frame` frames and `fraction` / 2^33 of a frame.
  struct Instant {
    int64_t frame = 0;
    uint64_t fraction = 0;
  };

  // Null when channels is neither 1 nor 2, or memory is short.
  static std::unique_ptr<DriftResampler> create(uint32_t channels,
                                                const KernelTable& table = kernels()) noexcept;
  ~DriftResampler();

  // From the next multiple of kSlewFrames on the ratio moves towards 1 + ppm / 10^6
  // output frames for an input frame. bad_option, changing nothing, outside +-kMaxPpm.
  Result set_drift(double ppm) noexcept;
  // What the ratio is now, in ppm.
  double drift() const noexcept;
  // The exact instant that the next output frame will stand for.
  Instant next_instant() const noexcept;
  size_t delay_frames() const noexcept;
  // Upper bound of the output of process() with so many frames in, or of flush() with 0.
  size_t max_output_frames(size_t input_frames) const noexcept;

  // Interleaved frames of finite floats. output_too_small consumes nothing. count = frames written.
  Result process(std::span<const float> in, std::span<float> out) noexcept;
  // Emits what stands for instants before the end of the input, and restarts at
  // the ratio in force.
  Result flush(std::span<float> out) noexcept;

 private:
  DriftResampler();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace facewire
