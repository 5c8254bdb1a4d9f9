#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "facewire/drift_control.h"
#include "facewire/drift_resampler.h"
#include "facewire/playout_clock.h"
#include "facewire/resampler.h"
#include "facewire/result.h"
#include "facewire/sound_ring.h"

namespace facewire {

struct SoundOutputOptions {
  uint32_t sample_rate = 48000;  // Of what is written, in Hz.
  uint32_t card_rate = 48000;    // Of the card. When it differs, both must be rates of Resampler.
  uint32_t ring_ms = 1000;       // Most sound that waits.
  // 0: the card is the clock, samples pass as they are. Otherwise the writer
  // has a clock of its own, and the ratio follows so that so much waits.
  uint32_t follow_ms = 0;
};

// Columns of counters(); see src/media/binding.ts.
struct SoundCounters {
  int64_t played_frames = 0;   // Went to the card.
  int64_t silent_frames = 0;   // Silence that went to the card instead, for whatever reason.
  int64_t starved_events = 0;  // Times the ring ran dry while more was to come.
  int64_t starved_frames = 0;  // Silence because of that.
  int64_t card_underruns = 0;  // Times the card found no block from us in time.
  int64_t card_underrun_frames = 0;
  int64_t blocks = 0;          // Calls of the callback.
  int64_t last_block_ns = 0;   // When the last one came, on the steady clock; 0 before.
  int64_t unheard_frames = 0;  // Passed without a card, by the silent clock.
  int64_t voided_frames = 0;   // Void by flush().
  int64_t skipped_frames = 0;  // Silence left out to catch up with the writer's clock.
  int64_t latency_ns = 0;      // From the callback to the ear, of the newest block.
  bool has_no_clock = false;   // The card takes sound much faster than time passes.
};

// Mono sound from one writing thread to one sound card, with the position that
// is heard. Everything but the card itself: whoever has the card calls render().
// Positions count source frames at `sample_rate` since the beginning.
class SoundOutput {
 public:
  // Null and `error` set (unsupported_rate, bad_option or out_of_memory) when impossible.
  static std::unique_ptr<SoundOutput> create(const SoundOutputOptions& options,
                                             Errc& error) noexcept;

  // For the writing thread. `now_ns` is the steady clock.
  // Source frames that can be written now.
  size_t room() const noexcept;
  // Source frames written and not yet heard at `now_ns`.
  int64_t position(int64_t now_ns) const noexcept;
  int64_t written() const noexcept { return source_written_; }
  // Takes all of `in`, which are finite floats (louder than 1 is clipped), or
  // fails with buffer_full and takes nothing. `flows`: more follows at once, so that
  // to run dry behind it is counted.
  Result write(std::span<const float> in, int64_t now_ns, bool flows = true) noexcept;
  // Voids what waits; returns the source frame at which the ramp of kRampMs to
  // silence begins. Exact when the rates are equal and nothing is followed,
  // otherwise within half a frame, or 0.3 ms when a clock is followed. Time goes
  // on without a jump: written() is now the end of that ramp, and what is
  // written next is heard right behind it. Nothing happens when nothing waits.
  int64_t flush() noexcept;
  // Nothing more comes for now: the tail of the converters goes out, and running
  // dry is no underrun any more, until the next write(). False, doing nothing,
  // while there is no room for the tail.
  bool finish() noexcept;
  // All that was written is heard, as far as it is not void.
  bool is_drained(int64_t now_ns) const noexcept;
  // Without a card, or while it stalls: lets pass what would have been heard until `now_ns`, from
  // the last call on, or from `since_ns` when the card has played since. Does nothing while the
  // card plays, that is within kStallMs of its last block.
  void pass_silently(int64_t now_ns, int64_t since_ns) noexcept;
  // A card will call render(). Only while nobody does.
  void begin_card() noexcept;
  // The card will not call render() any more. Only when that is so.
  void end_card() noexcept { has_card_ = false; }
  SoundCounters counters() const noexcept;
  // Ratio that the follower is at, in ppm.
  double drift_ppm() const noexcept;

  // For the callback: fills `frames` frames of `channels` interleaved channels,
  // of which the first is heard at `heard_ns`. `was_late`: the card has run dry since the last
  // call. Never waits: a block that comes back into pass_silently() is silent.
  // False when the card has no clock and must not call again: it would keep a core busy.
  bool render(int16_t* out, uint32_t frames, uint32_t channels, int64_t now_ns, int64_t heard_ns,
              bool was_late) noexcept;

  uint32_t card_rate() const noexcept { return options_.card_rate; }

  // No block for so long is a stall; see also src/sinks/device/stall-watch.ts.
  static constexpr int64_t kStallMs = 250;

 private:
  // A place where both counts are known.
  struct Anchor {
    int64_t card = 0;
    int64_t source = 0;
  };

  explicit SoundOutput(const SoundOutputOptions& options) : options_(options) {}
  bool prepare() noexcept;
  int64_t source_of(int64_t card_frame) const noexcept;
  void put(std::span<const float> piece) noexcept;
  void to_ring(std::span<const float> frames) noexcept;
  void put_silence(double ms) noexcept;
  bool follow(std::span<const float> in, int64_t now_ns) noexcept;
  bool is_ahead_of_time(uint32_t frames, int64_t now_ns) noexcept;
  void play_piece(std::span<int16_t> out, int64_t heard_ns) noexcept;
  void play_block(int16_t* out, uint32_t frames, uint32_t channels, int64_t heard_ns) noexcept;

  static constexpr size_t kPiece = 480;
  static constexpr uint32_t kRampMs = 10;

  SoundOutputOptions options_;
  std::unique_ptr<SoundRing> ring_;
  std::unique_ptr<Resampler> resampler_;   // Null when the rates are equal.
  std::unique_ptr<DriftResampler> drift_;  // Null when the card is the clock.
  DriftControl control_;
  bool begins_anew_ = true;  // The follower's queue has to be filled.
  std::vector<float> converted_, drifted_;
  std::vector<int16_t> shorts_;
  int64_t source_written_ = 0;
  int64_t skipped_ = 0, voided_ = 0, passed_ = 0;
  int64_t silent_frames_ = 0;
  bool has_card_ = false;
  Anchor before_, anchor_;  // Of the last two cuts.
  PlayoutClock clock_;
  std::atomic<bool> expects_sound_{false};

  // Whoever sets it takes from the ring and tells the clock; the other one goes without.
  std::atomic<bool> is_taken_{false};
  int64_t silent_since_ns_ = 0;  // 0 while the card plays.

  // Written by the callback only.
  bool was_dry_ = true;
  int64_t card_since_ns_ = 0, card_frames_ = 0, next_heard_ns_ = 0;
  std::atomic<int64_t> played_{0}, quiet_{0}, starved_events_{0}, starved_frames_{0}, underruns_{0},
      underrun_frames_{0}, blocks_{0}, last_block_ns_{0}, latency_ns_{0};
  std::atomic<bool> has_no_clock_{false};
};

}  // namespace facewire
