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

// Applies the rules to the weights at `source`.
void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, std::span<float, kWeightCount> weights) noexcept;

// True when the middle of a closure of the lips lies in [from, to). The picture that stands for
// these instants has to show it.
bool closure_in(const PhoneTrack& track, int64_t from, int64_t to) noexcept;

}  // namespace facewire
