#pragma once

#include <cstddef>
#include <cstdint>

namespace facewire {

// Why a call failed. Numbers are part of the binding's contract (see
// src/media/binding.ts); append only.
enum class Errc : int32_t {
  ok = 0,
  malformed_utf8 = 1,
  malformed_json = 2,
  malformed_base64 = 3,
  unsupported_rate = 4,
  bad_features = 5,       // Wrong length, family or values; sound is kept.
  message_too_large = 6,  // More bytes than the session was built for.
  buffer_full = 7,        // Audio or feature track has no room; nothing was taken.
  output_too_small = 8,
  bad_option = 9,
  bad_order = 10,  // Call at the wrong time.
  not_speech = 11,
  out_of_memory = 12,  // Nothing was taken.
};

// `count` is the number of items produced, or on failure the position of the
// first bad input item.
struct [[nodiscard]] Result {
  Errc error = Errc::ok;
  size_t count = 0;
  explicit operator bool() const noexcept { return error == Errc::ok; }
};

}  // namespace facewire
