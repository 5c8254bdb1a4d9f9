#include "facewire/mouth_shapes.h"

#include <algorithm>
#include <cmath>

#include "facewire/ease.h"
#include "facewire/loud_mouth.h"

namespace facewire {
namespace {

constexpr double kEdgeMs = 10;
// Pictures that follow each other more slowly may miss a closure that lasts for so long.
constexpr double kQuickMs = 2 * kEdgeMs + 0.5;
// Lips that open by no more than needed may do so between two pictures.
constexpr float kSurely = 0.02f;
// Of a sound that goes on for longer than this the beginning is looked at.
constexpr double kLongestMs = 200;
constexpr float kTuckedFrom = 0.15f;
constexpr float kTuckedApart = 0.08f;
// The rules are looked up this far ahead at a time.
constexpr double kLookUpMs = 2000;
constexpr size_t kMouthRollLower = 31;

}  // namespace

MouthShapes::MouthShapes(const Timeline& timeline, const FeatureTrack& track,
                         const MouthSources& sources, uint32_t sample_rate, int64_t lead) noexcept
    : timeline_(timeline),
      track_(track),
      sources_(sources),
      lead_(lead),
      ms_(sample_rate / 1000.0),
      hold_(kHoldMs * ms_),
      ease_(kEaseMs * ms_),
      fade_(static_cast<int64_t>(std::ceil(kFadeEndMs * ms_))) {}

bool MouthShapes::phones_in(int clause) const noexcept {
  if (!has_phones()) return false;
  const int64_t from = clause < 0 ? -Stretch::kFar : track_.anchor(clause);
  const auto found = sources_.phones->near(from, track_.next_anchor(clause));
  return !found.empty() && found.back().end > from;
}

bool MouthShapes::plain(int clause) const noexcept {
  if (sources_.policy == SourcePolicy::features) return true;
  if (sources_.policy == SourcePolicy::phones) return false;
  return clause >= 0 && track_.last_row(clause) >= 0 && !phones_in(clause);
}

MouthSource MouthShapes::source_of(int clause, int64_t source) const noexcept {
  if (clause < 0) return MouthSource::rest;
  const int64_t last = track_.last_row(clause);
  if (plain(clause)) return last < 0 ? MouthSource::rest : MouthSource::features;
  const bool phones = phones_in(clause);
  if (sources_.policy == SourcePolicy::automatic && source <= track_.told_until(clause))
    return MouthSource::features;
  return phones ? MouthSource::phones : MouthSource::loudness;
}

void MouthShapes::speak(MouthSource from, const Run& run, int64_t source, Row& out) const noexcept {
  const float level = timeline_.level(run, source);
  if (from == MouthSource::phones) {
    sources_.phones->evaluate(source, level, out);
  } else {
    loud_mouth(level, out);
  }
}

void MouthShapes::fade(const Row& from, const Row& first, int64_t since, Row& into) const noexcept {
  const double ms = static_cast<double>(since) / ms_;
  for (size_t i = 0; i < kWeightCount; ++i) {
    const double difference =
        std::abs(static_cast<double>(first[i]) - static_cast<double>(from[i]));
    const auto reach = static_cast<float>(fade_reach(difference, ms));
    into[i] = std::clamp(into[i], from[i] - reach, from[i] + reach);
  }
}

MouthSource MouthShapes::evaluate(const Run& run, int clause, int64_t source, int64_t end,
                                  Row& out) const noexcept {
  const int64_t at = std::min(source, end);
  const MouthSource from = source_of(clause, at);
  if (from == MouthSource::rest || from == MouthSource::features) {
    track_.evaluate(clause, source, end, out);
    return from;
  }
  speak(from, run, at, out);
  const int64_t last = track_.last_row(clause);
  if (sources_.policy == SourcePolicy::automatic && last >= 0 && at - last < fade_) {
    Row held, first;
    track_.evaluate(clause, last, Stretch::kFar, held);
    speak(from, run, last, first);
    fade(held, first, at - last, out);
  }
  const double past = static_cast<double>(source - at) - hold_;
  if (past > 0.0) {
    const auto left = static_cast<float>(1.0 - ease(past / ease_));
    for (float& weight : out) weight *= left;
  }
  return from;
}

MouthRules MouthShapes::rules_for(MouthSource from) const noexcept {
  const bool rules = sources_.constraints;
  const bool closure = from == MouthSource::features ? sources_.closure_overlay : rules;
  return {.closure = closure, .tuck = rules, .opening = rules, .lead = lead_};
}

float MouthShapes::missing(int clause, const PhoneTrack::Segment& segment,
                           Rule rule) const noexcept {
  // In another clause are other features.
  if (segment.end <= track_.anchor(clause) || segment.start >= track_.next_anchor(clause))
    return 0.0f;
  const Place place = shape_of(segment.viseme).place;
  // Where it is seen with its sound, as MouthRules have it. At the edges of that no picture may be.
  const auto samples = [&](double ms) { return static_cast<int64_t>(ms * ms_); };
  const int64_t end = std::min(segment.end, segment.start + samples(kLongestMs));
  int64_t from = segment.start, to = end;
  if (rule == Rule::part) {
    from = segment.end + lead_ + samples(kEdgeMs);
    to = segment.end + lead_ + samples(MouthRules::kPartWithinMs - kEdgeMs);
  } else if (rule == Rule::touch) {
    from += lead_ + samples(kEdgeMs - (place == Place::bilabial ? MouthRules::kEarlyMs : 0));
    to += lead_ - samples(kEdgeMs);
  }
  float least = 9.0f, most = 0.0f;
  bool tucked = false;
  const auto look = [&](const float* before, const float* after, float t) {
    const float apart = aperture(before) + (aperture(after) - aperture(before)) * t;
    const float roll =
        before[kMouthRollLower] + (after[kMouthRollLower] - before[kMouthRollLower]) * t;
    least = std::min(least, apart);
    most = std::max(most, apart);
    tucked = tucked || (roll >= kTuckedFrom && apart <= kTuckedApart);
  };
  // Between rows weights never leave the two, so rows and both ends tell enough.
  from = std::max(from, track_.anchor(clause));
  track_.for_rows(clause, from, std::max(from, std::min(to, track_.next_anchor(clause))), look);
  if (rule == Rule::part) return most >= MouthRules::kApart + kSurely ? 0.0f : 1.0f;
  switch (place) {
    case Place::bilabial:
      return least <= MouthRules::kClosed ? 0.0f : std::max(most, 0.1f);
    case Place::labiodental:
      return tucked ? 0.0f : std::max(most, 0.1f);
    default:
      return most >= MouthRules::kOpen ? 0.0f : 1.0f;
  }
}

// What the features of a clause lack.
struct MouthShapes::Context {
  const MouthShapes& shapes;
  int clause;

  static float need(const void* given, const PhoneTrack::Segment& segment, Rule rule) noexcept {
    const auto& it = *static_cast<const Context*>(given);
    return it.shapes.missing(it.clause, segment, rule);
  }
};

void MouthShapes::apply(MouthSource from, int clause, int64_t source, float strength,
                        Row& out) const noexcept {
  if (!has_phones() || from == MouthSource::rest || from == MouthSource::loudness) return;
  const MouthRules rules = rules_for(from);
  if (!rules.closure && !rules.tuck && !rules.opening) return;
  const Context context{*this, clause};
  const Need need = from == MouthSource::features ? &Context::need : nullptr;
  apply_rules(*sources_.phones, rules, source, need, &context, strength, out);
}

Due MouthShapes::due(MouthSource from, int clause, int64_t source, int64_t period) const noexcept {
  if (!has_phones() || from == MouthSource::rest || from == MouthSource::loudness)
    return Due::nothing;
  const Context context{*this, clause};
  const bool trusted =
      from == MouthSource::features && static_cast<double>(period) <= kQuickMs * ms_;
  return due_at(*sources_.phones, rules_for(from), source, period,
                trusted ? &Context::need : nullptr, &context);
}

void MouthShapes::narrow(int clause, int64_t source, int64_t shift,
                         Stretch& stretch) const noexcept {
  if (!has_phones() || clause < 0) return;
  const MouthRules rules = rules_for(MouthSource::features);
  // What the features show only between two pictures is due in one of them.
  stretch.longest_period = static_cast<int64_t>(kQuickMs * ms_);
  const auto most = static_cast<int64_t>(MouthRules::kReachMs * ms_) + 1;
  const auto far = static_cast<int64_t>(kLookUpMs * ms_);
  // What lies before may be under a rule that ended.
  stretch.narrow(source + shift, source + far - most + shift);
  for (const PhoneTrack::Segment& segment : sources_.phones->near(source - most, source + far)) {
    if (!applies(rules, segment, *sources_.phones)) continue;
    const Place place = shape_of(segment.viseme).place;
    float apart = 0.0f;
    if (place == Place::vowel) {
      apart = missing(clause, segment, Rule::open);
    } else {
      if (place != Place::bilabial || rules.closure) apart = missing(clause, segment, Rule::touch);
      if (place == Place::bilabial && rules.opening)
        apart = std::max(apart, missing(clause, segment, Rule::part));
    }
    if (!(apart > 0.0f)) continue;
    const RuleReach reach = reach_of(segment, apart);
    const auto samples = [&](double ms) {
      return std::min(most, static_cast<int64_t>(ms * ms_) + 1);
    };
    if (segment.end + samples(reach.after) < source) continue;
    // Rules may reach further back than the one that begins first.
    stretch.narrow(stretch.begin, segment.start - samples(reach.before) + shift);
    if (segment.start > stretch.end - shift + most) return;
  }
}

}  // namespace facewire
