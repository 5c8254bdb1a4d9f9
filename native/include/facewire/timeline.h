#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "facewire/grow_ring.h"

namespace facewire {

// A stretch of output in which source audio is heard without a break.
struct Run {
  int64_t output_begin = 0;
  int64_t source_begin = 0;
  int64_t length = 0;  // Audible samples, the ramp of a cut included.
  int64_t spoken_length =
      0;  // What would have been heard without a cut; the mouth before the cut follows this.
  int64_t cut_at = -1;       // Output sample of an interrupt inside this run, or -1.
  int64_t stored_begin = 0;  // Place in the store; what an interrupt drops takes up none.
  int64_t ramp_length = 0;   // Samples after cut_at over which the sound fades to nothing.

  int64_t output_end() const noexcept { return output_begin + length; }
  int64_t source_end() const noexcept { return source_begin + length; }
};

// Which source sample is heard at which output sample. Source samples count all
// audio ever received, at the session's rate; output samples count from the
// start. Output is fixed by commit() and read by absolute index as often as one
// likes, within a window. Not thread-safe. create() takes all memory, lazily touched.
class Timeline {
 public:
  static constexpr double kWindowSeconds = 4.0;
  static constexpr double kRampSeconds = 0.010;
  // For hold_from().
  static constexpr int64_t kNothingHeld = INT64_MAX;

  static std::unique_ptr<Timeline> create(uint32_t sample_rate, int64_t max_waiting);
  ~Timeline();

  int64_t emitted() const noexcept { return emitted_; }
  int64_t waiting() const noexcept { return emitted_ - source_committed_; }
  int64_t committed() const noexcept { return committed_; }
  int64_t source_committed() const noexcept { return source_committed_; }
  int64_t window() const noexcept { return window_; }
  // Oldest source sample that can still be heard or seen.
  int64_t oldest_source() const noexcept;

  // Makes room for `samples` more. False when memory is short; then nothing has changed.
  bool reserve(int64_t samples) noexcept;
  // Adds source audio, for which there is room. The caller keeps waiting() at or below max_waiting
  // and a second.
  void append(std::span<const float> samples) noexcept;
  // What waits from source sample `from` on has no place in the output yet, and commit() takes none
  // of it.
  void hold_from(int64_t from) noexcept { held_from_ = from; }
  int64_t held_from() const noexcept { return held_from_; }
  // Fixes the output up to sample `until`. Returns the silence inserted.
  int64_t commit(int64_t until) noexcept;
  // Returns how many of the samples lie inside the window; the rest read as 0.
  int64_t read(int64_t sample, std::span<float> out) const noexcept;
  // As read(), but also what is not committed yet and will come there if nothing is interrupted:
  // the ramp of a cut, and what waits and is not held. Returns the samples, which may be fewer than
  // `out` has room for; 0 when `sample` has left the window.
  int64_t look(int64_t sample, std::span<float> out) const noexcept;
  // Fades to silence after `sample`, drops all that waits, and makes the next
  // source sample `next_source`. Returns the source sample of the cut, or -1.
  int64_t interrupt(int64_t sample, int64_t next_source) noexcept;
  // -1 not committed yet, -2 cut or gone.
  int64_t output_of(int64_t source) const noexcept;

  // Runs in output order, oldest first; the last one includes what waits and is
  // not held, where it will be heard if nothing is interrupted.
  size_t run_count() const noexcept;
  Run run(size_t index) const noexcept;

  // Loudness of the sound of `run` around `source`: the root mean square of the 80 ms around it,
  // the nearest counting most. Sound that has not come counts as silence.
  float level(const Run& run, int64_t source) const noexcept;

  size_t memory_bytes() const noexcept;

 private:
  Timeline(uint32_t sample_rate, int64_t max_waiting);
  int64_t read_runs(int64_t sample, std::span<float> out, int64_t limit) const noexcept;
  int64_t place() const noexcept;   // Output sample where the next source sample is put.
  bool continues() const noexcept;  // The next source sample continues the last run.
  void take(int64_t samples) noexcept;
  int64_t placed() const noexcept {
    return std::clamp<int64_t>(held_from_ - source_committed_, 0, waiting());
  }

  const int64_t window_;
  const int64_t ramp_;
  const int64_t level_reach_;
  GrowRing store_;
  int64_t emitted_ = 0;
  int64_t stored_ = 0;  // Place of the next sample.
  int64_t source_committed_ = 0;
  int64_t committed_ = 0;
  int64_t held_from_ = kNothingHeld;
  std::vector<Run> runs_;
};

}  // namespace facewire
