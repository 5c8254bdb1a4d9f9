// The reference: every other table must give these bits.
#include "parts.h"

namespace facewire::scalar {
namespace {

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

void monotone_cubic(const float* before, const float* from, const float* to, const float* after,
                    size_t width, float t, float* out) {
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

const FaceKernels kFace = {monotone_cubic, clamp01, gather};

}  // namespace facewire::scalar
