#include "facewire/contacts.h"

#include <algorithm>

namespace facewire {
namespace {

// Lips are seen as closed a little before they meet and a little after they part.
constexpr double kSeenClosedMs = 10;
// Beside a closure a vowel shorter than this gets time from it, half of what it lacks.
constexpr double kShortVowelMs = 80;
constexpr double kMostLentMs = 25;
// However little time there is, lips touch so long before the end of their sound is heard.
constexpr double kLatestMs = 8;
// A lip that touches the teeth leaves the lips nearly as far apart as they are to be seen.
constexpr double kToTeethMs = 8;

Place place_of(const PhoneTrack::Segment& segment) noexcept {
  return shape_of(segment.viseme).place;
}

bool touches(Place place) noexcept {
  return place == Place::bilabial || place == Place::labiodental;
}

}  // namespace

// Whether the contact goes on after segment `from`, and with which one.
bool ContactPlan::goes_on(size_t from, Place place, size_t& to) const noexcept {
  double silent = 0;
  for (to = from + 1; to < segments_.size() && place_of(segments_[to]) == Place::silence; ++to)
    silent += length(segments_[to]);
  return to < segments_.size() && place_of(segments_[to]) == place && silent < kShortSilenceMs;
}

// What is heard next, or null.
const PhoneTrack::Segment* ContactPlan::after(size_t last) const noexcept {
  for (size_t i = last + 1; i < segments_.size(); ++i) {
    if (segments_[i].end > segments_[i].start) return &segments_[i];
  }
  return nullptr;
}

// How long the lips are free after a contact, in ms.
double ContactPlan::before_next(size_t last) const noexcept {
  for (size_t i = last + 1; i < segments_.size(); ++i) {
    const Place place = place_of(segments_[i]);
    if (touches(place)) return ms_from_here(segments_[i].start) - ms_from_here(segments_[last].end);
    if (place == Place::silence && segments_[i].end > segments_[i].start) break;
  }
  return 1e9;
}

void ContactPlan::place_in_time(Contact& contact) const noexcept {
  const PhoneTrack::Segment& first = segments_[contact.first];
  const PhoneTrack::Segment& last = segments_[contact.last];
  const PhoneTrack::Segment* const next = after(contact.last);
  contact.start = ms_from_here(first.start);
  contact.end = ms_from_here(last.end);
  const bool lips = contact.place == Place::bilabial;
  const double late = lips ? kLateMs : kLateMs / 2;
  contact.until = contact.end + late;
  contact.from = contact.start + late;
  if (lips) {
    contact.until -= std::min(kSeenClosedMs, 0.25 * length(last));
    contact.from += std::min(kSeenClosedMs, 0.25 * length(first));
    if (next != nullptr && is_vowel(next->viseme)) {
      const double lacking = (kShortVowelMs - length(*next)) / 2;
      contact.until -= std::clamp(lacking, 0.0, std::min(kMostLentMs, length(last) / 3));
    }
    // So does what lies before the next contact.
    contact.until -= std::clamp((kShortVowelMs - before_next(contact.last)) / 2, 0.0, kLateMs);
    contact.from = std::min(contact.from, contact.until - kLeastMs);
  }
  if (parted_) {
    const double earliest = part_until_ + (lips ? kPartMs : kToTeethMs);
    const double latest = std::max(contact.from, contact.end + lead_ - kLatestMs);
    contact.from = std::clamp(earliest, contact.from, latest);
    contact.until = std::max(contact.until, contact.from);
  }
  contact.parts =
      lips && next != nullptr && !touches(place_of(*next)) && place_of(*next) != Place::silence;
  contact.part_from = std::max(contact.until + kPartMs, contact.end + lead_);
  contact.part_until = contact.part_from + kSeenMs;
}

bool ContactPlan::next(Contact& contact) noexcept {
  while (at_ < segments_.size() && !touches(place_of(segments_[at_]))) at_ += 1;
  if (at_ == segments_.size()) return false;
  contact.place = place_of(segments_[at_]);
  contact.first = contact.last = at_;
  for (size_t to = 0; goes_on(contact.last, contact.place, to);) contact.last = to;
  at_ = contact.last + 1;
  place_in_time(contact);
  parted_ = contact.parts;
  part_until_ = contact.part_until;
  return true;
}

}  // namespace facewire
