#include "facewire/mouth_rules.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace facewire {
namespace {

constexpr double kLipsInMs = 70;
constexpr double kLipsOutMs = 60;
constexpr double kTuckMs = 50;
// The vowel beside a closure keeps this much of its length to itself.
constexpr double kShareOfNeighbour = 0.6;
// Speed of a gate that has the lips to close over; leaves room for what they do by themselves.
constexpr double kGateSpeed = 8.0;
// A closure lasts this long at least; it is made longer to its left.
constexpr double kLeastMs = 20;

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

struct Gates {
  double closed = 0.0;
  double tucked = 0.0;
  double open = 0.0;
};

}  // namespace

void apply_rules(const PhoneTrack& track, const MouthRules& rules, int64_t source, Need need,
                 const void* context, std::span<float, kWeightCount> weights) noexcept {
  if (track.empty()) return;
  const double ms = track.sample_rate() / 1000.0;
  const auto reach = static_cast<int64_t>(MouthRules::kReachMs * ms);
  // One more on either side: a gate depends on its neighbours.
  const auto segments = track.near(source - 2 * reach, source + 2 * reach);
  const auto length = [&](const PhoneTrack::Segment& segment) {
    return static_cast<double>(segment.end - segment.start) / ms;
  };
  Gates gates;
  for (size_t i = 0; i < segments.size(); ++i) {
    const PhoneTrack::Segment& segment = segments[i];
    if (segment.start - source > reach || source - segment.end > reach) continue;
    const Place place = shape_of(segment.viseme).place;
    const bool closes = place == Place::bilabial && rules.closure;
    const bool tucks = place == Place::labiodental && rules.tuck;
    const bool opens =
        place == Place::vowel && rules.opening && length(segment) >= MouthRules::kVowelMs;
    if (!closes && !tucks && !opens) continue;
    const float apart = need == nullptr ? 0.25f : need(context, segment);
    if (!(apart > 0.0f)) continue;
    const double start = static_cast<double>(segment.start - source) / ms;
    const double end = static_cast<double>(segment.end - source) / ms;
    if (opens) {
      const double middle = (start + end) / 2;
      const double half = length(segment) / 2;
      gates.open = std::max(gates.open, gate(middle, middle, half, half));
      continue;
    }
    const auto width = [&](size_t beside, double wanted) {
      if (beside >= segments.size() || !is_vowel(segments[beside].viseme)) return wanted;
      return std::min(wanted, kShareOfNeighbour * length(segments[beside]));
    };
    if (tucks) {
      gates.tucked =
          std::max(gates.tucked, gate(start, end, width(i - 1, kTuckMs), width(i + 1, kTuckMs)));
      continue;
    }
    // Wide enough for how far the lips have to go.
    const double least = std::min<double>(
        MouthRules::kReachMs, 500 * std::numbers::pi * static_cast<double>(apart) / kGateSpeed);
    const double from = std::min(start, end - kLeastMs);
    gates.closed = std::max(gates.closed, gate(from, end, std::max(width(i - 1, kLipsInMs), least),
                                               std::max(width(i + 1, kLipsOutMs), least)));
  }
  if (gates.closed <= 0.0 && gates.tucked <= 0.0 && gates.open <= 0.0) return;

  const auto closed = static_cast<float>(gates.closed);
  const auto tucked = static_cast<float>(gates.tucked);
  float& jaw = weights[kJawOpen];
  float& close = weights[kMouthClose];
  const float apart = jaw - close;
  float wanted = apart;
  if (tucked > 0.0f) {
    wanted -= tucked * std::max(0.0f, apart - kTuckApart);
    weights[kMouthRollLower] = std::max(weights[kMouthRollLower], kTucked * tucked);
  }
  if (closed > 0.0f) {
    wanted -= closed * std::max(0.0f, wanted);
    const auto at_least = [&](size_t channel, float value) {
      weights[channel] = std::max(weights[channel], value * closed);
    };
    at_least(kMouthRollLower, 0.15f);
    at_least(kMouthRollUpper, 0.12f);
    for (const size_t channel : kPress) at_least(channel, 0.25f);
    for (const size_t channel : kApart) weights[channel] *= 1.0f - closed;
    weights[kMouthFunnel] *= 1.0f - 0.6f * closed;
  }
  wanted = std::max(wanted, static_cast<float>(gates.open) * kOpenTo);
  // Lips part by what keeps them together first.
  const float closing = std::max(0.0f, jaw - wanted);
  if (wanted > jaw) jaw = wanted;
  close = std::min(closing, 1.0f);
}

int64_t closure_in(const PhoneTrack& track, int64_t from, int64_t to) noexcept {
  for (const PhoneTrack::Segment& segment : track.near(from, to)) {
    if (shape_of(segment.viseme).place != Place::bilabial) continue;
    const int64_t middle = segment.start + (segment.end - segment.start) / 2;
    return std::clamp(middle, from, to - 1);
  }
  return to;
}

}  // namespace facewire
