#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "facewire/channels.h"

namespace facewire {

// Classes of mouth shapes. Two capitals are consonants; `narrow` is the vowel of
// Mandarin zi and zhi, `yu` a rounded i, `neutral` what nobody knows. `hold` is
// a mark or a pause too short to be seen, `relaxed` a short pause, `sil` silence.
// clang-format off
enum class Viseme : uint8_t {
  sil, relaxed, hold, neutral,
  PP, FF, TH, DD, LL, SS, SH, RR, KK, HH, WW, YY,
  aa, ae, ah, ax, ao, eh, er, ih, iy, oh, uh, uw, yu, narrow,
};
// clang-format on
inline constexpr size_t kVisemeCount = static_cast<size_t>(Viseme::narrow) + 1;

// Where a sound is made, as far as it can be seen.
enum class Place : uint8_t { silence, bilabial, labiodental, sibilant, tongue, glide, vowel };

// What moves by itself. Each has its own reach in time; see phone_track.cc.
enum class Articulator : uint8_t { jaw, round, spread, lip, tongue };
inline constexpr size_t kArticulatorCount = 5;

// Things that a mouth shape sets, each one or two channels.
// clang-format off
enum class Part : uint8_t {
  jaw, funnel, pucker, smile, stretch, lower_down, upper_up, roll_lower, roll_upper, press,
  shrug_upper, tongue,
};
// clang-format on
inline constexpr size_t kPartCount = static_cast<size_t>(Part::tongue) + 1;

struct VisemeShape {
  std::array<float, kPartCount> target = {};            // Weights.
  std::array<float, kArticulatorCount> dominance = {};  // Against the shapes beside it.
  Place place = Place::tongue;
  bool spread = false;  // A vowel with spread lips.
  bool rounds = false;  // The consonants before it round with it.
  bool takes = false;   // A consonant that leaves rounding to what follows it.
};

const VisemeShape& shape_of(Viseme viseme) noexcept;
Articulator articulator_of(Part part) noexcept;
// The channels of a part; the second is kWeightCount where there is one only.
std::array<uint8_t, 2> channels_of(Part part) noexcept;

inline bool is_vowel(Viseme viseme) noexcept { return shape_of(viseme).place == Place::vowel; }
inline bool is_silent(Viseme viseme) noexcept { return shape_of(viseme).place == Place::silence; }

}  // namespace facewire
