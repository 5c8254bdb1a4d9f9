#pragma once

#include <cstdint>

namespace facewire {

// Ticks are 100 ns, the wire's unit of time.
inline constexpr int64_t kTicksPerSecond = 10'000'000;

// To the nearest sample, halves away from zero. For at most a year of ticks.
constexpr int64_t samples_of_ticks(int64_t ticks, uint32_t rate) noexcept {
  const int64_t half = ticks < 0 ? -kTicksPerSecond / 2 : kTicksPerSecond / 2;
  const int64_t rest = ticks % kTicksPerSecond * rate + half;
  return ticks / kTicksPerSecond * rate + rest / kTicksPerSecond;
}

// The tick in which the sample begins.
constexpr int64_t ticks_of_samples(int64_t samples, uint32_t rate) noexcept {
  return samples / rate * kTicksPerSecond + samples % rate * kTicksPerSecond / rate;
}

}  // namespace facewire
