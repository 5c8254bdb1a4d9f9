#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "facewire/channels.h"
#include "facewire/feature_track.h"
#include "facewire/mouth_rules.h"
#include "facewire/phone_track.h"
#include "facewire/stretch.h"
#include "facewire/timeline.h"

namespace facewire {

// Where the shape of a mouth comes from.
enum class MouthSource : uint8_t { rest, features, phones, loudness };
inline constexpr size_t kMouthSourceCount = 4;

// `automatic` takes features where there are some, phones where features are
// missing or late, and the loudness of the sound where there is neither.
// `features` takes nothing else, `phones` takes phones before loudness.
enum class SourcePolicy : uint8_t { automatic, features, phones };

struct MouthSources {
  const PhoneTrack* phones = nullptr;  // Null: features alone.
  SourcePolicy policy = SourcePolicy::automatic;
  // Lips that the features leave open in p b m are closed.
  bool closure_overlay = true;
  // The rules of MouthRules hold, but closures in features, which are for the overlay.
  bool constraints = true;
};

// What the mouth looks like at an instant of the source, whichever source has to
// say it: features, phones, or the sound. Where features end and phones go on
// the one fades into the other.
class MouthShapes {
 public:
  using Row = std::array<float, kWeightCount>;

  MouthShapes(const Timeline& timeline, const FeatureTrack& track, const MouthSources& sources,
              uint32_t sample_rate, int64_t lead) noexcept;

  // Where the shape of `clause` comes from at `source`.
  MouthSource source_of(int clause, int64_t source) const noexcept;

  // The shape. As FeatureTrack::evaluate(), nothing at or past `end` is used.
  MouthSource evaluate(const Run& run, int clause, int64_t source, int64_t end,
                       Row& out) const noexcept;

  // Leads from the weights `from` to those of another source, `into`, which were `first` when it
  // took over `since` samples ago.
  void fade(const Row& from, const Row& first, int64_t since, Row& into) const noexcept;

  // True when evaluate() gives what the features alone would give, throughout the clause.
  bool plain(int clause) const noexcept;

  // Applies the rules to what `from` made of an instant up to the end of speech.
  // `strength` is 1 in speech and falls to 0 after it.
  void apply(MouthSource from, int clause, int64_t source, float strength, Row& out) const noexcept;
  // What a picture that stands for `period` samples around `source` has to show that `from` may not
  // show.
  Due due(MouthSource from, int clause, int64_t source, int64_t period) const noexcept;
  // Narrows `stretch`, which is of features, around `source` to where the rules have nothing to do.
  void narrow(int clause, int64_t source, int64_t shift, Stretch& stretch) const noexcept;
  bool has_phones() const noexcept {
    return sources_.phones != nullptr && !sources_.phones->empty();
  }

  // Samples until fade() has nothing to do any more.
  int64_t fade_length() const noexcept { return fade_; }
  // Samples after a seam of clauses for which it may be seen, where their sources may differ.
  int64_t seam() const noexcept { return sources_.policy == SourcePolicy::features ? 0 : fade_; }
  // Samples after the end of speech at which the mouth is at rest.
  int64_t rest_after() const noexcept { return static_cast<int64_t>(hold_ + ease_) + 1; }

 private:
  // By phones or loudness.
  void speak(MouthSource from, const Run& run, int64_t source, Row& out) const noexcept;
  bool phones_in(int clause) const noexcept;
  MouthRules rules_for(MouthSource from) const noexcept;
  struct Context;
  // How far the features leave the lips apart where a rule says otherwise; 0 where they keep it.
  float missing(int clause, const PhoneTrack::Segment& segment, Rule rule) const noexcept;

  const Timeline& timeline_;
  const FeatureTrack& track_;
  const MouthSources sources_;
  const int64_t lead_;  // Of the mouth before the sound, in samples.
  const double ms_;     // Samples.
  const double hold_, ease_;
  const int64_t fade_;
};

}  // namespace facewire
