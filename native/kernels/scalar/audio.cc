// The reference: every other table must give these bits, or for the filters come
// within kFilterTolerance.
#include "parts.h"

namespace facewire::scalar {
namespace {

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) * (1.0f / 32768.0f);
}

// Eight sums side by side, which compilers vectorise.
struct Lanes {
  float at[8] = {};
  float total() const {
    return ((at[0] + at[1]) + (at[2] + at[3])) + ((at[4] + at[5]) + (at[6] + at[7]));
  }
};

float dot(const float* input, const float* row, size_t taps) {
  Lanes sum;
  const size_t whole = taps / 8 * 8;
  for (size_t k = 0; k < whole; k += 8) {
    for (size_t l = 0; l < 8; ++l) sum.at[l] += input[k + l] * row[k + l];
  }
  for (size_t k = whole; k < taps; ++k) sum.at[k - whole] += input[k] * row[k];
  return sum.total();
}

void upsample(const float* input, const UpsampleBank* bank, size_t first, size_t count,
              float* out) {
  const size_t taps = bank->tap_count;
  input += first / bank->factor;
  size_t row = first % bank->factor;
  for (size_t i = 0; i < count; ++i) {
    out[i] = row == 0 ? input[taps / 2 - 1] : dot(input, bank->rows + (row - 1) * taps, taps);
    if (++row == bank->factor) {
      row = 0;
      ++input;
    }
  }
}

void fir(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
  const uint32_t whole = bank->step / bank->phases;
  const uint32_t part = bank->step % bank->phases;
  for (size_t i = 0; i < count; ++i) {
    out[i] = dot(input, bank->taps + size_t{phase} * bank->tap_count, bank->tap_count);
    input += whole;
    phase += part;
    if (phase >= bank->phases) {
      phase -= bank->phases;
      ++input;
    }
  }
}

void drift(const float* input, const DriftBank* bank, uint64_t position, uint64_t step,
           size_t count, float* out) {
  constexpr uint64_t kPerRow = (uint64_t{1} << 32) / kDriftRows;
  for (size_t i = 0; i < count; ++i, position += step) {
    const float* from = input + (position >> 32);
    const uint64_t fraction = position & 0xffffffffu;
    const size_t row = static_cast<size_t>(fraction / kPerRow) * kDriftTaps;
    const float between =
        static_cast<float>(fraction % kPerRow) * (1.0f / static_cast<float>(kPerRow));
    Lanes sum;
    for (size_t k = 0; k < kDriftTaps; k += 8) {
      for (size_t l = 0; l < 8; ++l) {
        const float tap = bank->rows[row + k + l] + between * bank->slopes[row + k + l];
        sum.at[l] += from[k + l] * tap;
      }
    }
    out[i] = sum.total();
  }
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, upsample, fir, drift};

}  // namespace facewire::scalar
