#include "frame_reader.h"

#include <cstring>
#include <limits>

#include "json_check.h"
#include "text_escape.h"

namespace facewire {
namespace {

constexpr size_t kFirstFeatures = 2048;
constexpr size_t kFirstPcm = 12 * 1024;

// For values that a hostile sender made too large: nothing known fits them.
template <typename T>
T narrow(int64_t value, uint32_t& warnings) noexcept {
  if (value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max()) {
    return static_cast<T>(value);
  }
  warnings |= kWarnFieldType;
  return 0;
}

bool empty(ByteRange range) noexcept { return range.begin == range.end; }

std::span<const uint8_t> slice(std::span<const uint8_t> bytes, ByteRange range) noexcept {
  return bytes.subspan(range.begin, range.end - range.begin);
}

MessageKind kind_of(std::span<const uint8_t> bytes, const MessageFields& fields) noexcept {
  const auto is = [&](ByteRange range, std::string_view name) {
    const auto text = slice(bytes, range);
    return same_word({reinterpret_cast<const char*>(text.data()), text.size()}, name);
  };
  if (is(fields.header.message, "pongframe")) return MessageKind::pong;
  if (fields.header.code != 0 || fields.payload.error_code != 0) return MessageKind::error;
  if (is(fields.payload.type, "speech")) return MessageKind::speech;
  if (is(fields.payload.type, "reply")) return MessageKind::reply;
  return MessageKind::other;
}

}  // namespace

bool FrameReader::reserve() noexcept {
  return media_.features.reserve(kFirstFeatures) && media_.pcm.reserve(kFirstPcm);
}

bool FrameReader::read_in_one_pass(std::span<const uint8_t> bytes, Message& out,
                                   Result& result) noexcept {
  MessageFields fields;
  if (!read_fields(bytes, kernels_, media_, fields)) return false;
  out = {};
  result = finish(bytes, fields, out);
  return true;
}

Result FrameReader::read_by_tokens(std::span<const uint8_t> bytes, Message& out) noexcept {
  out = {};
  MessageFields fields;
  const bool scanned = tokens_.scan(bytes);
  if (tokens_.out_of_memory()) return {Errc::out_of_memory, 0};
  if (scanned && read_fields(tokens_, media_, fields)) return finish(bytes, fields, out);
  if (fields.out_of_memory) return {Errc::out_of_memory, 0};
  // Malformed, or JSON that is not an object: the slow check knows which and where.
  const Result checked = check_json(bytes);
  return checked ? Result{} : checked;
}

Result FrameReader::finish(std::span<const uint8_t> bytes, const MessageFields& fields,
                           Message& out) noexcept {
  out.kind = kind_of(bytes, fields);
  out.header_code = fields.header.code;
  out.payload_error_code = fields.payload.error_code;
  out.header_message = fields.header.message;
  out.error_message = fields.payload.error_message;
  for (const ByteRange id :
       {fields.payload.request_id, fields.payload.reply.uninterrupt_id, fields.header.request_id}) {
    if (empty(out.request_id)) out.request_id = id;
  }
  if (fields.wrong_type) out.warnings |= kWarnFieldType;
  if (out.kind != MessageKind::speech) return {};
  const SpeechFields& speech =
      fields.payload.speech.present ? fields.payload.speech : fields.payload.reply.speech;
  fill_speech(speech, out);
  if (!speech.audio_decoded) return decode_audio(bytes, speech.audio, out);
  out.pcm = {media_.pcm.data(), speech.audio_bytes};
  return {};
}

// Decodes the base64 text at `range`, which may hold escapes ("\/" is common).
Result FrameReader::decode_audio(std::span<const uint8_t> bytes, ByteRange range,
                                 Message& out) noexcept {
  const auto raw = slice(bytes, range);
  if (raw.empty()) return {};
  std::span<const uint8_t> text = raw;
  const bool escaped = std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  if (escaped) {
    if (!unescaped_.reserve(raw.size())) return {Errc::out_of_memory, 0};
    uint8_t* copy = unescaped_.data();
    const Result plain = unescape_ascii(raw, copy);
    if (!plain) return {Errc::malformed_base64, range.begin + plain.count};
    text = {copy, plain.count};
  }
  if (!media_.pcm.reserve(base64_capacity(text.size()))) return {Errc::out_of_memory, 0};
  const Result decoded = decode_base64(kernels_, text, {media_.pcm.data(), media_.pcm.size()});
  if (decoded) {
    out.pcm = {media_.pcm.data(), decoded.count};
    return {};
  }
  const size_t at = escaped ? escaped_position(raw, decoded.count) : decoded.count;
  return {decoded.error, range.begin + at};
}

void FrameReader::fill_speech(const SpeechFields& from, Message& out) const noexcept {
  out.features = {media_.features.data(), from.feature_count};
  out.sample_rate = narrow<uint32_t>(from.sample_rate, out.warnings);
  out.feature_dimension = narrow<uint32_t>(from.dimension, out.warnings);
  out.family_known = from.family_known;
  out.clause = narrow<int32_t>(from.clause, out.warnings);
  out.final = from.final;
  out.sentence_start = from.sentence_start;
  out.sentence_final = from.sentence_final;
  out.features_final = from.features_final;
  out.phones = from.phones;
  out.words = from.words;
  out.subtitles = from.subtitles;
  out.actions = from.actions;
  out.expressions = from.expressions;
  if (!from.features_finite) out.warnings |= kWarnFeatureNotFinite;
  if (!from.family_known) out.warnings |= kWarnFeatureFamilyUnknown;
}

}  // namespace facewire
