#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "facewire/kernels.h"
#include "facewire/result.h"

namespace facewire {

// What is guaranteed over tones from 0 to 0.45 of the lower rate, measured by
// resampler_test for every pair of rates:
//              everything but the tone   gain within   delay going up, in input samples
//   standard   <= -100 dB                0.001 dB      31, or 35 when the ratio is not whole
//   archive    <= -128 dB                0.001 dB      42 or 46
// Going down the delay is delay_frames(): 36 (48) samples of the lower rate.
enum class ResamplerQuality : uint8_t { standard, archive };

struct ResamplerOptions {
  uint32_t input_rate = 0;  // Hz
  uint32_t output_rate = 0;
  uint32_t channels = 1;  // 1, or 2 interleaved.
  ResamplerQuality quality = ResamplerQuality::standard;
};

// Streaming sample-rate converter with linear phase. It keeps its phase over calls, so
// any split of the same input gives bit-equal output. Rates: 8000, 11025, 12000,
// 16000, 22050, 24000, 32000, 44100, 48000, 96000 in and out. Not thread-safe.
// All memory is taken by create(); process() and flush() never allocate.
//
// A frame is one sample of every channel. The delay of the filter is taken off
// the front: output frame 0 stands for the instant of input frame 0, and
// flush() yields the tail, so that after flush() exactly
// ceil(total_in * output_rate / input_rate) frames came out.
class Resampler {
 public:
  static bool supports(uint32_t rate) noexcept;

  // Null when a rate is not in the list, channels is neither 1 nor 2, or memory is short.
  // `table` must be one of available_kernels(); they agree within kFilterTolerance.
  static std::unique_ptr<Resampler> create(const ResamplerOptions& options,
                                           const KernelTable& table = kernels()) noexcept;
  static std::unique_ptr<Resampler> create(uint32_t input_rate, uint32_t output_rate,
                                           const KernelTable& table = kernels()) noexcept {
    return create({.input_rate = input_rate, .output_rate = output_rate}, table);
  }
  ~Resampler();

  // Upper bound of the output of one process() call with `input_frames` in, or
  // of flush() with 0.
  size_t max_output_frames(size_t input_frames) const noexcept;
  // Exact delay: input frames that must follow a frame before it is put out.
  size_t delay_frames() const noexcept;
  // The same in output frames, rounded up.
  size_t latency_frames() const noexcept;
  uint32_t input_rate() const noexcept;
  uint32_t output_rate() const noexcept;
  // What this converter takes up; the filters are shared with all others.
  size_t memory_bytes() const noexcept;

  // Consumes all of `in` (s16 in host order, or finite floats; whole frames) and writes
  // floats, which for s16 are in about [-1, 1). Fails with output_too_small, consuming
  // nothing. count = frames written.
  Result process(std::span<const int16_t> in, std::span<float> out) noexcept;
  Result process(std::span<const float> in, std::span<float> out) noexcept;
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
