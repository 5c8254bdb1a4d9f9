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
             int64_t lead)
    : timeline_(timeline),
      track_(track),
      lead_(lead),
      speed_(kMaxSpeed / sample_rate),
      reach_(static_cast<int64_t>(std::ceil(sample_rate / kMaxSpeed))) {
  joins_.reserve(kMaxJoins);
}

void Mouth::join(int64_t sample, const Row& shown) noexcept {
  // Joins stand in order of time; one that comes before others replaces them.
  while (!joins_.empty() && joins_.back().sample >= sample) joins_.pop_back();
  if (joins_.size() == kMaxJoins) joins_.erase(joins_.begin());
  joins_.push_back({sample, shown});
}

bool Mouth::evaluate(int64_t sample, Row& out) const noexcept {
  const bool speaking = curve(sample, out);
  for (auto join = joins_.rbegin(); join != joins_.rend(); ++join) {
    if (join->sample > sample) continue;
    const int64_t since = sample - join->sample;
    if (since < reach_)
      approach(join->shown, static_cast<float>(static_cast<double>(since) * speed_), out);
    break;
  }
  Stretch::limit_close(out.data());
  for (float& weight : out) weight = std::clamp(weight, 0.0f, 1.0f);
  return speaking;
}

bool Mouth::picture(int64_t sample, int64_t next, Row& out) const noexcept {
  const bool speaking = evaluate(sample, out);
  const int64_t period = next - sample;
  if (period <= 0 || aperture(out.data()) <= kClosed) return speaking;
  // A sample more at the end, because periods may differ by one.
  const auto closure = most_closed(sample - period / 2, next - period / 2 + 1);
  if (closure.aperture > kClosed || closed_at(sample - period) || closed_at(next)) return speaking;
  // The row as it is shown; where stretches meet it may be open.
  Row closed;
  evaluate(closure.source, closed);
  if (aperture(closed.data()) > kClosed) return speaking;
  out = closed;
  return speaking;
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

bool Mouth::curve(int64_t sample, Row& out) const noexcept {
  const int64_t at = sample + lead_;
  size_t index = timeline_.run_count();
  while (index > 0 && timeline_.run(index - 1).output_begin > at) index -= 1;
  if (index == 0) {
    out.fill(0.0f);
    return false;
  }
  const Run run = timeline_.run(index - 1);
  if (run.cut_at >= 0 && run.cut_at <= sample) {
    out.fill(0.0f);
    return false;
  }
  const int64_t source = run.source_begin + (at - run.output_begin);
  const int64_t last = run.source_begin + run.spoken_length - 1;
  piece(index - 1, track_.clause_at(std::min(source, last)), at, 0, out);
  return source <= last || sample < run.output_end();
}

Stretch Mouth::stretch_at(int64_t sample) const noexcept {
  Stretch stretch{.begin = -Stretch::kFar, .end = Stretch::kFar};
  for (auto join = joins_.rbegin(); join != joins_.rend(); ++join) {
    if (join->sample <= sample) {
      stretch.narrow(join->sample + reach_, stretch.end);
      break;
    }
    stretch.narrow(stretch.begin, join->sample);
  }

  // What curve() and piece() do for one sample, for all that see the same.
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
  stretch.narrow(anchor + reach_ + shift, stretch.end);
  if (source < spoken_end) {
    stretch.speaking = true;
    stretch.narrow(stretch.begin, std::min(track_.next_anchor(clause), spoken_end) + shift);
  } else {
    // With a lead the sound goes on after the mouth has seen its end.
    stretch.narrow(std::max(spoken_end + shift, run.output_end()), stretch.end);
  }
  track_.steady(clause, source, spoken_end + std::min<int64_t>(lead_, 0), shift, stretch);
  return stretch;
}

// `at` is an output sample, the lead included.
void Mouth::piece(size_t index, int clause, int64_t at, int depth, Row& out) const noexcept {
  const Run run = timeline_.run(index);
  const int64_t source = run.source_begin + (at - run.output_begin);
  // A mouth that runs behind the sound stops with the sound.
  const int64_t end = run.source_begin + run.spoken_length + std::min<int64_t>(lead_, 0);
  track_.evaluate(clause, source, end, out);

  const int64_t anchor =
      clause < 0 ? run.source_begin : std::max(track_.anchor(clause), run.source_begin);
  const int64_t since = source - anchor;
  if (since >= reach_ || depth == kMaxDepth) return;
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
  approach(before, static_cast<float>(static_cast<double>(since) * speed_), out);
}

}  // namespace facewire
