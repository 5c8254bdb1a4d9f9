#include "facewire/mouth.h"

#include <algorithm>
#include <cmath>

#include "facewire/ease.h"

namespace facewire {
namespace {

constexpr size_t kMaxJoins = 64;
// Stretches shorter than reach_ start from one another; deeper ones are not seen.
constexpr int kMaxDepth = 16;

// As near to `into` as `change` allows, starting from `from`.
void approach(const Mouth::Row& from, float change, Mouth::Row& into) noexcept {
  for (size_t i = 0; i < kWeightCount; ++i) {
    into[i] = std::clamp(into[i], from[i] - change, from[i] + change);
  }
}

}  // namespace

Mouth::Mouth(const Timeline& timeline, const FeatureTrack& track, uint32_t sample_rate,
             int64_t lead, const MouthSources& sources)
    : timeline_(timeline),
      track_(track),
      shapes_(timeline, track, sources, sample_rate, lead),
      lead_(lead),
      speed_(kMaxSpeed / sample_rate),
      reach_(static_cast<int64_t>(std::ceil(sample_rate / kMaxSpeed))) {
  joins_.reserve(kMaxJoins);
}

void Mouth::join(int64_t sample, const Row& shown) noexcept {
  put_join({sample, shown, {}, reach_, false});
}

void Mouth::join(int64_t sample, const Row& shown, const Row& first) noexcept {
  put_join({sample, shown, first, shapes_.fade_length(), true});
}

void Mouth::put_join(const Join& join) noexcept {
  // Joins stand in order of time; one that comes before others replaces them.
  while (!joins_.empty() && joins_.back().sample >= join.sample) joins_.pop_back();
  if (joins_.size() == kMaxJoins) joins_.erase(joins_.begin());
  joins_.push_back(join);
}

Mouth::Seen Mouth::see(int64_t sample, Row& out) const noexcept {
  const Place place = place_of(sample);
  Seen seen{.speaking = place.speaking};
  if (place.inside) {
    seen.source = piece(place.run, place.clause, sample + lead_, 0, out);
    const bool open = aperture(out.data()) > kClosed;
    apply_rules(place, seen.source, out);
    seen.closed = open && aperture(out.data()) <= kClosed;
  } else {
    out.fill(0.0f);
  }
  for (auto join = joins_.rbegin(); join != joins_.rend(); ++join) {
    if (join->sample > sample) continue;
    const int64_t since = sample - join->sample;
    if (since >= join->length) break;
    if (join->fades) {
      shapes_.fade(join->shown, join->first, since, out);
    } else {
      approach(join->shown, static_cast<float>(static_cast<double>(since) * speed_), out);
    }
    break;
  }
  Stretch::limit_close(out.data());
  for (float& weight : out) weight = std::clamp(weight, 0.0f, 1.0f);
  return seen;
}

Mouth::Seen Mouth::picture(int64_t sample, int64_t next, Row& out) const noexcept {
  Seen seen = see(sample, out);
  const int64_t period = next - sample;
  if (period <= 0) return seen;
  if (shapes_.has_phones()) {
    const Place place = place_of(sample);
    if (place.inside && place.source <= place.spoken_last) {
      const Due due = shapes_.due(seen.source, place.clause, place.source, period);
      seen.moved = show(due, out);
      if (seen.moved) seen.closed = due == Due::closed;
      if (due != Due::nothing) return seen;
    }
  }
  if (aperture(out.data()) <= kClosed) return seen;
  // A sample more at the end, because periods may differ by one.
  const auto closure = most_closed(sample - period / 2, next - period / 2 + 1);
  if (closure.aperture > kClosed || closed_at(sample - period) || closed_at(next)) return seen;
  // The row as it is shown; where stretches meet it may be open.
  Row closed;
  evaluate(closure.source, closed);
  if (aperture(closed.data()) > kClosed) return seen;
  out = closed;
  seen.moved = true;
  return seen;
}

bool Mouth::closed_at(int64_t sample) const noexcept {
  Row shape;
  evaluate(sample, shape);
  return aperture(shape.data()) <= kClosed;
}

// As of the track, but in samples of the output.
FeatureTrack::Closure Mouth::most_closed(int64_t from, int64_t to) const noexcept {
  FeatureTrack::Closure found;
  for (size_t index = timeline_.run_count(); index > 0; --index) {
    const Run run = timeline_.run(index - 1);
    const int64_t shift = run.output_begin - run.source_begin - lead_;
    const int64_t source_end = run.source_begin + run.spoken_length;
    const auto inside = track_.most_closed(std::max(from - shift, run.source_begin),
                                           std::min(to - shift, source_end));
    if (inside.aperture < found.aperture) found = {inside.source + shift, inside.aperture};
    if (run.output_begin <= from + lead_) break;
  }
  return found;
}

int64_t Mouth::position(int64_t sample) const noexcept {
  const int64_t at = sample + lead_;
  for (size_t index = timeline_.run_count(); index > 0; --index) {
    const Run run = timeline_.run(index - 1);
    if (run.output_begin > at) continue;
    return run.source_begin + std::min(at - run.output_begin, run.spoken_length - 1);
  }
  return -1;
}

Mouth::Place Mouth::place_of(int64_t sample) const noexcept {
  const int64_t at = sample + lead_;
  size_t index = timeline_.run_count();
  while (index > 0 && timeline_.run(index - 1).output_begin > at) index -= 1;
  if (index == 0) return {};
  const Run run = timeline_.run(index - 1);
  if (run.cut_at >= 0 && run.cut_at <= sample) return {};
  const int64_t source = run.source_begin + (at - run.output_begin);
  const int64_t last = run.source_begin + run.spoken_length - 1;
  return {.inside = true,
          .speaking = source <= last || sample < run.output_end(),
          .run = index - 1,
          .source = source,
          .spoken_last = last,
          .clause = track_.clause_at(std::min(source, last))};
}

void Mouth::apply_rules(const Place& place, MouthSource from, Row& out) const noexcept {
  const int64_t past = place.source - place.spoken_last;
  if (place.clause < 0 || past >= shapes_.rest_after()) return;
  const auto left =
      past <= 0 ? 1.0f : 1.0f - static_cast<float>(past) / static_cast<float>(shapes_.rest_after());
  shapes_.apply(from, place.clause, std::min(place.source, place.spoken_last), left, out);
}

bool Mouth::looks_ahead(int64_t sample) const noexcept {
  const Place place = place_of(sample);
  return place.inside && place.clause >= 0 &&
         shapes_.source_of(place.clause, place.source) == MouthSource::phones;
}

Stretch Mouth::stretch_at(int64_t sample) const noexcept {
  Stretch stretch{.begin = -Stretch::kFar, .end = Stretch::kFar};
  for (auto join = joins_.rbegin(); join != joins_.rend(); ++join) {
    if (join->sample <= sample) {
      stretch.narrow(join->sample + join->length, stretch.end);
      break;
    }
    stretch.narrow(stretch.begin, join->sample);
  }

  // What place_of() and piece() do for one sample, for all that see the same.
  const int64_t at = sample + lead_;
  const size_t count = timeline_.run_count();
  size_t index = count;
  for (; index > 0; --index) {
    const int64_t begin = timeline_.run(index - 1).output_begin;
    if (begin <= at) break;
    stretch.narrow(stretch.begin, begin - lead_);
  }
  if (index == 0) return stretch;
  const Run run = timeline_.run(index - 1);
  if (run.cut_at >= 0 && sample >= run.cut_at) {
    stretch.narrow(run.cut_at, stretch.end);
    return stretch;
  }
  if (run.cut_at >= 0) stretch.narrow(stretch.begin, run.cut_at);

  const int64_t shift = run.output_begin - run.source_begin - lead_;
  const int64_t source = sample - shift;
  const int64_t spoken_end = run.source_begin + run.spoken_length;
  const int clause = track_.clause_at(std::min(source, spoken_end - 1));
  const int64_t anchor =
      clause < 0 ? run.source_begin : std::max(track_.anchor(clause), run.source_begin);
  const bool plain = shapes_.plain(clause) || clause < 0;
  // The clause before may be of another source even where this one is not.
  stretch.narrow(anchor + std::max(reach_, shapes_.seam()) + shift, stretch.end);
  if (source < spoken_end) {
    stretch.speaking = true;
    stretch.narrow(stretch.begin, std::min(track_.next_anchor(clause), spoken_end) + shift);
  } else {
    // With a lead the sound goes on after the mouth has seen its end.
    stretch.narrow(std::max(spoken_end + shift, run.output_end()), stretch.end);
  }
  const int64_t end = spoken_end + std::min<int64_t>(lead_, 0);
  if (!plain && source >= end + shapes_.rest_after()) {
    stretch.narrow(end + shapes_.rest_after() + shift, stretch.end);
    return stretch;
  }
  if (!plain && shapes_.source_of(clause, source) != MouthSource::features) return {};
  track_.steady(clause, source, end, shift, stretch);
  if (stretch.rows != nullptr) shapes_.narrow(clause, source, shift, stretch);
  return stretch;
}

// `at` is an output sample, the lead included.
MouthSource Mouth::piece(size_t index, int clause, int64_t at, int depth, Row& out) const noexcept {
  const Run run = timeline_.run(index);
  const int64_t source = run.source_begin + (at - run.output_begin);
  // A mouth that runs behind the sound stops with the sound.
  const int64_t end = run.source_begin + run.spoken_length + std::min<int64_t>(lead_, 0);
  const MouthSource from = shapes_.evaluate(run, clause, source, end, out);

  const int64_t anchor =
      clause < 0 ? run.source_begin : std::max(track_.anchor(clause), run.source_begin);
  const int64_t since = source - anchor;
  if (since >= std::max(reach_, shapes_.seam()) || depth == kMaxDepth) return from;
  const bool fades =
      anchor > run.source_begin && differ(track_.clause_at(anchor - 1), anchor - 1, from);
  if (since >= reach_ && !fades) return from;
  Row before;
  before.fill(0.0f);
  if (anchor > run.source_begin) {
    piece(index, track_.clause_at(anchor - 1), at - since, depth + 1, before);
  } else if (index > 0) {
    const Run previous = timeline_.run(index - 1);
    const int64_t last = previous.source_begin + previous.spoken_length - 1;
    if (previous.cut_at < 0)
      piece(index - 1, track_.clause_at(last), at - since, depth + 1, before);
  }
  if (fades) {
    Row first;
    shapes_.evaluate(run, clause, anchor, end, first);
    shapes_.fade(before, first, since, out);
  } else {
    approach(before, static_cast<float>(static_cast<double>(since) * speed_), out);
  }
  return from;
}

bool Mouth::differ(int clause, int64_t source, MouthSource from) const noexcept {
  if (from == MouthSource::rest) return false;
  const MouthSource before = shapes_.source_of(clause, source);
  return before != MouthSource::rest && before != from;
}

}  // namespace facewire
