#pragma once

#include <cstdint>
#include <span>

#include "facewire/channels.h"
#include "facewire/phone_track.h"

namespace facewire {

// What a mouth must do for the phones it is seen with, wherever its weights come
// from: the lips meet for p b m, the lower lip goes under the teeth for f v, and
// a vowel that lasts is seen to open. Applied last, after all smoothing, through
// raised-cosine gates, so that it moves no channel faster than kMaxSpeed.
struct MouthRules {
  // Lips that are not further apart than this are seen as closed.
  static constexpr float kClosed = 0.03f;
  // A vowel of this length is seen to open at least that far.
  static constexpr int kVowelMs = 60;
  static constexpr float kOpen = 0.06f;
  // How far around a phone its gate reaches, at most.
  static constexpr int kReachMs = 160;

  bool closure = true;
  bool tuck = true;
  bool opening = true;
};

// How far the lips would be apart without the rule in `segment`: 0 where the
// weights keep the rule by themselves and it has nothing to do.
using Need = float (*)(const void* context, const PhoneTrack::Segment& segment);

// Whether one of the rules is about `segment`.
bool applies(const MouthRules& rules, const PhoneTrack::Segment& segment,
             const PhoneTrack& track) noexcept;

// How far around `segment` its rule may change anything where lips are `apart` at most, in ms.
double reach_of(const PhoneTrack::Segment& segment, float apart) noexcept;

// Applies the rules to the weights at `source`. `strength` in [0, 1] scales what
// they add; lips that meet stay together. Without `need` every rule is needed.
void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, float strength,
                 std::span<float, kWeightCount> weights) noexcept;

// The closure of the lips that the picture which stands for the instants [from, to) has to show, or
// null.
const PhoneTrack::Segment* closure_in(const PhoneTrack& track, int64_t from, int64_t to) noexcept;

}  // namespace facewire
