#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

#include "facewire/kernel_table.h"
#include "filter_plan.h"

namespace facewire {

// The longest filter of FirStage: 96000 to 8000 Hz, archive grade.
inline constexpr size_t kMaxFirTaps = 1152;

// A filter with its memory. run() works on `samples`, whose first kept() places
// the stage itself fills with what it remembers, and whose next `count` hold the new input;
// kUpsampleOverread more must be there to be written to. Restarted, the first
// output stands for the instant of the first input.
class UpsampleStage {
 public:
  static constexpr size_t kMaxKept = kMaxUpsampleTaps + 2;

  UpsampleStage(const UpsampleBank& bank, const AudioKernels& kernels)
      : bank_(bank), kernels_(kernels), history_(new float[bank.tap_count + 2]) {
    restart();
  }

  void restart() noexcept {
    // Sound mostly comes in multiples of four samples; this way no group of four is left begun.
    done_ = delay() % 4;
    kept_ = bank_.centre + done_;
    std::fill_n(history_.get(), kept_, 0.0f);
  }
  size_t kept() const noexcept { return kept_; }
  // Input samples between the newest one and the newest that is put out.
  size_t delay() const noexcept { return bank_.tap_count - 1 - bank_.centre; }
  size_t outputs_after(size_t count) const noexcept {
    return (std::max(centres(count), done_) - done_) * bank_.factor;
  }

  size_t run(float* samples, size_t count, float* out) noexcept {
    std::memcpy(samples, history_.get(), kept_ * sizeof(float));
    const size_t outputs = outputs_after(count);
    const size_t available = kept_ + count;
    size_t gone = 0;
    if (outputs > 0) {
      std::fill_n(samples + available, kUpsampleOverread, 0.0f);
      kernels_.upsample(samples, &bank_, done_ * bank_.factor, outputs, out);
      // The memory begins with a whole group of four, some of which may be done.
      const size_t all = centres(count);
      gone = all / 4 * 4;
      done_ = all % 4;
    }
    kept_ = available - gone;
    std::memcpy(history_.get(), samples + gone, kept_ * sizeof(float));
    return outputs;
  }

  size_t memory_bytes() const noexcept { return (bank_.tap_count + 2) * sizeof(float); }

 private:
  // Input samples, from the first in memory on, for which all neighbours are there.
  size_t centres(size_t count) const noexcept {
    const size_t available = kept_ + count;
    return available < bank_.tap_count ? 0 : available - bank_.tap_count + 1;
  }

  const UpsampleBank& bank_;
  const AudioKernels& kernels_;
  std::unique_ptr<float[]> history_;
  size_t kept_ = 0;
  size_t done_ = 0;
};

// The same for a rational step.
class FirStage {
 public:
  FirStage(const FirBank& bank, const AudioKernels& kernels)
      : bank_(bank), kernels_(kernels), history_(new float[bank.tap_count]) {
    restart();
  }

  void restart() noexcept {
    phase_ = 0;
    skip_ = 0;
    kept_ = delay() - 1;
    std::fill_n(history_.get(), kept_, 0.0f);
  }
  size_t kept() const noexcept { return kept_; }
  size_t delay() const noexcept { return bank_.tap_count / 2; }
  size_t outputs_after(size_t count) const noexcept {
    const size_t available = kept_ + count;
    if (available < skip_ + bank_.tap_count) return 0;
    const uint64_t last_start = available - skip_ - bank_.tap_count;
    // Output k starts at floor((phase + k * step) / phases).
    return static_cast<size_t>(((last_start + 1) * bank_.phases - phase_ + bank_.step - 1) /
                               bank_.step);
  }

  size_t run(float* samples, size_t count, float* out) noexcept {
    std::memcpy(samples, history_.get(), kept_ * sizeof(float));
    const size_t available = kept_ + count;
    const size_t outputs = outputs_after(count);
    if (outputs > 0) kernels_.fir(samples + skip_, &bank_, phase_, outputs, out);
    const uint64_t moved = phase_ + uint64_t{outputs} * bank_.step;
    phase_ = static_cast<uint32_t>(moved % bank_.phases);
    const size_t start = skip_ + static_cast<size_t>(moved / bank_.phases);
    const size_t gone = std::min(start, available);
    skip_ = start - gone;
    kept_ = available - gone;  // Always less than one filter length.
    std::memcpy(history_.get(), samples + gone, kept_ * sizeof(float));
    return outputs;
  }

  size_t memory_bytes() const noexcept { return bank_.tap_count * sizeof(float); }

 private:
  const FirBank& bank_;
  const AudioKernels& kernels_;
  std::unique_ptr<float[]> history_;
  size_t kept_ = 0;
  size_t skip_ = 0;  // The next output begins this many samples past the memory.
  uint32_t phase_ = 0;
};

}  // namespace facewire
