#pragma once

#include <cstdint>

namespace facewire {

// splitmix64's finaliser: every bit of the input reaches every bit of the output.
inline uint64_t mix(uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// In [0, 1). `purpose` keeps two uses of a seed from sharing a sequence.
inline double random_of(int64_t seed, uint64_t purpose, int64_t slot) noexcept {
  const uint64_t hash =
      mix(mix(mix(static_cast<uint64_t>(seed)) ^ purpose) ^ static_cast<uint64_t>(slot));
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

}  // namespace facewire
