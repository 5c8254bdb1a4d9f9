#include "facewire/phone_track.h"

#include <algorithm>
#include <cmath>

namespace facewire {
namespace {

// How far each articulator looks ahead and behind, in ms. Lips round early and
// the jaw opens a little early; the lips are quicker than the jaw.
struct Reach {
  double ahead, behind;
};
constexpr std::array<Reach, kArticulatorCount> kReach = {{
    {80, 74},   // jaw
    {102, 80},  // round
    {90, 80},   // spread
    {70, 65},   // lip
    {70, 65},   // tongue
}};

constexpr double kHoldBelowMs = 120;
// The lips know nothing of a silence shorter than this, as before a stop.
constexpr double kShortSilenceMs = 60;
constexpr double kRelaxUpToMs = 350;
// Consonants this far before a rounded vowel round with it.
constexpr double kRoundAheadMs = 220;
// A shape that has to be reached pulls harder when it is shorter than this.
constexpr double kQuickBelowMs = 110;
constexpr double kMostHurry = 2.2;
constexpr double kQuickVowelBelowMs = 90;
constexpr double kMostVowelHurry = 1.6;

constexpr size_t kMostPieces = PhoneShapes::kMost + 1;

// The integral of (1 - x^2)^3 from 0 to x: a window that begins and ends without
// a corner, also in its second derivative.
constexpr double window(double x) noexcept {
  const double square = x * x;
  return x * (1.0 - square * (1.0 - square * (0.6 - square / 7.0)));
}

// How much of the window lies before `distance`, which is ahead when it is positive.
double area(double distance, const Reach& reach) noexcept {
  if (distance >= 0) return reach.ahead * window(std::min(1.0, distance / reach.ahead));
  return -reach.behind * window(std::min(1.0, -distance / reach.behind));
}

float strength_of(Stress stress) noexcept {
  switch (stress) {
    case Stress::primary:
      return 1.08f;
    case Stress::none:
      return 0.92f;
    default:
      return 1.0f;
  }
}

// Loud speech opens the mouth further. 1 for a level of 0.1, which is usual.
float gain_of(float level) noexcept {
  if (!(level >= 0.0f)) return 1.0f;
  const float loud = std::min(level, 1.0f);
  return 0.8f + 0.4f * loud / (loud + 0.1f);
}

double hurry_of(Place place, Viseme viseme, double length) noexcept {
  const double ms = std::max(length, 1.0);
  if (place == Place::labiodental || place == Place::sibilant)
    return std::clamp(kQuickBelowMs / ms, 1.0, kMostHurry);
  // A vowel without stress may go under.
  if (place == Place::vowel && viseme != Viseme::ax)
    return std::clamp(kQuickVowelBelowMs / ms, 1.0, kMostVowelHurry);
  return 1.0;
}

}  // namespace

PhoneTrack::PhoneTrack(uint32_t sample_rate, size_t max_segments) noexcept
    : sample_rate_(sample_rate), ms_(sample_rate / 1000.0), most_(max_segments) {}

bool PhoneTrack::reserve(size_t phones) noexcept {
  const size_t alive = segments_.size() - first_;
  if (phones > most_ / kMostPieces || alive + phones * kMostPieces > most_) return false;
  const size_t more = phones * kMostPieces;
  if (segments_.size() + more <= segments_.capacity()) return true;
  if (first_ > 0) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  if (segments_.size() + more <= segments_.capacity()) return true;
  try {
    const size_t grown = std::max(segments_.size() + more, segments_.capacity() * 3 / 2);
    segments_.reserve(std::min(grown, most_));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool PhoneTrack::append(const Phone& phone, Alphabet alphabet) noexcept {
  int64_t start = phone.start;
  if (!empty()) {
    if (phone.end <= end() && phone.end != phone.start) return false;
    if (phone.start < end()) start = end();
  }
  if (phone.end < start || segments_.capacity() - segments_.size() < kMostPieces) return false;
  const PhoneShapes shapes =
      shapes_of(phone.symbol, alphabet != Alphabet::unknown ? alphabet : alphabet_);
  if (shapes.evidence != Alphabet::unknown) alphabet_ = shapes.evidence;
  if (!empty() && start > end()) put(Viseme::sil, end(), start, 1.0f);
  const auto length = static_cast<double>(phone.end - start);
  double share = 0.0;
  int64_t from = start;
  for (size_t i = 0; i < shapes.count; ++i) {
    share += static_cast<double>(shapes.pieces[i].share);
    const int64_t to =
        i + 1 == shapes.count ? phone.end : start + static_cast<int64_t>(length * share);
    put(shapes.pieces[i].viseme, from, to, strength_of(shapes.stress));
    from = to;
  }
  return true;
}

void PhoneTrack::put(Viseme viseme, int64_t start, int64_t end, float strength) noexcept {
  // Repeated shapes merge, but for closures: each must be seen.
  if (!empty() && segments_.back().viseme == viseme && segments_.back().end == start &&
      viseme != Viseme::PP) {
    segments_.back().end = end;
  } else {
    segments_.push_back({start, end, strength, viseme, viseme});
  }
  if (shape_of(viseme).rounds) round_backwards();
}

// The consonants before a rounded vowel take on its rounding, as far as p b m f,
// a vowel or a pause. The silence before a stop is no pause.
void PhoneTrack::round_backwards() noexcept {
  const Segment& vowel = segments_.back();
  const auto far = static_cast<int64_t>(kRoundAheadMs * ms_);
  for (size_t i = segments_.size() - 1; i-- > first_;) {
    Segment& segment = segments_[i];
    const bool takes =
        is_silent(segment.viseme)
            ? static_cast<double>(segment.end - segment.start) < kShortSilenceMs * ms_
            : shape_of(segment.viseme).takes;
    if (!takes || segment.end < vowel.start - far) return;
    segment.rounding = vowel.viseme;
  }
}

void PhoneTrack::trim(int64_t oldest) noexcept {
  const auto behind = static_cast<int64_t>((kLookBehindMs + kLookAheadMs) * ms_);
  while (!empty() && segments_[first_].end < oldest - behind) first_ += 1;
}

void PhoneTrack::truncate(int64_t newest) noexcept {
  while (!empty() && segments_.back().start >= newest) segments_.pop_back();
  if (!empty()) segments_.back().end = std::min(segments_.back().end, newest);
}

// Silence by its length. The last one goes on until something follows.
Viseme PhoneTrack::seen(const Segment& segment) const noexcept {
  if (segment.viseme != Viseme::sil) return segment.viseme;
  if (&segment == &segments_.back() || &segment == &segments_[first_]) return Viseme::sil;
  const double length = static_cast<double>(segment.end - segment.start) / ms_;
  if (length < kHoldBelowMs) return Viseme::hold;
  return length <= kRelaxUpToMs ? Viseme::relaxed : Viseme::sil;
}

std::span<const PhoneTrack::Segment> PhoneTrack::near(int64_t from, int64_t to) const noexcept {
  const auto alive = segments_.begin() + static_cast<ptrdiff_t>(first_);
  const auto begin =
      std::lower_bound(alive, segments_.end(), from,
                       [](const Segment& segment, int64_t at) { return segment.end < at; });
  const auto end =
      std::lower_bound(begin, segments_.end(), to,
                       [](const Segment& segment, int64_t at) { return segment.start < at; });
  return {begin, end};
}

void PhoneTrack::evaluate(int64_t source, float level,
                          std::span<float, kWeightCount> out) const noexcept {
  std::fill(out.begin(), out.end(), 0.0f);
  if (empty()) return;
  constexpr double kFar = 110;  // The longest reach and a little.
  const auto reach = static_cast<int64_t>(kFar * ms_);
  const float gain = gain_of(level);

  std::array<double, kArticulatorCount> pull = {};
  std::array<double, kPartCount> sum = {};
  const auto add = [&](Viseme viseme, Viseme rounding, double from, double to, double strength) {
    const VisemeShape& shape = shape_of(viseme);
    const double length = to - from;
    const double hurry = hurry_of(shape.place, viseme, length);
    std::array<double, kArticulatorCount> mass;
    for (size_t i = 0; i < kArticulatorCount; ++i) {
      const double filled = area(to, kReach[i]) - area(from, kReach[i]);
      mass[i] = filled * static_cast<double>(shape.dominance[i]);
    }
    mass[static_cast<size_t>(Articulator::jaw)] *= hurry;
    constexpr auto kRound = static_cast<size_t>(Articulator::round);
    const VisemeShape& lips = shape_of(rounding);
    if (rounding != viseme) {
      const double filled = area(to, kReach[kRound]) - area(from, kReach[kRound]);
      mass[kRound] = filled * static_cast<double>(lips.dominance[kRound]);
    }
    for (size_t i = 0; i < kArticulatorCount; ++i) pull[i] += mass[i];
    for (size_t i = 0; i < kPartCount; ++i) {
      const auto part = static_cast<Part>(i);
      const auto articulator = static_cast<size_t>(articulator_of(part));
      const VisemeShape& from_shape = articulator == kRound ? lips : shape;
      double target = static_cast<double>(from_shape.target[i]);
      if (part == Part::jaw && shape.place == Place::vowel) target *= strength;
      sum[i] += mass[articulator] * target;
    }
  };

  constexpr double kEver = 1e9;
  const auto ms_from_here = [&](int64_t at) { return static_cast<double>(at - source) / ms_; };
  if (segments_[first_].start > source - reach)
    add(Viseme::sil, Viseme::sil, -kEver, ms_from_here(segments_[first_].start), 1.0);
  for (const Segment& segment : near(source - reach, source + reach)) {
    const Viseme viseme = seen(segment);
    const bool takes = segment.rounding != segment.viseme;
    add(viseme, takes ? segment.rounding : viseme, ms_from_here(segment.start),
        ms_from_here(segment.end), static_cast<double>(segment.strength));
  }
  if (segments_.back().end < source + reach)
    add(Viseme::sil, Viseme::sil, ms_from_here(segments_.back().end), kEver, 1.0);

  for (size_t i = 0; i < kPartCount; ++i) {
    const auto part = static_cast<Part>(i);
    const double weight = pull[static_cast<size_t>(articulator_of(part))];
    if (!(weight > 1e-9)) continue;
    auto value = static_cast<float>(sum[i] / weight);
    if (part == Part::jaw) {
      // Narrow shapes stay as they are, however loud.
      value *= 1.0f + (gain - 1.0f) * std::clamp((value - 0.12f) / 0.2f, 0.0f, 1.0f);
    }
    for (const uint8_t channel : channels_of(part)) {
      if (channel < kWeightCount) out[channel] = std::clamp(value, 0.0f, 1.0f);
    }
  }
}

}  // namespace facewire
