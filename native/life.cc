#include "facewire/life.h"

#include <algorithm>

#include "facewire/ease.h"

namespace facewire {

Life::Life(int64_t seed, uint32_t sample_rate) noexcept
    : moves_(seed >= 0),
      rest_(static_cast<int64_t>((kHoldMs + kEaseMs) / 1000.0 * sample_rate)),
      gestures_(sample_rate),
      expressions_(sample_rate),
      finder_(seed) {}

void Life::begin(int64_t sample) noexcept {
  if (speaking_) return;
  speaking_ = true;
  expressions_.speech(sample, true);
}

void Life::take(const Emphasis& emphasis) noexcept {
  if (beat_count_ == kMostBeats) return;
  beats_[(first_beat_ + beat_count_) % kMostBeats] = emphasis;
  beat_count_ += 1;
}

void Life::hear(const Loudness& loudness) noexcept {
  if (!moves_) return;
  while (const auto found = finder_.next(loudness)) take(*found);
}

void Life::end(const Loudness& loudness, int64_t source) noexcept {
  hear(loudness);
  if (moves_) {
    if (const auto found = finder_.end(source - 1)) take(*found);
  }
  for (Cue& cue : cues_) cue.to = std::min(cue.to, source);
}

void Life::committed(const Timeline& timeline, bool over, int64_t shown) noexcept {
  if (beat_count_ > 0) place_beats(timeline);
  if (cue_count_ > 0) place_cues(timeline, shown);
  if (!over || !speaking_) return;
  speaking_ = false;
  const int64_t last = timeline.output_of(timeline.source_committed() - 1);
  expressions_.speech((last >= 0 ? last : timeline.committed()) + rest_, false);
}

void Life::place_beats(const Timeline& timeline) noexcept {
  while (beat_count_ > 0) {
    const Emphasis& beat = beats_[first_beat_];
    if (beat.source >= timeline.source_committed()) return;
    const int64_t sample = timeline.output_of(beat.source);
    if (sample >= 0) gestures_.begin(beat.beat, beat.strength, sample);
    first_beat_ = (first_beat_ + 1) % kMostBeats;
    beat_count_ -= 1;
  }
}

void Life::place_cues(const Timeline& timeline, int64_t shown) noexcept {
  const int64_t known = timeline.source_committed();
  const auto place = [&](int64_t source) {
    // The end of the last sample, where silence may follow.
    const int64_t sample = timeline.output_of(std::min(source, known - 1));
    return std::max(sample >= 0 ? sample : timeline.committed(), shown);
  };
  for (Cue& cue : cues_) {
    if (cue.state == Cue::State::waiting && (cue.from < known || cue.to <= known)) {
      cue.state = Cue::State::worn;
      if (cue.from >= cue.to || !expressions_.wear(own_key(cue.key), cue.weights, cue.intensity,
                                                   place(cue.from), Expressions::kOpen))
        cue.state = Cue::State::free;
    }
    if (cue.state == Cue::State::worn && cue.to <= known) {
      expressions_.end(own_key(cue.key), place(cue.to), shown);
      cue.state = Cue::State::free;
    }
  }
  cue_count_ = static_cast<size_t>(std::count_if(
      cues_.begin(), cues_.end(), [](const Cue& cue) { return cue.state != Cue::State::free; }));
}

void Life::interrupt(int64_t sample) noexcept {
  for (Cue& cue : cues_) {
    if (cue.state == Cue::State::worn) expressions_.cut(own_key(cue.key), sample);
    cue.state = Cue::State::free;
  }
  cue_count_ = 0;
  beat_count_ = 0;
  finder_.restart();
  gestures_.cut(sample);
  if (speaking_) expressions_.speech(sample + rest_, false);
  speaking_ = false;
}

bool Life::wear(int64_t key, Expressions::Weights weights, float intensity, int64_t from,
                int64_t to, int64_t shown) noexcept {
  const int64_t begin = std::max(from, shown);
  return expressions_.wear(key, weights, intensity, begin, std::max(to, shown));
}

bool Life::wear_in_speech(int64_t key, Expressions::Weights weights, float intensity, int64_t from,
                          int64_t to) noexcept {
  Cue* place = nullptr;
  for (Cue& cue : cues_) {
    if (cue.state == Cue::State::free) {
      place = &cue;
    } else if (cue.key == key) {
      cue.to = to;
      return true;
    }
  }
  if (place == nullptr) return false;
  *place = {
      .state = Cue::State::waiting, .key = key, .from = from, .to = to, .intensity = intensity};
  std::copy(weights.begin(), weights.end(), place->weights.begin());
  cue_count_ += 1;
  return true;
}

void Life::add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept {
  expressions_.add(sample, row);
  gestures_.add(sample, row);
}

int64_t Life::until() const noexcept { return std::max(expressions_.until(), gestures_.until()); }

}  // namespace facewire
