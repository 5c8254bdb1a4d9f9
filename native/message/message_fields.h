#pragma once

#include <cstdint>
#include <string_view>

#include "facewire/kernel_table.h"
#include "facewire/message.h"
#include "json_tokens.h"
#include "media_buffers.h"

namespace facewire {

// What a frame says, before any of it is decoded. Ranges are positions in the message.
struct SpeechFields {
  bool present = false;
  ByteRange audio;  // The base64 text, without quotes, maybe with escapes.
  bool audio_decoded = false;
  size_t audio_bytes = 0;  // In the audio buffer, when decoded.
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

// Both read one frame, which is an object, and put its audio and features into
// `media`. False when the JSON is malformed or, for the second, not for it to
// judge. The first walks tokens that were found before; the second goes over
// the bytes once and decodes the audio on the way.
bool read_fields(JsonTokens& tokens, MediaBuffers& media, MessageFields& fields) noexcept;
bool read_fields(std::span<const uint8_t> bytes, const KernelTable& kernels, MediaBuffers& media,
                 MessageFields& fields) noexcept;

// Compares the text of a string token with `name`, both without blanks and
// without regard to case. `name` is lower case.
bool same_word(std::string_view text, std::string_view name) noexcept;

}  // namespace facewire
