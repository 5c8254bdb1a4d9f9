#include "facewire/timeline.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace facewire {
namespace {

// Runs kept. With more breaks than this inside the window the oldest sound in it is lost.
constexpr size_t kMaxRuns = 1024;

constexpr double kLevelReachSeconds = 0.040;
// Loudness does not need every sample.
constexpr int64_t kLevelStep = 12;

}  // namespace

std::unique_ptr<Timeline> Timeline::create(uint32_t sample_rate, int64_t max_waiting) {
  return std::unique_ptr<Timeline>(new Timeline(sample_rate, max_waiting));
}

Timeline::Timeline(uint32_t sample_rate, int64_t max_waiting)
    : window_(static_cast<int64_t>(kWindowSeconds * sample_rate)),
      ramp_(static_cast<int64_t>(kRampSeconds * sample_rate)),
      level_reach_(static_cast<int64_t>(kLevelReachSeconds * sample_rate)),
      store_(1, static_cast<size_t>(max_waiting + window_ + sample_rate)) {
  runs_.reserve(kMaxRuns);
}

Timeline::~Timeline() = default;

bool Timeline::reserve(int64_t samples) noexcept {
  // What waits, what can be read, and the ramp of a cut that reaches past that.
  const int64_t alive = waiting() + window_ + ramp_;
  return store_.reserve(std::max<int64_t>(0, stored_ - alive), stored_,
                        static_cast<size_t>(samples));
}

void Timeline::append(std::span<const float> samples) noexcept {
  auto left = static_cast<int64_t>(samples.size());
  if (!reserve(left)) return;
  const float* from = samples.data();
  while (left > 0) {
    const int64_t count = std::min(left, store_.run(stored_));
    std::memcpy(store_.item(stored_), from, static_cast<size_t>(count) * sizeof(float));
    from += count;
    left -= count;
    emitted_ += count;
    stored_ += count;
  }
}

int64_t Timeline::place() const noexcept {
  return runs_.empty() ? committed_ : std::max(committed_, runs_.back().output_end());
}

bool Timeline::continues() const noexcept {
  return !runs_.empty() && runs_.back().cut_at < 0 && runs_.back().output_end() == place() &&
         runs_.back().source_end() == source_committed_;
}

void Timeline::take(int64_t samples) noexcept {
  if (samples <= 0) return;
  if (continues()) {
    runs_.back().length += samples;
  } else {
    const auto in_window = [this](const Run& run) {
      return run.output_end() >= committed_ - window_;
    };
    if (runs_.size() == kMaxRuns) {
      auto keep = std::find_if(runs_.begin(), runs_.end(), in_window);
      runs_.erase(runs_.begin(), std::max(keep, runs_.begin() + kMaxRuns / 4));
    }
    runs_.push_back({.output_begin = place(),
                     .source_begin = source_committed_,
                     .length = samples,
                     .stored_begin = stored_ - waiting()});
  }
  runs_.back().spoken_length = runs_.back().length;
  source_committed_ += samples;
}

int64_t Timeline::commit(int64_t until) noexcept {
  if (until <= committed_) return 0;
  take(std::min(placed(), until - place()));
  const int64_t silence = std::max<int64_t>(0, until - place());
  committed_ = until;
  return silence;
}

int64_t Timeline::read(int64_t sample, std::span<float> out) const noexcept {
  const int64_t begin = std::max({sample, committed_ - window_, int64_t{0}});
  const int64_t end = std::min(sample + static_cast<int64_t>(out.size()), committed_);
  // Only what no run covers is silence.
  int64_t covered = sample + static_cast<int64_t>(out.size());
  const auto silence_from = [&](int64_t first) {
    if (first < covered)
      std::fill(out.begin() + (first - sample), out.begin() + (covered - sample), 0.0f);
  };
  if (end <= begin) {
    silence_from(sample);
    return 0;
  }
  for (auto run = runs_.rbegin(); run != runs_.rend() && run->output_end() > begin; ++run) {
    const int64_t first = std::max(begin, run->output_begin);
    const int64_t last = std::min(end, run->output_end());
    if (last <= first) continue;
    silence_from(last);
    covered = first;
    float* to = out.data() + (first - sample);
    int64_t place = run->stored_begin + (first - run->output_begin);
    for (int64_t left = last - first; left > 0;) {
      const int64_t count = std::min(left, store_.run(place));
      std::memcpy(to, store_.item(place), static_cast<size_t>(count) * sizeof(float));
      to += count;
      place += count;
      left -= count;
    }
    if (run->cut_at < 0) continue;
    for (int64_t at = std::max(first, run->cut_at); at < last; ++at) {
      const auto faded =
          static_cast<float>(at - run->cut_at) / static_cast<float>(run->ramp_length);
      out[static_cast<size_t>(at - sample)] *= 1.0f - faded;
    }
  }
  silence_from(sample);
  return end - begin;
}

int64_t Timeline::interrupt(int64_t sample, int64_t next_source) noexcept {
  if (sample > committed_) commit(sample);
  sample = std::max({sample, committed_ - window_, int64_t{0}});
  // The ramp may need sound that waits.
  if (place() < sample + ramp_ && continues()) take(std::min(placed(), sample + ramp_ - place()));
  while (!runs_.empty() && runs_.back().output_begin >= sample) runs_.pop_back();

  int64_t cut = -1;
  if (!runs_.empty() && runs_.back().output_end() >= sample) {
    Run& run = runs_.back();
    cut = run.source_begin + (sample - run.output_begin);
    if (run.cut_at >= 0 && run.cut_at <= sample) {
      cut = -1;  // It fades already.
    } else {
      run.ramp_length = std::min(ramp_, run.output_end() - sample);
      run.length = sample - run.output_begin + run.ramp_length;
      run.cut_at = sample;
    }
  }
  stored_ -= waiting();
  emitted_ = next_source;
  source_committed_ = next_source;
  return cut;
}

int64_t Timeline::output_of(int64_t source) const noexcept {
  if (source >= source_committed_) return -1;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (source < run->source_begin || source >= run->source_end()) continue;
    const int64_t output = run->output_begin + (source - run->source_begin);
    if ((run->cut_at >= 0 && output >= run->cut_at) || output < committed_ - window_) return -2;
    return output;
  }
  return -2;
}

int64_t Timeline::oldest_source() const noexcept {
  for (const Run& run : runs_) {
    if (run.output_end() < committed_ - window_) continue;
    return run.source_begin + std::max<int64_t>(0, committed_ - window_ - run.output_begin);
  }
  return source_committed_;
}

size_t Timeline::run_count() const noexcept {
  return runs_.size() + (placed() > 0 && !continues() ? 1 : 0);
}

Run Timeline::run(size_t index) const noexcept {
  if (index == runs_.size()) {
    return {.output_begin = place(),
            .source_begin = source_committed_,
            .length = placed(),
            .spoken_length = placed(),
            .stored_begin = stored_ - waiting()};
  }
  Run run = runs_[index];
  if (index + 1 == runs_.size() && placed() > 0 && continues()) {
    run.length += placed();
    run.spoken_length = run.length;
  }
  return run;
}

float Timeline::level(const Run& run, int64_t source) const noexcept {
  // The same samples count for every instant that is near to them.
  const int64_t first = (source - level_reach_) / kLevelStep * kLevelStep;
  const int64_t shift = run.stored_begin - run.source_begin;
  const int64_t oldest = std::max<int64_t>(0, stored_ - static_cast<int64_t>(store_.capacity()));
  const int64_t begin = std::max({run.source_begin, source - level_reach_, oldest - shift});
  const int64_t end =
      std::min({run.source_begin + run.spoken_length, source + level_reach_, stored_ - shift});
  const float scale = 1.0f / static_cast<float>(level_reach_);
  float sum = 0.0f, all = 0.0f;
  const float* next = nullptr;
  int64_t left = 0;
  for (int64_t at = first; at < source + level_reach_; at += kLevelStep) {
    const float distance = static_cast<float>(at - source) * scale;
    const float weight = std::max(0.0f, 1.0f - distance * distance);
    all += weight;
    if (at < begin || at >= end) continue;
    if (left <= 0) {
      next = store_.item(at + shift);
      left = store_.run(at + shift);
    }
    sum += weight * *next * *next;
    left -= kLevelStep;
    if (left > 0) next += kLevelStep;
  }
  return std::sqrt(sum / all);
}

size_t Timeline::memory_bytes() const noexcept { return store_.bytes(); }

}  // namespace facewire
