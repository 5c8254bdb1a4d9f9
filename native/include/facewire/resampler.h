#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "facewire/kernels.h"
#include "facewire/result.h"

namespace facewire {

// Streaming sample-rate converter for one mono stream: a polyphase FIR that
// keeps its phase over calls, so any split of the same input gives bit-equal
// output. Rates: 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000
// in and out. Not thread-safe. All memory is taken by create(); process() and
// flush() never allocate.
//
// The delay of the filter is taken off the front: output sample 0 stands for
// the instant of input sample 0, and flush() yields the tail, so that after
// flush() exactly ceil(total_in * output_rate / input_rate) samples came out.
//
// Measured by resampler_test over tones up to 0.45 of the lower rate, for every
// pair of rates: everything that is not the tone <= -100 dB, gain within 0.01 dB.
class Resampler {
 public:
  // Null when a rate is not in the list (or memory is short). `table` must be
  // one of available_kernels(); all give the same bits.
  static std::unique_ptr<Resampler> create(uint32_t input_rate, uint32_t output_rate,
                                           const KernelTable& table = kernels());
  ~Resampler();

  // Upper bound of the output of one process() call with `input_frames` in, or
  // of flush() with 0.
  size_t max_output_frames(size_t input_frames) const noexcept;
  // Output samples held back because the filter needs later input.
  size_t latency_frames() const noexcept;
  uint32_t input_rate() const noexcept;
  uint32_t output_rate() const noexcept;

  // Consumes all of `in` (s16, host order) and writes floats in [-1, 1).
  // Fails with output_too_small, consuming nothing. count = samples written.
  Result process(std::span<const int16_t> in, std::span<float> out) noexcept;
  // Emits what the filter still holds, as if silence followed, and resets.
  Result flush(std::span<float> out) noexcept;
  // Forgets everything.
  void reset() noexcept;

 private:
  Resampler();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace facewire
