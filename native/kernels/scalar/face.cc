// The reference: every other table must give these bits.
#include "parts.h"

namespace facewire::scalar {
namespace {

// The same choice as the vector instructions make for equal values.
float lesser(float a, float b) { return a < b ? a : b; }
float greater(float a, float b) { return a > b ? a : b; }
float magnitude(float a) { return a < 0.0f ? 0.0f - a : a; }

void monotone_slopes(const float* before, const float* row, const float* after, size_t width,
                     float* out) {
  for (size_t i = 0; i < width; ++i) {
    const float left = row[i] - before[i];
    const float right = after[i] - row[i];
    const float size =
        lesser(magnitude((left + right) * 0.5f), 2.0f * lesser(magnitude(left), magnitude(right)));
    out[i] = 0.0f;
    if (left > 0.0f && right > 0.0f) out[i] = size;
    if (left < 0.0f && right < 0.0f) out[i] = 0.0f - size;
  }
}

void hermite(const float* from, const float* from_slopes, const float* to, const float* to_slopes,
             size_t width, float t, float* out) {
  const float w0 = (t * t) * (3.0f - 2.0f * t);
  const float w1 = (t * (1.0f - t)) * (1.0f - t);
  const float w2 = (t * t) * (t - 1.0f);
  const bool at_end = !(t < 1.0f);
  for (size_t i = 0; i < width; ++i) {
    const float a = from[i];
    const float b = to[i];
    const float y = a + ((b - a) * w0 + (from_slopes[i] * w1 + to_slopes[i] * w2));
    out[i] = at_end ? b : lesser(greater(y, lesser(a, b)), greater(a, b));
  }
}

size_t clamp01(const float* in, size_t count, float* out) {
  size_t outside = 0;
  for (size_t i = 0; i < count; ++i) {
    const float x = in[i];
    if (!(x >= 0.0f && x <= 1.0f)) ++outside;
    out[i] = lesser(greater(x, 0.0f), 1.0f);
  }
  return outside;
}

void gather(const float* in, size_t in_count, const int32_t* index, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) {
    const int32_t from = index[i];
    out[i] = from >= 0 && static_cast<size_t>(from) < in_count ? in[from] : 0.0f;
  }
}

}  // namespace

const FaceKernels kFace = {monotone_slopes, hermite, clamp01, gather};

}  // namespace facewire::scalar
