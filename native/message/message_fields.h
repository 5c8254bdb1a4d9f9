#pragma once

#include <cstdint>
#include <string_view>

#include "facewire/message.h"
#include "json_tokens.h"

namespace facewire {

// What a frame says, before any of it is decoded. Ranges are positions in the message.
struct SpeechFields {
  bool present = false;
  ByteRange audio;  // The base64 text, without quotes, maybe with escapes.
  int64_t sample_rate = 0;
  int64_t dimension = 0;
  size_t feature_count = 0;  // Numbers in the feature buffer.
  bool features_finite = true;
  bool family_known = true;
  int64_t clause = 0;
  bool final = false;
  bool sentence_start = false;
  bool sentence_final = false;
  bool features_final = false;
  ByteRange phones, words, subtitles, actions, expressions;
};

struct ReplyFields {
  ByteRange uninterrupt_id;
  SpeechFields speech;  // Only in damaged frames.
};

struct PayloadFields {
  ByteRange request_id;
  ByteRange type;
  int64_t error_code = 0;
  ByteRange error_message;
  SpeechFields speech;
  ReplyFields reply;
};

struct HeaderFields {
  int64_t code = 0;
  ByteRange message;
  ByteRange request_id;
};

struct MessageFields {
  HeaderFields header;
  PayloadFields payload;
  bool wrong_type = false;  // Some field had another JSON type than documented.
  bool out_of_memory = false;
};

// Reads the tokens of one frame, whose first is '{', and puts the features of the SpeechRsp
// that counts into `features`. False when the JSON is malformed.
bool read_fields(JsonTokens& tokens, GrowBuffer<float>& features, MessageFields& fields) noexcept;

// Compares the text of a string token with `name`, both without blanks and
// without regard to case. `name` is lower case.
bool same_word(std::string_view text, std::string_view name) noexcept;

}  // namespace facewire
