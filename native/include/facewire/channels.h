#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace facewire {

// The row that a session writes: 52 weights in Apple's ARKit header order, then
// yaw, pitch and roll of the head in radians. The same as src/frame.ts.
inline constexpr size_t kWeightCount = 52;
inline constexpr size_t kFrameWidth = 55;
inline constexpr size_t kYaw = 52;
inline constexpr size_t kPitch = 53;
inline constexpr size_t kRoll = 54;

// Columns that code addresses by name.
inline constexpr size_t kEyeBlinkLeft = 0;
inline constexpr size_t kEyeLookDownLeft = 1;
inline constexpr size_t kEyeLookInLeft = 2;
inline constexpr size_t kEyeLookOutLeft = 3;
inline constexpr size_t kEyeLookUpLeft = 4;
inline constexpr size_t kEyeBlinkRight = 7;
inline constexpr size_t kEyeLookDownRight = 8;
inline constexpr size_t kEyeLookInRight = 9;
inline constexpr size_t kEyeLookOutRight = 10;
inline constexpr size_t kEyeLookUpRight = 11;
inline constexpr size_t kJawOpen = 17;
inline constexpr size_t kMouthClose = 18;
inline constexpr size_t kBrowInnerUp = 43;
inline constexpr size_t kBrowOuterUpLeft = 44;
inline constexpr size_t kBrowOuterUpRight = 45;

extern const std::array<std::string_view, kWeightCount> kArkitNames;

// How far the lips are apart. Shapes close them in two ways that work against each other.
inline float aperture(const float* weights) noexcept {
  return weights[kJawOpen] - weights[kMouthClose];
}

// Column of `name` in a weight row, or kWeightCount when there is none.
size_t column_of(std::string_view name) noexcept;

}  // namespace facewire
