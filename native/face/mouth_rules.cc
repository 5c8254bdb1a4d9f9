#include "facewire/mouth_rules.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "facewire/contacts.h"

namespace facewire {
namespace {

// Lips part and meet this fast at most, per second. Slower than kMaxSpeed, to leave room for what
// the jaw does meanwhile.
constexpr double kGateSpeed = 9.6;
// How far weights from phones usually open.
constexpr float kUsualOpening = 0.45f;
constexpr double kPressMs = 60;
constexpr double kTuckMs = 60;

// Lips that a rule has parted meet again within this time, and stay so for as long.
constexpr double kAgainMs = 25;
// No gate reaches further.
constexpr double kFarMs = 190;

constexpr float kFree = 9.0f;
constexpr float kTucked = 0.3f;
constexpr float kTuckApart = 0.06f;
// A little more than what is asked for.
constexpr float kOpenTo = MouthRules::kOpen + 0.01f;
constexpr float kPartTo = MouthRules::kApart + 0.01f;

constexpr size_t kMouthRollLower = 31;
constexpr size_t kMouthRollUpper = 32;
constexpr size_t kMouthFunnel = 19;
constexpr size_t kPress[] = {35, 36};
constexpr size_t kApart[] = {37, 38, 39, 40};

// 1 inside [start, end], a raised cosine down to 0 over `before` and `after`; in ms from here.
double gate(double start, double end, double before, double after) noexcept {
  const double outside = std::max({start, -end, 0.0});
  const double width = start > 0 ? before : after;
  if (outside >= width) return 0.0;
  return 0.5 + 0.5 * std::cos(std::numbers::pi * outside / width);
}

double cap_width(float apart) noexcept {
  return 500 * std::numbers::pi * static_cast<double>(apart) / kGateSpeed;
}

// How far lips that were `apart` may be apart at a distance in time from where
// they touch: a raised cosine whose steepest slope is kGateSpeed.
float cap(double start, double end, float apart) noexcept {
  const double outside = std::max({start, -end, 0.0});
  const double width = cap_width(apart);
  if (outside >= width) return apart + static_cast<float>((outside - width) * kGateSpeed / 1000);
  return apart * static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * outside / width));
}

struct Gates {
  float closed = kFree;  // The lips are at most so far apart.
  float tucked = kFree;
  double press = 0.0;  // As tuck and open, from 0 to 1.
  double tuck = 0.0;
  double open = 0.0;
  double part = 0.0;
};

}  // namespace

bool applies(const MouthRules& rules, const PhoneTrack::Segment& segment,
             const PhoneTrack& track) noexcept {
  switch (shape_of(segment.viseme).place) {
    case Place::bilabial:
      return rules.closure || rules.opening;
    case Place::labiodental:
      return rules.tuck;
    case Place::vowel:
      return rules.opening && (segment.end - segment.start) * 1000 >=
                                  int64_t{MouthRules::kVowelMs} * track.sample_rate();
    default:
      return false;
  }
}

RuleReach reach_of(const PhoneTrack::Segment& segment, float apart) noexcept {
  // An opening vowel stays inside itself.
  if (shape_of(segment.viseme).place == Place::vowel) return {};
  // Lips part for as long as it takes to be seen, after a contact as late as it may be.
  constexpr double kParting =
      ContactPlan::kMostLeadMs + 2 * ContactPlan::kPartMs + ContactPlan::kSeenMs;
  const double gates = std::max({kPressMs, kTuckMs, cap_width(apart)}) + ContactPlan::kLeastMs;
  return {gates, std::max(gates + ContactPlan::kMostLeadMs, kParting + ContactPlan::kLeastMs)};
}

void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, float strength,
                 std::span<float, kWeightCount> weights) noexcept {
  if (track.empty()) return;
  const auto reach = static_cast<int64_t>(MouthRules::kReachMs) * track.sample_rate() / 1000;
  ContactPlan plan(track, source, rules.lead, reach);
  const auto segments = plan.segments();
  const auto needed = [&](const PhoneTrack::Segment& segment, Rule rule) {
    return need == nullptr ? kUsualOpening : need(context, segment, rule);
  };
  Gates gates;
  double parted = -kFarMs;  // By a rule, until then.
  for (Contact contact; plan.next(contact);) {
    if (contact.from > kFarMs) break;
    if (contact.until < -kFarMs) continue;
    const bool lips = contact.place == Place::bilabial;
    float apart = 0.0f;
    // Where a rule has just parted them the lips meet again by a rule.
    if (lips && contact.from < parted + kAgainMs)
      gates.closed = std::min(gates.closed, cap(contact.from, contact.from + kAgainMs, kPartTo));
    if (lips ? rules.closure : rules.tuck) {
      for (size_t i = contact.first; i <= contact.last; ++i) {
        if (!is_silent(segments[i].viseme))
          apart = std::max(apart, needed(segments[i], Rule::touch));
      }
    }
    if (apart > 0.0f && lips) {
      gates.closed = std::min(gates.closed, cap(contact.from, contact.until, apart));
      gates.press =
          std::max(gates.press, gate(std::min(contact.from, contact.start + ContactPlan::kLateMs),
                                     contact.until, kPressMs, kPressMs));
    } else if (apart > 0.0f) {
      gates.tucked = std::min(gates.tucked, kTuckApart + cap(contact.from, contact.until, apart));
      gates.tuck = std::max(gates.tuck, gate(contact.from, contact.until, kTuckMs, kTuckMs));
    }
    if (!rules.opening || !contact.parts) continue;
    const double part =
        gate(contact.part_from, contact.part_until, ContactPlan::kPartMs, ContactPlan::kPartMs);
    if (!(needed(segments[contact.last], Rule::part) > 0.0f)) continue;
    gates.part = std::max(gates.part, part);
    parted = contact.part_until;
  }
  for (const PhoneTrack::Segment& segment : segments) {
    if (segment.start > source || segment.end < source || !is_vowel(segment.viseme)) continue;
    if (!applies(rules, segment, track) || !(needed(segment, Rule::open) > 0.0f)) continue;
    const double start = plan.ms_from_here(segment.start);
    const double middle = (start + plan.ms_from_here(segment.end)) / 2;
    const double half = plan.length(segment) / 2;
    gates.open = std::max(gates.open, gate(middle, middle, half, half));
  }

  float& jaw = weights[kJawOpen];
  float& close = weights[kMouthClose];
  const float apart = jaw - close;
  float wanted = std::min({apart, std::max(gates.tucked, 0.0f), gates.closed});
  if (gates.press > 0.0) {
    // What else shows that lips meet.
    const auto press = strength * static_cast<float>(gates.press);
    const auto at_least = [&](size_t channel, float value) {
      weights[channel] = std::max(weights[channel], value * press);
    };
    at_least(kMouthRollLower, 0.15f);
    at_least(kMouthRollUpper, 0.12f);
    for (const size_t channel : kPress) at_least(channel, 0.25f);
    for (const size_t channel : kApart) weights[channel] *= 1.0f - press;
    weights[kMouthFunnel] *= 1.0f - 0.5f * press;
  }
  weights[kMouthRollLower] =
      std::max(weights[kMouthRollLower], strength * kTucked * static_cast<float>(gates.tuck));
  const float opening =
      std::max(static_cast<float>(gates.open) * kOpenTo, static_cast<float>(gates.part) * kPartTo);
  wanted = std::max(wanted, std::min(gates.closed, strength * opening));
  if (wanted == apart) return;
  // Lips part by what keeps them together first.
  if (wanted > jaw) jaw = wanted;
  close = jaw - wanted;
}

Due due_at(const PhoneTrack& track, const MouthRules& rules, int64_t source, int64_t period,
           Need need, const void* context) noexcept {
  if (track.empty() || period <= 0 || !(rules.closure || rules.opening)) return Due::nothing;
  const double ms = track.sample_rate() / 1000.0;
  const double whole = static_cast<double>(period) / ms;
  const double half = whole / 2;
  const auto reach =
      static_cast<int64_t>(MouthRules::kReachMs * ms) + std::min<int64_t>(period, 1 << 20);
  ContactPlan plan(track, source, rules.lead, reach);
  const auto segments = plan.segments();
  const auto needed = [&](const PhoneTrack::Segment& segment, Rule rule) {
    return need == nullptr || need(context, segment, rule) > 0.0f;
  };
  // Pictures may be a sample nearer to each other than they say.
  const double apart = whole + 1.5 / ms;
  const auto here = [&](double instant) { return instant >= -half && instant < half; };
  Due due = Due::nothing;
  double parted = -1e9;
  for (Contact contact; plan.next(contact);) {
    if (contact.start > half + kFarMs) break;
    if (contact.place != Place::bilabial) continue;
    double closed = -1e9;
    bool touched = false;
    for (size_t i = contact.first; i <= contact.last; ++i) {
      if (is_silent(segments[i].viseme)) continue;
      // The picture must not come before the lips may be seen closed, nor after the sound.
      const double start = plan.ms_from_here(segments[i].start);
      const double end = plan.ms_from_here(segments[i].end);
      const double latest = end + plan.lead() - half;
      const double earliest = start + plan.lead() - MouthRules::kEarlyMs + half;
      const double from = std::clamp(contact.from, start, end);
      const double middle = (from + std::clamp(contact.until, from, end + plan.lead())) / 2;
      closed = earliest > latest ? (earliest + latest) / 2 : std::clamp(middle, earliest, latest);
      closed = std::max(closed, std::min(parted + apart, latest));
      const bool needs = rules.closure && needed(segments[i], Rule::touch);
      touched = touched || needs;
      if (here(closed)) return needs ? Due::closed : Due::nothing;
    }
    if (!contact.parts || !rules.opening) continue;
    const double soonest = contact.end + plan.lead() + half;
    const double middle = (contact.part_from + contact.part_until) / 2;
    const double latest = contact.end + plan.lead() + MouthRules::kPartWithinMs - half;
    parted = std::min(std::max({middle, soonest, closed + apart}), std::max(latest, soonest));
    if (here(parted) && (touched || needed(segments[contact.last], Rule::part))) due = Due::apart;
  }
  return due;
}

bool show(Due due, std::span<float, kWeightCount> weights) noexcept {
  float& jaw = weights[kJawOpen];
  float& close = weights[kMouthClose];
  const float apart = jaw - close;
  if (due == Due::closed && apart > MouthRules::kClosed) {
    close = jaw;
    return true;
  }
  if (due == Due::apart && apart < MouthRules::kApart) {
    jaw = std::max(jaw, kPartTo);
    close = jaw - kPartTo;
    return true;
  }
  return false;
}

}  // namespace facewire
