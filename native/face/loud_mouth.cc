#include "facewire/loud_mouth.h"

#include <algorithm>

#include "facewire/viseme.h"

namespace facewire {
namespace {

// Below this there is breath or noise.
constexpr float kFloor = 0.004f;
// Opens half as far as the loudest speech does.
constexpr float kHalf = 0.06f;
constexpr float kOpening = 0.36f;

}  // namespace

void loud_mouth(float level, std::span<float, kWeightCount> out) noexcept {
  std::fill(out.begin(), out.end(), 0.0f);
  if (!(level > kFloor)) return;
  const float heard = std::min(level, 1.0f) - kFloor;
  const float loud = heard / (heard + kHalf);
  const auto set = [&](Part part, float value) {
    for (const uint8_t channel : channels_of(part)) {
      if (channel < kWeightCount) out[channel] = value * loud;
    }
  };
  set(Part::jaw, kOpening);
  set(Part::lower_down, 0.14f);
  set(Part::upper_up, 0.05f);
  set(Part::funnel, 0.1f);
}

}  // namespace facewire
