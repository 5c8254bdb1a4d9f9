// The reference: every other table must give these bits.
#include "parts.h"

namespace facewire::scalar {
namespace {

void s16_to_f32(const int16_t* in, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) * (1.0f / 32768.0f);
}

float dot(const float* input, const float* row, size_t taps) {
  float lane[8] = {};
  for (size_t k = 0; k < taps; k += 8) {
    for (size_t l = 0; l < 8; ++l) lane[l] += input[k + l] * row[k + l];
  }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

void fir(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
  const uint32_t whole = bank->step / bank->phases;
  const uint32_t part = bank->step % bank->phases;
  for (size_t i = 0; i < count; ++i) {
    const int32_t impulse = bank->impulse[phase];
    out[i] = impulse >= 0
                 ? input[impulse]
                 : dot(input, bank->taps + size_t{phase} * bank->tap_count, bank->tap_count);
    input += whole;
    phase += part;
    if (phase >= bank->phases) {
      phase -= bank->phases;
      ++input;
    }
  }
}

}  // namespace

const AudioKernels kAudio = {s16_to_f32, fir};

}  // namespace facewire::scalar
