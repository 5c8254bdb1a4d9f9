#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "facewire/emphasis.h"
#include "facewire/expressions.h"
#include "facewire/gestures.h"
#include "facewire/loudness.h"
#include "facewire/timeline.h"

namespace facewire {

// What a face does because of what is said, besides saying it: expressions, brows
// on stressed syllables, nods. Sound and expressions come in on the source's
// clock; each gets its place in the output when that is fixed, once, so that the
// same commits give the same face however the data arrived. Not thread-safe;
// allocates nothing.
class Life {
 public:
  // A negative seed means no gestures; expressions are worn all the same.
  Life(int64_t seed, uint32_t sample_rate) noexcept;

  // An utterance may be heard from output sample `sample` on.
  void begin(int64_t sample) noexcept;
  // New blocks of the source are known.
  void hear(const Loudness& loudness) noexcept;
  // No more sound comes; it ends at source sample `source`. Expressions of the utterance end there.
  void end(const Loudness& loudness, int64_t source) noexcept;
  // More of the output was fixed. `over`: nothing of the utterance waits, and nothing more comes.
  // `shown` is the latest output sample that was drawn.
  void committed(const Timeline& timeline, bool over, int64_t shown) noexcept;
  void interrupt(int64_t sample) noexcept;

  // An expression from one output sample to another; see Expressions::wear(). `key` is 0 or more.
  bool wear(int64_t key, Expressions::Weights weights, float intensity, int64_t from, int64_t to,
            int64_t shown) noexcept;
  // One of the running utterance, between source samples. The same key again says where it ends.
  bool wear_in_speech(int64_t key, Expressions::Weights weights, float intensity, int64_t from,
                      int64_t to) noexcept;

  void add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept;
  // At or after this output sample add() changes nothing.
  int64_t until() const noexcept;

 private:
  struct Cue {
    enum class State : uint8_t { free, waiting, worn } state = State::free;
    int64_t key = 0;
    int64_t from = 0;  // Source samples.
    int64_t to = Expressions::kOpen;
    float intensity = 0.0f;
    std::array<float, kWeightCount> weights = {};
  };
  static constexpr size_t kMostBeats = 256;

  void take(const Emphasis& emphasis) noexcept;
  void place_beats(const Timeline& timeline) noexcept;
  void place_cues(const Timeline& timeline, int64_t shown) noexcept;
  // Those of an utterance have keys below 0 among all that are worn.
  static int64_t own_key(int64_t key) noexcept { return -1 - key; }

  const bool moves_;
  const int64_t rest_;  // Samples after speech at which the mouth is at rest.
  Gestures gestures_;
  Expressions expressions_;
  EmphasisFinder finder_;
  bool speaking_ = false;
  size_t cue_count_ = 0;
  std::array<Cue, Expressions::kMost> cues_;
  // Found and not placed yet; a ring.
  size_t first_beat_ = 0;
  size_t beat_count_ = 0;
  std::array<Emphasis, kMostBeats> beats_;
};

}  // namespace facewire
