// Any order of sound, commits, interrupts, holds and looks against a model that keeps
// one entry for every output sample. A slow clock, so that the window and the
// store wrap around within one input.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "facewire/timeline.h"

namespace {

constexpr uint32_t kRate = 400;  // The window is 1600 samples, a ramp 4.
constexpr int64_t kRamp = 4;
constexpr int64_t kMaxWaiting = 700;
constexpr size_t kMaxSteps = 600;  // Below the number of runs that are kept.

void require(bool good) {
  if (!good) std::abort();
}

float sample_of(int64_t source) {
  const uint32_t mixed = static_cast<uint32_t>(source) * 2654435761u;
  return static_cast<float>(mixed >> 16) / 65536.0f + 0.5f;
}

// What is planned for one output sample.
struct Heard {
  int64_t source = -1;
  int64_t run = -1;
  int64_t faded = -1;  // Samples into a ramp of `ramp` samples, or -1 outside of one.
  int64_t ramp = 0;
  bool cut_follows = false;

  float value() const {
    if (source < 0) return 0.0f;
    if (faded < 0) return sample_of(source);
    return sample_of(source) * (1.0f - static_cast<float>(faded) / static_cast<float>(ramp));
  }
};

class Model {
 public:
  int64_t waiting() const { return emitted - taken; }
  int64_t placed() const { return held ? 0 : waiting(); }

  bool continues() const {
    if (planned.empty() || size() < committed) return false;
    const Heard& last = planned.back();
    return last.source >= 0 && last.faded < 0 && !last.cut_follows && last.source + 1 == taken;
  }

  void take_one() {
    if (!continues()) ++run;
    planned.push_back({.source = taken++, .run = run});
  }

  int64_t commit(int64_t until) {
    if (until <= committed) return 0;
    while (size() < until && placed() > 0) take_one();
    while (size() < until) planned.emplace_back();
    int64_t silence = 0;
    for (int64_t at = committed; at < until; ++at) silence += heard(at).source < 0 ? 1 : 0;
    committed = until;
    return silence;
  }

  int64_t interrupt(int64_t sample, int64_t next_source) {
    if (sample > committed) commit(sample);
    sample = std::max({sample, committed - window, int64_t{0}});
    while (size() < sample + kRamp && placed() > 0 && continues()) take_one();
    int64_t cut = -1;
    int64_t kept = 0;
    if (sample > 0) {
      Heard& before = heard(sample - 1);
      if (before.source >= 0) {
        const auto same_run = [&](int64_t at) {
          return at < size() && heard(at).run == before.run;
        };
        if (before.faded >= 0 || before.cut_follows) {
          // It fades already.
          while (same_run(sample + kept)) ++kept;
        } else {
          cut = before.source + 1;
          before.cut_follows = true;
          while (kept < kRamp && same_run(sample + kept)) ++kept;
          for (int64_t k = 0; k < kept; ++k) {
            heard(sample + k).faded = k;
            heard(sample + k).ramp = kept;
            heard(sample + k).cut_follows = false;
          }
        }
      }
    }
    for (int64_t at = sample + kept; at < size(); ++at) heard(at) = {};
    while (size() > committed && planned.back().source < 0) planned.pop_back();
    emitted = taken = next_source;
    return cut;
  }

  int64_t output_of(int64_t source) const {
    if (source >= taken) return -1;
    if (source < 0) return -2;
    for (int64_t at = size() - 1; at >= std::max<int64_t>(0, committed - window); --at) {
      const Heard& one = planned[static_cast<size_t>(at)];
      if (one.source == source) return one.faded < 0 ? at : -2;
    }
    return -2;
  }

  Heard& heard(int64_t at) { return planned[static_cast<size_t>(at)]; }
  int64_t size() const { return static_cast<int64_t>(planned.size()); }

  bool held = false;
  int64_t window = 0;
  int64_t committed = 0;
  int64_t emitted = 0;
  int64_t taken = 0;
  int64_t run = 0;
  std::vector<Heard> planned;
};

void check_read(const facewire::Timeline& timeline, Model& model, int64_t from, size_t count) {
  std::vector<float> out(count, 7.0f);
  const int64_t inside = timeline.read(from, out);
  int64_t expected_inside = 0;
  for (size_t i = 0; i < count; ++i) {
    const int64_t at = from + static_cast<int64_t>(i);
    const bool readable = at >= 0 && at >= model.committed - model.window && at < model.committed;
    expected_inside += readable ? 1 : 0;
    require(out[i] == (readable ? model.heard(at).value() : 0.0f));
  }
  require(inside == expected_inside);
}

void check_runs(const facewire::Timeline& timeline) {
  int64_t end = 0;
  for (size_t i = 0; i < timeline.run_count(); ++i) {
    const facewire::Run run = timeline.run(i);
    require(run.output_begin >= end && run.length >= 0 && run.spoken_length >= run.length);
    end = run.output_end();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto timeline = facewire::Timeline::create(kRate, kMaxWaiting);
  require(timeline != nullptr);
  Model model;
  model.window = timeline->window();
  size_t steps = 0;
  for (size_t at = 0; at + 3 <= size && steps < kMaxSteps; at += 3, ++steps) {
    const int64_t number = data[at + 1] << 8 | data[at + 2];
    switch (data[at] % 7) {
      case 0:
      case 1: {
        const int64_t count = std::min(number % 512, kMaxWaiting - model.waiting());
        std::vector<float> samples;
        for (int64_t i = 0; i < count; ++i) samples.push_back(sample_of(model.emitted + i));
        timeline->append(samples);
        model.emitted += count;
        break;
      }
      case 2:
      case 3: {
        const int64_t until = model.committed + number % 600 - 8;
        require(timeline->commit(until) == model.commit(until));
        break;
      }
      case 4: {
        const int64_t sample = model.committed + 20 - number % 2000;
        const int64_t next = model.emitted + data[at + 1] % 3;
        require(timeline->interrupt(sample, next) == model.interrupt(sample, next));
        break;
      }
      case 5:
        model.held = number % 2 != 0;
        timeline->hold_from(model.held ? timeline->source_committed()
                                       : facewire::Timeline::kNothingHeld);
        break;
      default:
        check_read(*timeline, model, model.committed - number % 2000,
                   static_cast<size_t>(number % 300));
        require(timeline->output_of(model.taken - number % 2000) ==
                model.output_of(model.taken - number % 2000));
        check_runs(*timeline);
        break;
    }
    require(timeline->committed() == model.committed && timeline->emitted() == model.emitted);
    require(timeline->source_committed() == model.taken);
    require(timeline->waiting() == model.waiting());
    require(timeline->oldest_source() <= model.taken);
  }
  check_read(*timeline, model, model.committed - model.window - 5,
             static_cast<size_t>(model.window) + 10);
  return 0;
}
