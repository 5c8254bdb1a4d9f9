#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "resamplers.h"

namespace rivals {

// What a message held, as numbers.
struct GlueReport {
  size_t audio_frames = 0;  // Written, at the output rate.
  size_t features = 0;      // Numbers written.
  int64_t clause = 0;
  uint32_t dimension = 0;
  bool final = false;
  bool sentence_start = false;
  bool sentence_final = false;
  bool features_final = false;
  // The small lists, as text for whoever wants them.
  std::string_view phones, words, subtitles, actions, expressions;
};

// Speech messages by the best libraries glued together: simdjson's on-demand
// parser, simdutf for the base64, soxr HQ to the output rate. Everything is
// allocated ahead. Checks what these libraries check by themselves: UTF-8, the
// structure of what is looked at, the alphabet and padding of base64.
class Glue {
 public:
  // Null when a library is not there.
  static std::unique_ptr<Glue> create(uint32_t output_rate, std::string_view request_id);
  ~Glue();

  // False when anything is wrong with the message. `audio` and `features` must be large enough.
  bool push(std::span<const uint8_t> message, std::span<float> audio, std::span<float> features,
            GlueReport& report);

 private:
  Glue();
  struct State;
  std::unique_ptr<State> state_;
};

std::string simdjson_version();

}  // namespace rivals
