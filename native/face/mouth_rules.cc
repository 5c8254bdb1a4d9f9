#include "facewire/mouth_rules.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace facewire {
namespace {

// Lips part and meet this fast at most, per second. Slower than kMaxSpeed, to leave room for what
// the jaw does meanwhile.
constexpr double kGateSpeed = 9.6;
// How far weights from phones usually open.
constexpr float kUsualOpening = 0.45f;
// Beside a closure a vowel shorter than this gets time from it, half of what it lacks.
constexpr double kShortVowelMs = 80;
constexpr double kMostLentMs = 25;
// Lips are seen as closed a little before they meet and a little after they part.
constexpr double kSeenClosedMs = 10;
constexpr double kPressMs = 60;
constexpr double kTuckMs = 60;
// A closure lasts this long at least; it is made longer to its left.
constexpr double kLeastMs = 20;

constexpr float kFree = 9.0f;
constexpr float kTucked = 0.3f;
constexpr float kTuckApart = 0.06f;
// A little more than what is asked for.
constexpr float kOpenTo = MouthRules::kOpen + 0.01f;

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
};

}  // namespace

bool applies(const MouthRules& rules, const PhoneTrack::Segment& segment,
             const PhoneTrack& track) noexcept {
  switch (shape_of(segment.viseme).place) {
    case Place::bilabial:
      return rules.closure;
    case Place::labiodental:
      return rules.tuck;
    case Place::vowel:
      return rules.opening && (segment.end - segment.start) * 1000 >=
                                  int64_t{MouthRules::kVowelMs} * track.sample_rate();
    default:
      return false;
  }
}

double reach_of(const PhoneTrack::Segment& segment, float apart) noexcept {
  // An opening vowel stays inside itself.
  if (shape_of(segment.viseme).place == Place::vowel) return 0.0;
  return std::max({kPressMs, kTuckMs, cap_width(apart)}) + kLeastMs;
}

void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, float strength,
                 std::span<float, kWeightCount> weights) noexcept {
  if (track.empty()) return;
  const double ms = track.sample_rate() / 1000.0;
  const auto reach = static_cast<int64_t>(MouthRules::kReachMs * ms);
  const auto length = [&](const PhoneTrack::Segment& segment) {
    return static_cast<double>(segment.end - segment.start) / ms;
  };
  Gates gates;
  const auto segments = track.near(source - reach, source + reach);
  for (size_t i = 0; i < segments.size(); ++i) {
    const PhoneTrack::Segment& segment = segments[i];
    if (!applies(rules, segment, track)) continue;
    const Place place = shape_of(segment.viseme).place;
    if (place == Place::vowel && (segment.start > source || segment.end < source)) continue;
    const float apart = need == nullptr ? kUsualOpening : need(context, segment);
    if (!(apart > 0.0f)) continue;
    const double start = static_cast<double>(segment.start - source) / ms;
    const double end = static_cast<double>(segment.end - source) / ms;
    if (place == Place::vowel) {
      const double middle = (start + end) / 2;
      const double half = length(segment) / 2;
      gates.open = std::max(gates.open, gate(middle, middle, half, half));
    } else if (place == Place::labiodental) {
      gates.tucked = std::min(gates.tucked, kTuckApart + cap(start, end, apart));
      gates.tuck = std::max(gates.tuck, gate(start, end, kTuckMs, kTuckMs));
    } else {
      const double inside = std::min(kSeenClosedMs, 0.25 * length(segment));
      double until = end - inside;
      if (i + 1 < segments.size() && is_vowel(segments[i + 1].viseme)) {
        const double lacking = (kShortVowelMs - length(segments[i + 1])) / 2;
        until -= std::clamp(lacking, 0.0, std::min(kMostLentMs, length(segment) / 3));
      }
      const double from = std::min(start + inside, until - kLeastMs);
      gates.closed = std::min(gates.closed, cap(from, until, apart));
      gates.press = std::max(gates.press, gate(start, end, kPressMs, kPressMs));
    }
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
  wanted =
      std::max(wanted, std::min(gates.closed, strength * static_cast<float>(gates.open) * kOpenTo));
  if (wanted == apart) return;
  // Lips part by what keeps them together first.
  if (wanted > jaw) jaw = wanted;
  close = jaw - wanted;
}

const PhoneTrack::Segment* closure_in(const PhoneTrack& track, int64_t from, int64_t to) noexcept {
  const int64_t half = (to - from) / 2;
  for (const PhoneTrack::Segment& segment : track.near(from, to + half)) {
    if (shape_of(segment.viseme).place != Place::bilabial) continue;
    // The nearest picture must not come after the end of the sound.
    const int64_t middle = segment.start + (segment.end - segment.start) / 2;
    const int64_t instant = std::min(middle, segment.end - half);
    if (instant >= from && instant < to) return &segment;
  }
  return nullptr;
}

}  // namespace facewire
