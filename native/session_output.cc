// The output side of a session; what comes in is in session.cc.
#include <algorithm>
#include <cmath>

#include "facewire/ease.h"
#include "facewire/kernels.h"
#include "facewire/session.h"
#include "facewire/speed_limit.h"
#include "facewire/ticks.h"

namespace facewire {
namespace {

// A weight on screen that would change by more than this is blended instead.
constexpr float kVisible = 0.02f;

}  // namespace

int64_t Session::commit(int64_t until) noexcept {
  place_from(Timeline::kNothingHeld);
  flowing_ = true;
  const int64_t silence = put(until);
  return open_ ? silence : 0;
}

int64_t Session::commit(int64_t until, int64_t now) noexcept {
  if (!flowing_) {
    const int64_t there = ticks_of_samples(ready(), options_.sample_rate);
    const int64_t ahead = ticks_of_samples(until - committed(), options_.sample_rate);
    flowing_ = !open_ || (ready() > 0 && rested(now) && start_buffer_.wait(now, there, ahead) == 0);
    if (flowing_) {
      resting_since_ = kNoTick;
      place_from(last_rest());
    } else {
      pictures_->stretch = {};
      timeline_->hold_from(timeline_->source_committed());
    }
  }
  place_words();
  const int64_t held = flowing_ ? 0 : ready();
  const int64_t silence = put(until);
  if (silence == 0 || !open_) return 0;
  if (flowing_) {
    flowing_ = false;
    start_buffer_.ran_dry();
    if (timeline_->source_committed() > utterance_start_) falls_behind_ = fell_behind_ = true;
    resting_since_ = ready() > 0 ? now : kNoTick;
  }
  if (timeline_->source_committed() > utterance_start_) return silence;
  if (held > 0) counter(Counter::held_samples) += silence;
  return 0;
}

int64_t Session::look(int64_t sample, std::span<float> out) const noexcept {
  if (flowing_ || ready() == 0) return timeline_->look(sample, out);
  const int64_t there = std::max<int64_t>(0, committed() - sample);
  return timeline_->look(sample, out.first(std::min(out.size(), static_cast<size_t>(there))));
}

int64_t Session::read_ready(std::span<float> out) noexcept {
  const int64_t from = committed();
  const int64_t count = std::min(ready(), static_cast<int64_t>(out.size()));
  if (count == 0) return 0;
  commit(from + count);
  read(from, out.first(static_cast<size_t>(count)));
  return count;
}

// What waits has its place from now on, but what comes from source sample `limit` on.
void Session::place_from(int64_t limit) noexcept {
  if (timeline_->held_from() == limit) return;
  watch();
  pictures_->stretch = {};
  timeline_->hold_from(limit);
  settle();
}

// The end of the last word that is whole; nothing to hold when there is none, or no need.
int64_t Session::last_rest() const noexcept {
  if (!falls_behind_ || !open_) return Timeline::kNothingHeld;
  const int64_t heard = std::max(timeline_->source_committed(), utterance_start_);
  const int64_t rest = rests_.last_in(heard, timeline_->emitted());
  return rest < 0 ? Timeline::kNothingHeld : rest;
}

// While speech flows: after it has run dry it is heard in whole words, so that it stops between
// two when the next one is late.
void Session::place_words() noexcept {
  if (!falls_behind_ || !flowing_) return;
  const int64_t rest = last_rest();
  const bool at_end = timeline_->held_from() == timeline_->source_committed() && open_;
  if (rest != Timeline::kNothingHeld || !at_end) place_from(rest);
}

// Speech that stopped at the end of a word goes on when another one is whole, or none was for too
// long.
bool Session::rested(int64_t now) const noexcept {
  return resting_since_ == kNoTick || last_rest() != Timeline::kNothingHeld ||
         now - resting_since_ >= StartBuffer::kMost;
}

void Session::may_rest(std::span<const double> ticks) noexcept {
  constexpr double kYear = 3.2e14;
  for (const double tick : ticks) {
    if (!(tick > 0 && tick < kYear)) continue;
    rests_.add(utterance_start_ +
               samples_of_ticks(static_cast<int64_t>(tick), options_.sample_rate));
  }
  place_words();
}

int64_t Session::put(int64_t until) noexcept {
  const int64_t before = timeline_->source_committed();
  const int64_t silence = timeline_->commit(until);
  const int64_t heard = timeline_->source_committed();
  if (heard > before) dry_ = false;
  life_.committed(*timeline_, !open_ && timeline_->waiting() == 0, pictures_->shown);
  pictures_->life_until = life_.until();
  // Held sound moves on with the silence before it.
  if (silence > 0) pictures_->stretch = {};
  if (silence > 0 && open_ && heard > utterance_start_) {
    if (!dry_) counter(Counter::starvations) += 1;
    dry_ = true;
    counter(Counter::starved_samples) += silence;
  }
  return silence;
}

bool Session::wear(int64_t key, Expressions::Weights weights, float intensity, int64_t from,
                   int64_t to) noexcept {
  const bool worn = life_.wear(key, weights, intensity, from, to, pictures_->shown);
  pictures_->life_until = life_.until();
  return worn;
}

bool Session::wear_in_speech(int64_t key, Expressions::Weights weights, float intensity,
                             int64_t from_tick, int64_t to_tick) noexcept {
  const auto source_of = [&](int64_t tick) {
    return tick >= Expressions::kOpen / 2
               ? Expressions::kOpen
               : utterance_start_ + samples_of_ticks(tick, options_.sample_rate);
  };
  // After the end of the sound nothing is worn, also when the end came first.
  const int64_t to = open_ ? source_of(to_tick) : std::min(source_of(to_tick), source_end());
  return life_.wear_in_speech(key, weights, intensity, source_of(from_tick), to);
}

int64_t Session::settled() const noexcept {
  if (!open_) return ready();
  const int64_t lead = std::max<int64_t>(lead_, 0);
  const int64_t rows = 2 * samples_of_ticks(options_.feature_hop_ticks, options_.sample_rate);
  // Phones show what depends on those to come, and rules look as far into the features.
  const int64_t look =
      samples_of_ticks(PhoneTrack::kLookAheadMs * int64_t{10'000}, options_.sample_rate);
  const int64_t settled =
      std::max<int64_t>(0, ready() - lead - (phones_.empty() ? rows : std::max(rows, look)));
  if (!mouth_->looks_ahead(committed() + settled)) return settled;
  const int64_t known = phones_.end() - timeline_->source_committed() - lead - look;
  return std::clamp<int64_t>(known, 0, settled);
}

bool Session::frame_at(int64_t sample, std::span<float, kFrameWidth> row, int64_t next) noexcept {
  Pictures& pictures = *pictures_;
  if (!pictures.stretch.holds(sample) || pictures.stretch.steep)
    pictures.stretch = mouth_->stretch_at(sample);
  Mouth::Seen seen = {.speaking = pictures.stretch.speaking, .source = pictures.steady_source()};
  const bool calm = pictures.stretch.holds(sample) && !pictures.stretch.steep && !pictures.limited;
  if (!pictures.draw_mouth(*kernels().face, sample, next, row.data())) {
    Mouth::Row mouth;
    seen = pictures.follows(sample, next) ? mouth_->picture(sample, next, mouth)
                                          : mouth_->see(sample, mouth);
    std::copy(mouth.begin(), mouth.end(), row.begin());
    // A closure that lasts for many pictures counts once.
    const bool added = seen.closed && seen.source == MouthSource::features;
    if (added && !pictures.closing) counter(Counter::closures_added) += 1;
    pictures.closing = added;
    // A calm stretch only had to be searched for a closure.
    if (!calm || seen.moved) keep_speed(sample, row.first<kWeightCount>());
    // Nor is the way back from there.
    if (seen.moved) pictures.limited = true;
  }
  pictures.finish(sample, seen.source, row);
  return seen.speaking;
}

// Whatever the weights come from. What the picture before showed is kept, or drawn again where it
// took no look.
void Session::keep_speed(int64_t sample, std::span<float, kWeightCount> row) noexcept {
  const int64_t before = pictures_->latest;
  const int64_t since = sample - before;
  if (since == 0 && kept_sample_ == sample && pictures_->limited) {
    std::copy(kept_.begin(), kept_.end(), row.begin());
    return;
  }
  pictures_->limited = false;
  if (before >= 0 && since > 0 && static_cast<double>(since) * kMaxSpeed < options_.sample_rate) {
    if (kept_sample_ != before) mouth_->see(before, kept_);
    // What moves so fast by design is rounded.
    const float change = most_change(since, options_.sample_rate) + 2e-6f;
    pictures_->limited = limit_speed(kept_, change, row);
  }
  std::copy(row.begin(), row.end(), kept_.begin());
  kept_sample_ = sample;
}

void Session::keep_pictures_in(Pictures* place) noexcept {
  if (place == nullptr) place = &own_pictures_;
  *place = *pictures_;
  pictures_ = place;
}

int64_t Session::interrupt(int64_t sample) noexcept {
  pictures_->stretch = {};
  Mouth::Row shown;
  mouth_->evaluate(sample, shown);
  const int64_t next = source_end();
  const int64_t heard = timeline_->source_committed();
  const int64_t cut = timeline_->interrupt(sample, next);
  const int64_t seen = (cut >= 0 ? cut : heard) + std::max<int64_t>(lead_, 0);
  track_->truncate(seen);
  phones_.truncate(seen);
  mouth_->join(sample, shown);
  life_.interrupt(sample);
  pictures_->life_until = life_.until();
  counter(Counter::interrupts) += 1;
  counter(Counter::cut_samples) += next - (cut >= 0 ? cut : heard);
  timeline_->hold_from(Timeline::kNothingHeld);
  rests_.clear();
  resting_since_ = kNoTick;
  flowing_ = true;
  dry_ = false;
  if (resampler_ != nullptr) resampler_->reset();
  unheard_ = 0;
  rate_base_ = next;
  wire_frames_ = 0;
  odd_ = false;
  open_ = false;
  clause_known_ = false;
  generation_ += 1;
  return cut;
}

// watch() and settle() stand around every change that new data may make to
// what is on screen.
void Session::watch() noexcept {
  if (pictures_->shown >= 0) source_before_ = mouth_->see(pictures_->shown, before_).source;
}

void Session::settle() noexcept {
  if (pictures_->shown < 0) return;
  Mouth::Row after;
  const MouthSource source = mouth_->see(pictures_->shown, after).source;
  const bool fades = source != source_before_ && source != MouthSource::rest &&
                     source_before_ != MouthSource::rest;
  for (size_t i = 0; i < kWeightCount; ++i) {
    if (std::abs(after[i] - before_[i]) <= kVisible) continue;
    if (fades) {
      mouth_->join(pictures_->shown, before_, after);
    } else {
      mouth_->join(pictures_->shown, before_);
    }
    return;
  }
}

Phase Session::phase() const noexcept {
  if (!open_) return ready() > 0 ? Phase::speaking : Phase::idle;
  const int64_t heard = timeline_->source_committed();
  if (heard == utterance_start_) return Phase::waiting;
  return dry_ ? Phase::starved : Phase::speaking;
}

Counters Session::counters() const noexcept {
  Counters all = counters_;
  const auto set = [&](Counter which, int64_t value) { all[static_cast<size_t>(which)] = value; };
  set(Counter::source_samples, source_end());
  set(Counter::repeated_feature_rows, track_->repeated_rows());
  set(Counter::phase, static_cast<int64_t>(phase()));
  set(Counter::target_ticks, start_buffer_.target());
  set(Counter::late_ticks, start_buffer_.lateness());
  const auto drawn = [&](MouthSource source) {
    return pictures_->drawn[static_cast<size_t>(source)];
  };
  set(Counter::feature_pictures, drawn(MouthSource::features));
  set(Counter::phone_pictures, drawn(MouthSource::phones));
  set(Counter::loudness_pictures, drawn(MouthSource::loudness));
  return all;
}

size_t Session::memory_bytes() const noexcept {
  return timeline_->memory_bytes() + track_->memory_bytes() + phones_.memory_bytes();
}

}  // namespace facewire
