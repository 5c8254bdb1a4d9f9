// The reference: every other table must give these bits.
#include <array>

#include "tables.h"

namespace facewire {
namespace {

constexpr uint32_t kInvalid = 0xff000000u;

// Value of a character, already shifted to its place in the group of four, so
// that a group is four look-ups and three ors.
constexpr std::array<std::array<uint32_t, 256>, 4> make_digits() {
  std::array<std::array<uint32_t, 256>, 4> digits{};
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (uint32_t place = 0; place < 4; ++place) {
    digits[place].fill(kInvalid);
    for (uint32_t i = 0; i < 64; ++i) {
      digits[place][static_cast<uint8_t>(kAlphabet[i])] = i << (18 - 6 * place);
    }
  }
  return digits;
}

constexpr auto kDigits = make_digits();

size_t base64_groups_scalar(const uint8_t* text, size_t length, uint8_t* out) {
  size_t i = 0;
  for (; i + 4 <= length; i += 4, out += 3) {
    const uint32_t bits = kDigits[0][text[i]] | kDigits[1][text[i + 1]] | kDigits[2][text[i + 2]] |
                          kDigits[3][text[i + 3]];
    if ((bits & kInvalid) != 0) break;
    out[0] = static_cast<uint8_t>(bits >> 16);
    out[1] = static_cast<uint8_t>(bits >> 8 & 0xff);
    out[2] = static_cast<uint8_t>(bits & 0xff);
  }
  return i;
}

void s16_to_f32_scalar(const int16_t* in, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) * (1.0f / 32768.0f);
}

float dot(const float* input, const float* row, size_t taps) {
  float lane[8] = {};
  for (size_t k = 0; k < taps; k += 8) {
    for (size_t l = 0; l < 8; ++l) lane[l] += input[k + l] * row[k + l];
  }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

void fir_scalar(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
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

// The same choice as the vector instructions make for equal values.
float lesser(float a, float b) { return a < b ? a : b; }
float greater(float a, float b) { return a > b ? a : b; }
float magnitude(float a) { return a < 0.0f ? 0.0f - a : a; }

float steffen_slope(float left, float right) {
  const float mean = (left + right) * 0.5f;
  const float limit = 2.0f * lesser(magnitude(left), magnitude(right));
  const float size = lesser(magnitude(mean), limit);
  if (left > 0.0f && right > 0.0f) return size;
  if (left < 0.0f && right < 0.0f) return 0.0f - size;
  return 0.0f;
}

void monotone_cubic_scalar(const float* before, const float* from, const float* to,
                           const float* after, size_t width, float t, float* out) {
  for (size_t i = 0; i < width; ++i) {
    const float a = from[i];
    const float b = to[i];
    const float rise = b - a;
    const float slope_a = steffen_slope(a - before[i], rise);
    const float slope_b = steffen_slope(rise, after[i] - b);
    const float cubic = (slope_a + slope_b) - (rise + rise);
    const float square = ((rise + rise) + rise) - ((slope_a + slope_a) + slope_b);
    const float y = a + t * (slope_a + t * (square + t * cubic));
    const float low = lesser(a, b);
    const float high = greater(a, b);
    const float inside = lesser(greater(y, low), high);
    out[i] = t < 1.0f ? inside : b;
  }
}

size_t clamp01_scalar(const float* in, size_t count, float* out) {
  size_t outside = 0;
  for (size_t i = 0; i < count; ++i) {
    const float x = in[i];
    if (!(x >= 0.0f && x <= 1.0f)) ++outside;
    out[i] = lesser(greater(x, 0.0f), 1.0f);
  }
  return outside;
}

void gather_scalar(const float* in, size_t in_count, const int32_t* index, size_t count,
                   float* out) {
  for (size_t i = 0; i < count; ++i) {
    const int32_t from = index[i];
    out[i] = from >= 0 && static_cast<size_t>(from) < in_count ? in[from] : 0.0f;
  }
}

}  // namespace

const KernelTable kScalarKernels = {
    "scalar",       base64_groups_scalar, s16_to_f32_scalar, fir_scalar, monotone_cubic_scalar,
    clamp01_scalar, gather_scalar,
};

}  // namespace facewire
