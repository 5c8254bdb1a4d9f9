#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facewire/counters.h"
#include "facewire/feature_track.h"
#include "facewire/life.h"
#include "facewire/loudness.h"
#include "facewire/message.h"
#include "facewire/mouth.h"
#include "facewire/order_watch.h"
#include "facewire/phone_items.h"
#include "facewire/phone_track.h"
#include "facewire/pictures.h"
#include "facewire/resampler.h"
#include "facewire/rest_points.h"
#include "facewire/result.h"
#include "facewire/start_buffer.h"
#include "facewire/timeline.h"

namespace facewire {

// Bits of PushReport::warnings besides those of MessageWarning.
enum SessionWarning : uint32_t {
  kWarnRateChanged =
      1u << 16,  // Another sample rate inside an utterance: the converter was restarted.
  kWarnFeaturesDropped =
      1u << 17,  // Features without audio to go with filled the track; sound was kept.
  kWarnFeatureOrder = 1u << 18,  // The columns are hardly what they are taken for; told once.
};

struct SessionOptions {
  uint32_t sample_rate = 48000;  // 8000 to 48000, one of the resampler's rates.
  uint32_t feature_hop_ticks = 400000;
  std::vector<std::string> feature_order;  // ARKit names in wire order, at most 52, each once.
  // Other orders that a stream may have; it is compared with them, see OrderWatch. None: no check.
  std::vector<std::vector<std::string>> known_orders;
  int64_t mouth_lead_ticks = 0;
  double max_buffered_seconds = 120;
  size_t max_message_bytes = 16u << 20;
  int64_t idle_seed = -1;
  // See MouthSources.
  SourcePolicy source_policy = SourcePolicy::automatic;
  bool closure_overlay = true;
  bool constraints = true;
};

// No clock was read when a message came in.
inline constexpr int64_t kNoTick = INT64_MIN;

// What push() found and took. Values of `kind` are MessageKind, then two more.
inline constexpr int32_t kKindStale = 5;    // Not of the running utterance; nothing was taken.
inline constexpr int32_t kKindRefused = 6;  // Nothing was taken; see `error`.

struct PushReport {
  int32_t kind = 0;
  Result result;              // Why the media of this message was not taken; count = byte position.
  uint32_t audio_frames = 0;  // At the wire's rate.
  uint32_t feature_frames = 0;
  uint32_t sample_rate = 0;
  uint32_t warnings = 0;
  int64_t clause_start = 0;  // Source sample.
  int64_t source_end = 0;    // Source sample.
};

// A message that somebody else took apart.
struct ParsedMessage {
  std::string_view base64;
  std::span<const float> features;
  uint32_t sample_rate = 0;
  uint32_t feature_dimension = 0;
  int32_t clause = 0;
  bool final = false;
  bool sentence_start = false;
  int64_t arrival = kNoTick;  // As of push().
  std::span<const PhoneItem> phones = {};
};

// One conversation: wire messages in, one voice and one face out, on one clock.
// Not thread-safe. create() takes all memory but the converter of a sample rate
// that is seen for the first time; nothing else allocates once the largest
// message has been seen.
class Session {
 public:
  // On failure null, and `error` says why.
  static std::unique_ptr<Session> create(const SessionOptions& options, Errc& error);

  // Opens the door to messages of `request_id`, or of any when it is empty.
  void begin(std::string_view request_id);
  // Reads one wire frame; `message` says what was in it, for as long as `bytes`
  // live. `arrival` is when it came in, in ticks of the clock of commit().
  PushReport push(std::span<const uint8_t> bytes, Message& message,
                  int64_t arrival = kNoTick) noexcept;
  PushReport push_parsed(const ParsedMessage& message) noexcept;
  // No more audio will come for this utterance.
  void end() noexcept;

  // Output side; see Timeline. Returns the silence put in while an utterance was open.
  int64_t commit(int64_t until) noexcept;
  // The same, but speech starts, and goes on after it ran dry, only when enough
  // of it waits at tick `now`; see StartBuffer. Returns the silence put in
  // after the utterance had begun to be heard.
  int64_t commit(int64_t until, int64_t now) noexcept;
  int64_t ready() const noexcept { return timeline_->waiting(); }
  // As ready(), less what the mouth needs to know ahead while more may come: features, or phones.
  int64_t settled() const noexcept;
  int64_t committed() const noexcept { return timeline_->committed(); }
  int64_t source_committed() const noexcept { return timeline_->source_committed(); }
  int64_t read(int64_t sample, std::span<float> out) const noexcept {
    return timeline_->read(sample, out);
  }
  // As Timeline::look(); speech that waits for its start has no place yet.
  int64_t look(int64_t sample, std::span<float> out) const noexcept;
  // Commits what is ready, as far as `out` has room for it, and reads it. Returns the samples.
  int64_t read_ready(std::span<float> out) noexcept;
  int64_t output_of(int64_t source) const noexcept { return timeline_->output_of(source); }
  // True while there is speech at `sample`. A picture that is followed by the
  // next one at `next` also shows a closure of the lips that would fall between
  // the two; 0 looks for none.
  bool frame_at(int64_t sample, std::span<float, kFrameWidth> row, int64_t next = 0) noexcept;
  int64_t interrupt(int64_t sample) noexcept;

  // Expressions over what the mouth says; see Expressions. Between output samples...
  bool wear(int64_t key, Expressions::Weights weights, float intensity, int64_t from,
            int64_t to) noexcept;
  // ... or between moments of the running utterance, in ticks from its first sample. A key
  // that is known says where that one ends.
  bool wear_in_speech(int64_t key, Expressions::Weights weights, float intensity, int64_t from_tick,
                      int64_t to_tick) noexcept;
  // Speech of the running utterance may stop at these moments, ticks from its first sample, rising:
  // ends of words. Heeded by commit() with a clock after it has run dry.
  void may_rest(std::span<const double> ticks) noexcept;
  // What the columns are suspected of; see OrderWatch::suspect().
  int suspected_order() const noexcept { return order_watch_->suspect(); }

  // For SessionPool: where what pictures need is kept. Null is the session itself.
  const Pictures& pictures() const noexcept { return *pictures_; }
  void keep_pictures_in(Pictures* place) noexcept;
  void pictures_moved_to(Pictures* place) noexcept { pictures_ = place; }

  bool open() const noexcept { return open_; }
  Phase phase() const noexcept;
  Counters counters() const noexcept;
  // Raised by begin() and interrupt().
  uint64_t generation() const noexcept { return generation_; }
  size_t memory_bytes() const noexcept;
  size_t max_message_bytes() const noexcept { return options_.max_message_bytes; }

 private:
  // Wire frames that are kept for a change of rate.
  static constexpr size_t kLatestFrames = 512;
  struct Media;
  explicit Session(const SessionOptions& options);
  void count(const PushReport& report) noexcept;
  int64_t& counter(Counter which) noexcept { return counters_[static_cast<size_t>(which)]; }
  PushReport read(std::span<const uint8_t> bytes, Message& message, int64_t arrival) noexcept;
  PushReport read(const ParsedMessage& message) noexcept;
  void take(const Media& media, PushReport& report) noexcept;
  void take_features(const Media& media, PushReport& report) noexcept;
  void take_phones(const Media& media) noexcept;
  void take_phone(const PhoneItem& phone) noexcept;
  void take_audio(std::span<const uint8_t> pcm) noexcept;
  Resampler* converter_for(uint32_t rate) noexcept;
  void change_rate(Resampler& next, std::span<const uint8_t> pcm) noexcept;
  void prime(std::span<const uint8_t> pcm) noexcept;
  void hear(std::span<const int16_t> frames) noexcept;
  void convert(std::span<const int16_t> frames) noexcept;
  void append(std::span<const float> samples) noexcept;
  void flush() noexcept;
  int64_t source_end() const noexcept;
  void keep_speed(int64_t sample, std::span<float, kWeightCount> row) noexcept;
  void watch() noexcept;
  void settle() noexcept;
  void place_from(int64_t limit) noexcept;
  int64_t last_rest() const noexcept;
  void place_words() noexcept;
  bool rested(int64_t now) const noexcept;
  int64_t put(int64_t until) noexcept;

  Pictures own_pictures_;
  Pictures* pictures_ = &own_pictures_;  // There, or in a pool.
  const SessionOptions options_;
  const int64_t lead_;         // Samples.
  const int64_t max_waiting_;  // Samples.
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<FeatureTrack> track_;
  PhoneTrack phones_;
  std::optional<Mouth> mouth_;

  std::string request_id_;
  bool open_ = false;
  uint64_t generation_ = 0;
  bool clause_known_ = false;
  int32_t clause_ = 0;
  int64_t clause_start_ = 0;
  int64_t utterance_start_ = 0;  // Source sample.
  // What times of phones count from: the clause or the utterance. The first
  // phone of a later clause tells.
  enum class Zero : uint8_t { unknown, clause, utterance };
  Zero zero_ = Zero::unknown;
  StartBuffer start_buffer_;
  bool flowing_ = true;  // What comes is heard at once.
  bool dry_ = false;     // It ran dry after it had begun, and has not gone on.
  RestPoints rests_;
  bool falls_behind_ = false;        // This utterance, or the one before, has run dry.
  bool fell_behind_ = false;         // This one has.
  int64_t resting_since_ = kNoTick;  // It stopped at a rest point, with sound behind it.
  Counters counters_ = {};

  // One converter per sample rate seen, so that a rate costs memory once.
  std::vector<std::unique_ptr<Resampler>> resamplers_;
  Resampler* resampler_ = nullptr;
  int64_t rate_base_ = 0;    // Source sample where the converter's stream begins.
  int64_t wire_frames_ = 0;  // Frames it has got.
  bool odd_ = false;         // A byte of half a sample is carried.
  uint8_t odd_byte_ = 0;
  int64_t unheard_ = 0;  // Outputs of the converter that come from before its first frame.
  std::array<int16_t, kLatestFrames> latest_;  // Of the converter's stream, at its end.
  std::vector<uint8_t> decoded_;

  Loudness loudness_;
  Life life_;
  std::optional<OrderWatch> order_watch_;

  Mouth::Row before_ = {};
  MouthSource source_before_ = MouthSource::rest;
  // The mouth of the latest picture that took a look at more than a stretch.
  Mouth::Row kept_ = {};
  int64_t kept_sample_ = -1;
};

}  // namespace facewire
