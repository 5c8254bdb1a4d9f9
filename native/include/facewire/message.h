#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "facewire/result.h"

namespace facewire {

enum class MessageKind : int32_t {
  other = 0,  // Valid JSON, but neither speech nor reply.
  speech = 1,
  reply = 2,
  error = 3,  // Header.Code or Payload.ErrorCode is not 0.
  pong = 4,   // The "pong frame" that is not an error.
};

// Bytes [begin, end) of the message; empty when the field is absent.
struct ByteRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Bits of Message::warnings. The reader sets those about one message alone:
// NotFinite, FamilyUnknown and FieldType. The session sets the others, because
// it carries and clamps.
enum MessageWarning : uint32_t {
  kWarnFeatureLengthNotMultiple =
      1u << 0,  // Whole frames are used, the rest is carried by the session.
  kWarnFeatureNotFinite =
      1u << 1,  // null, NaN or Inf in the features: the frame before is repeated.
  kWarnFeatureOutOfRange = 1u << 2,     // Clamped to [0, 1].
  kWarnFeatureFamilyUnknown = 1u << 3,  // RealThType is neither empty nor the configured family.
  kWarnOddPcmByte = 1u << 4,            // Carried over to the next message.
  kWarnFieldType = 1u << 5,  // A field had another JSON type and was read as empty or converted.
};

// One downstream frame, read in one pass. `pcm` and `features` point into the
// reader and stay valid until its next read(). Key lookup ignores the case of
// the first letter (the vendor's own client does); null or missing = empty.
struct Message {
  MessageKind kind = MessageKind::other;
  uint32_t warnings = 0;
  int64_t header_code = 0;
  int64_t payload_error_code = 0;
  ByteRange request_id;  // Payload.ReqId, else ReplyRsp.UninterrId, else Header.RequestID; without
                         // quotes.
  ByteRange header_message;  // String contents without the quotes, still escaped.
  ByteRange error_message;
  std::span<const uint8_t> pcm;  // Decoded base64: little-endian s16, maybe an odd byte count.
  std::span<const float>
      features;  // Row-major, still in wire order, not clamped; NaN where not a finite number.
  uint32_t sample_rate = 0;        // 0 = not stated.
  uint32_t feature_dimension = 0;  // 0 = not stated.
  bool family_known = true;        // RealThType empty or equal to 3D_standard.
  int32_t clause = 0;              // SeqNo
  bool final = false;
  bool sentence_start = false;
  bool sentence_final = false;
  bool features_final = false;
  ByteRange phones, words, subtitles, actions,
      expressions;  // JSON arrays, brackets included; empty when absent.
};

// Takes memory for common messages of this thread, so that reading them takes none. False when it
// is short.
bool reserve_for_messages() noexcept;

// Reads a wire frame of at most `max_bytes`, never past its end. On failure `count` is the byte
// position of the first bad byte as far as it is known, else 0. A base64 failure
// (malformed_base64) still fills every other field of `out`, with `pcm` empty.
//
// `pcm` and `features` lie in memory of the thread, until it reads the next message. It grows with
// the largest message so far; malformed frames and escaped audio take memory the first time.
//
// Strict about JSON (RFC 8259, valid UTF-8, at most 64 levels deep), with two
// exceptions: a byte order mark is skipped, and NaN, Infinity and -Infinity are taken
// as values, because Python writes them. Of a repeated key the last counts.
Result read_message(std::span<const uint8_t> bytes, size_t max_bytes, Message& out) noexcept;

}  // namespace facewire
