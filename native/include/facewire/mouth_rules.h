#pragma once

#include <cstdint>
#include <span>

#include "facewire/channels.h"
#include "facewire/phone_track.h"

namespace facewire {

// What a mouth must do for the phones it is seen with, wherever its weights come
// from: the lips meet for p b m and are seen apart after it, the lower lip goes
// under the teeth for f v, and a vowel that lasts is seen to open. Applied last,
// after all smoothing, through raised-cosine gates, so that it moves no channel
// faster than kMaxSpeed.
struct MouthRules {
  // Lips that are not further apart than this are seen as closed.
  static constexpr float kClosed = 0.03f;
  // Lips that are this far apart are seen as open after a closure.
  static constexpr float kApart = 0.08f;
  // A vowel of this length is seen to open at least that far.
  static constexpr int kVowelMs = 60;
  static constexpr float kOpen = 0.06f;
  // A closure is looked for from so long before its sound on, and lips apart as long after it.
  static constexpr int kEarlyMs = 40;
  static constexpr int kPartWithinMs = 120;
  // How far around a phone its gates reach, at most.
  static constexpr int kReachMs = 250;

  bool closure = true;
  bool tuck = true;
  bool opening = true;  // Of vowels, and of lips after p b m.
  // How far the mouth runs ahead of the sound, in samples: instants below are seen so much earlier.
  int64_t lead = 0;
};

// What a rule may be about.
enum class Rule : uint8_t { touch, open, part };

// How far the lips would be apart without the rule in `segment`, or after it: 0 where the
// weights keep the rule by themselves and it has nothing to do.
using Need = float (*)(const void* context, const PhoneTrack::Segment& segment, Rule rule);

// Whether one of the rules is about `segment`.
bool applies(const MouthRules& rules, const PhoneTrack::Segment& segment,
             const PhoneTrack& track) noexcept;

// How far before and after `segment` its rule may change anything where lips are `apart` at most,
// in ms.
struct RuleReach {
  double before = 0;
  double after = 0;
};
RuleReach reach_of(const PhoneTrack::Segment& segment, float apart) noexcept;

// Applies the rules to the weights at `source`. `strength` in [0, 1] scales what
// they add; lips that meet stay together. Without `need` every rule is needed.
void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, float strength,
                 std::span<float, kWeightCount> weights) noexcept;

// What a picture that stands for `period` samples around `source` has to show, because no other
// picture would: lips that meet, or that part between two closures.
enum class Due : uint8_t { nothing, closed, apart };
Due due_at(const PhoneTrack& track, const MouthRules& rules, int64_t source, int64_t period,
           Need need, const void* context) noexcept;

// Moves the lips to where it is due. False where they are there already.
bool show(Due due, std::span<float, kWeightCount> weights) noexcept;

}  // namespace facewire
