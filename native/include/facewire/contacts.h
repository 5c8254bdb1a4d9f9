#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/phone_track.h"

namespace facewire {

// A stretch over which the lips touch each other (p b m in a row) or the lower
// lip touches the teeth (f v in a row), and when they are to be seen apart after
// it. In ms from the instant that is looked from, on the time line of the source.
struct Contact {
  Place place = Place::silence;
  size_t first = 0;  // Of the segments, both inclusive.
  size_t last = 0;
  double start = 0, end = 0;   // Of the sounds.
  double from = 0, until = 0;  // They touch.
  bool parts = false;          // p b m, and what comes next has its lips apart.
  double part_from = 0, part_until = 0;
};

// Lays out contacts one after the other: each in its time, but after the lips have been seen
// apart since the one before. Depends on that one and on the sound that follows, on nothing else.
class ContactPlan {
 public:
  // From touching to seen apart and back, in ms, at the speed of the gates.
  static constexpr double kPartMs = 22;
  // Parted lips stay so for a picture at 60 a second, and a little.
  static constexpr double kSeenMs = 18;
  // A silence shorter than this is part of the sounds beside it.
  static constexpr double kShortSilenceMs = 60;
  // A contact lasts this long at least; it is made longer to its left.
  static constexpr double kLeastMs = 20;
  // More lead than this is not made up for.
  static constexpr double kMostLeadMs = 60;

  ContactPlan(const PhoneTrack& track, int64_t source, int64_t lead, int64_t reach) noexcept
      : segments_(track.near(source - reach, source + reach)),
        source_(source),
        ms_(track.sample_rate() / 1000.0),
        lead_(std::clamp(static_cast<double>(lead) / ms_, 0.0, kMostLeadMs)) {}

  // The next contact; false when there is none any more.
  bool next(Contact& contact) noexcept;

  std::span<const PhoneTrack::Segment> segments() const noexcept { return segments_; }
  double lead() const noexcept { return lead_; }
  double ms_from_here(int64_t at) const noexcept { return static_cast<double>(at - source_) / ms_; }
  double length(const PhoneTrack::Segment& segment) const noexcept {
    return static_cast<double>(segment.end - segment.start) / ms_;
  }
  // So much later than its sound begins and ends a contact is there: p b m are heard when the lips
  // part, so these run ahead of the sound by less than the rest of the mouth.
  static constexpr double kLateMs = 16;

 private:
  bool goes_on(size_t from, Place place, size_t& to) const noexcept;
  const PhoneTrack::Segment* after(size_t last) const noexcept;
  double before_next(size_t last) const noexcept;
  void place_in_time(Contact& contact) const noexcept;

  const std::span<const PhoneTrack::Segment> segments_;
  const int64_t source_;
  const double ms_;  // Samples.
  const double lead_;
  size_t at_ = 0;
  bool parted_ = false;  // By the contact before.
  double part_until_ = 0;
};

}  // namespace facewire
