#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace facewire {

// What a session has counted since it was made, and how it stands. The same
// columns as `counter` of src/media/binding.ts.
enum class Counter : size_t {
  messages,          // SPEECH messages taken.
  stale_messages,    // Not of the running utterance, or after its end.
  refused_messages,  // Not taken at all: malformed, too large, or no room.
  damaged_messages,  // SPEECH messages whose sound could not be read.
  source_samples,    // Sound received, in samples of the output's rate.
  cut_samples,       // Of these, dropped by interrupts.
  interrupts,
  clauses,            // Anchored where their sound begins.
  feature_rows,       // Taken.
  late_feature_rows,  // Of these, for instants that had been shown; they are not shown any more.
  repeated_feature_rows,  // Of these, not all numbers; they repeat the row before.
  dropped_feature_rows,   // Not taken: no room, a wrong width, or of an unknown family.
  rate_changes,           // Of the wire's sample rate inside an utterance.
  starvations,            // Times that speech ran dry inside an utterance.
  starved_samples,        // Silence put there, until it went on.
  held_samples,           // Silence put before speech by the start buffer.
  // How things stand, no sums:
  phase,         // A Phase.
  target_ticks,  // Speech that should wait before it starts, 100 ns each.
  late_ticks,    // The most that sound was late of late, see StartBuffer, 100 ns each.
  // Sums again:
  phones,             // Taken.
  dropped_phones,     // Not taken: no room, or of a time that has its phones already.
  feature_pictures,   // Pictures whose mouth came from features.
  phone_pictures,     // From phones, because features were missing or late.
  loudness_pictures,  // From the loudness of the sound, because there were no phones either.
  closures_added,     // Closures of the lips that features had left open.
};
inline constexpr size_t kCounterCount = 25;
using Counters = std::array<int64_t, kCounterCount>;

// Whether silence means 'not yet' or 'the end'.
enum class Phase : int64_t {
  idle = 0,      // No utterance is open and nothing waits: the end.
  waiting = 1,   // An utterance is open and nothing of it was heard yet.
  speaking = 2,  // Sound is being heard, or can be.
  starved = 3,   // It ran dry: the utterance is open, and what comes next has not come.
};

}  // namespace facewire
