#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "facewire/channels.h"
#include "facewire/feature_track.h"
#include "facewire/mouth_shapes.h"
#include "facewire/timeline.h"

namespace facewire {

// What the mouth shows at an instant of the output: features or phones seen
// through the time line. Where two stretches meet that do not follow from each
// other (silence and speech, clause and clause), the shape before moves to the
// one after with at most kMaxSpeed. A change of what was already on screen, as
// by an interrupt or by late data, is taken up likewise by join().
class Mouth {
 public:
  // `lead` is how far the mouth runs ahead of the sound, in samples. Without
  // `sources` there are features alone.
  Mouth(const Timeline& timeline, const FeatureTrack& track, uint32_t sample_rate, int64_t lead,
        const MouthSources& sources = {.policy = SourcePolicy::features});

  using Row = std::array<float, kWeightCount>;

  // Lips that are not further apart than this are seen as closed.
  static constexpr float kClosed = MouthRules::kClosed;

  // What was seen, besides the weights.
  struct Seen {
    bool speaking = false;  // There is speech.
    MouthSource source = MouthSource::rest;
    bool closed = false;  // The lips are closed, and would not be without the rules.
    bool moved = false;   // Not what is there at that instant, but what no other picture shows.
  };

  Seen see(int64_t sample, Row& out) const noexcept;
  // Returns true while there is speech at `sample`.
  bool evaluate(int64_t sample, Row& out) const noexcept { return see(sample, out).speaking; }

  // As evaluate(), for a picture that is followed by the next one at sample
  // `next`. A closure of the lips that falls between pictures, and so would not
  // be seen, is shown by the picture nearest to it.
  Seen picture(int64_t sample, int64_t next, Row& out) const noexcept;

  // Source sample that the mouth shows at `sample`, or -1 when there is none. At
  // most the last one that is known to be heard.
  int64_t position(int64_t sample) const noexcept;

  // A stretch around `sample` on which evaluate() gives what the stretch gives,
  // bit for bit; empty where the mouth is on its way from one shape to another.
  // Holds until data is added or taken away, or join() is called; commits do not
  // matter, because what waits is seen where it will be heard.
  Stretch stretch_at(int64_t sample) const noexcept;

  // From output sample `sample` on, moves from `shown` to the curve as fast as kMaxSpeed allows.
  void join(int64_t sample, const Row& shown) noexcept;
  // The same where another source took over, whose shape at `sample` is `first`: no faster than
  // kFadeMs.
  void join(int64_t sample, const Row& shown, const Row& first) noexcept;

  // True when what comes in for this instant of the output depends on phones ahead of it.
  bool looks_ahead(int64_t sample) const noexcept;

 private:
  struct Join {
    int64_t sample;
    Row shown;
    Row first;       // Where it fades.
    int64_t length;  // Samples until nothing of it is left.
    bool fades;
  };
  // An instant on the source time line.
  struct Place {
    bool inside = false;  // Of a run, and not cut.
    bool speaking = false;
    size_t run = 0;
    int64_t source = 0;       // Past the end of speech it goes on.
    int64_t spoken_last = 0;  // Of the run.
    int clause = -1;
  };

  void put_join(const Join& join) noexcept;
  Place place_of(int64_t sample) const noexcept;
  void apply_rules(const Place& place, MouthSource from, Row& out) const noexcept;
  FeatureTrack::Closure most_closed(int64_t from, int64_t to) const noexcept;
  bool closed_at(int64_t sample) const noexcept;
  bool differ(int clause, int64_t source, MouthSource from) const noexcept;
  MouthSource piece(size_t run, int clause, int64_t at, int depth, Row& out) const noexcept;

  const Timeline& timeline_;
  const FeatureTrack& track_;
  const MouthShapes shapes_;
  const int64_t lead_;
  const double speed_;   // Change of a weight per sample, at most.
  const int64_t reach_;  // Samples after which a full swing is done.
  std::vector<Join> joins_;
};

}  // namespace facewire
