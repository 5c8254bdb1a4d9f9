#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "facewire/channels.h"
#include "facewire/phones.h"

namespace facewire {

// A phone on the source time line.
struct Phone {
  std::string_view symbol;
  int64_t start = 0;  // Samples.
  int64_t end = 0;
};

// The phones of an utterance as a mouth that moves. Every articulator follows
// the targets of the shapes around an instant, weighted by their dominance and
// by how much of a smooth window around it each of them fills: quick speech
// blends more, and nothing ever jumps. What an instant looks like depends on the
// phones within kLookBehindMs and kLookAheadMs of it alone, however they came.
// Before the first phone and after the last one there is silence.
// Not thread-safe. Memory is taken by reserve() alone.
class PhoneTrack {
 public:
  static constexpr int kLookAheadMs = 460;
  static constexpr int kLookBehindMs = 250;

  // A stretch of one mouth shape.
  struct Segment {
    int64_t start;
    int64_t end;
    float strength;  // Of its opening; 1 is usual.
    Viseme viseme;
    Viseme rounding;  // Whose rounding it takes on; its own mostly.
  };

  PhoneTrack(uint32_t sample_rate, size_t max_segments) noexcept;

  // Makes room for `phones` more. False when memory is short or they would be more than the track
  // ever holds; then nothing has changed.
  bool reserve(size_t phones) noexcept;
  // Adds a phone. Phones come in order of time: the part of one that lies before the end of the one
  // before is not seen, a gap is silence. False when nothing of it is left, or there is no room.
  bool append(const Phone& phone, Alphabet alphabet = Alphabet::unknown) noexcept;
  // Forgets what lies before `oldest`, and what begins after `newest`.
  void trim(int64_t oldest) noexcept;
  void truncate(int64_t newest) noexcept;

  bool empty() const noexcept { return first_ == segments_.size(); }
  int64_t begin() const noexcept { return empty() ? 0 : segments_[first_].start; }
  int64_t end() const noexcept { return empty() ? 0 : segments_.back().end; }

  // The mouth at `source`. `level` is the loudness of the sound there, a root mean square in
  // [0, 1], or negative when it is not known.
  void evaluate(int64_t source, float level, std::span<float, kWeightCount> out) const noexcept;

  // Segments that touch [from, to), in order of time.
  std::span<const Segment> near(int64_t from, int64_t to) const noexcept;
  uint32_t sample_rate() const noexcept { return sample_rate_; }
  size_t memory_bytes() const noexcept { return segments_.capacity() * sizeof(Segment); }

 private:
  Viseme seen(const Segment& segment) const noexcept;
  void put(Viseme viseme, int64_t start, int64_t end, float strength) noexcept;
  void round_backwards() noexcept;

  const uint32_t sample_rate_;
  const double ms_;  // Samples.
  const size_t most_;
  // The first `first_` are forgotten.
  std::vector<Segment> segments_;
  size_t first_ = 0;
  Alphabet alphabet_ = Alphabet::unknown;  // As the symbols so far tell.
};

}  // namespace facewire
