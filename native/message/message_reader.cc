#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "facewire/kernels.h"
#include "facewire/message.h"
#include "json_check.h"
#include "json_tokens.h"
#include "message_fields.h"
#include "text_escape.h"

namespace facewire {
namespace {

// Positions are 32 bits wide, and simdjson reads less than 4 GiB.
constexpr size_t kLargestMessage = size_t{1} << 30;
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

}  // namespace

struct MessageReader::State {
  size_t max_message_bytes = 0;
  JsonTokens tokens;
  GrowBuffer<float> features;
  GrowBuffer<uint8_t> pcm;

  std::span<const uint8_t> slice(std::span<const uint8_t> bytes, ByteRange range) const noexcept {
    return bytes.subspan(range.begin, range.end - range.begin);
  }

  MessageKind kind(std::span<const uint8_t> bytes, const MessageFields& fields) const noexcept {
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

  // Decodes the base64 text at `range`, which may hold escapes ("\/" is common).
  Result decode_audio(std::span<const uint8_t> bytes, ByteRange range, Message& out) noexcept {
    const auto raw = slice(bytes, range);
    if (raw.empty()) return {};
    std::span<const uint8_t> text = raw;
    const bool escaped = std::memchr(raw.data(), '\\', raw.size()) != nullptr;
    if (escaped) {
      uint8_t* copy = tokens.bytes() + range.begin;
      const Result plain = unescape_ascii(raw, copy);
      if (!plain) return {Errc::malformed_base64, range.begin + plain.count};
      text = {copy, plain.count};
    }
    if (!pcm.reserve(base64_capacity(text.size()))) return {Errc::message_too_large, 0};
    const Result decoded = decode_base64(text, {pcm.data(), pcm.size()});
    if (decoded) {
      out.pcm = {pcm.data(), decoded.count};
      return {};
    }
    const size_t at = escaped ? escaped_position(raw, decoded.count) : decoded.count;
    return {decoded.error, range.begin + at};
  }

  void fill_speech(const SpeechFields& from, Message& out) noexcept {
    out.features = {features.data(), from.feature_count};
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
};

MessageReader::MessageReader() = default;
MessageReader::~MessageReader() = default;

std::unique_ptr<MessageReader> MessageReader::create(size_t max_message_bytes) {
  std::unique_ptr<MessageReader> reader(new MessageReader);
  reader->state_ = std::make_unique<State>();
  State& state = *reader->state_;
  state.max_message_bytes = std::min(max_message_bytes, kLargestMessage);
  if (state.tokens.out_of_memory() || !state.features.reserve(kFirstFeatures) ||
      !state.pcm.reserve(kFirstPcm)) {
    throw std::bad_alloc();
  }
  return reader;
}

Result MessageReader::read(std::span<const uint8_t> bytes, Message& out) noexcept {
  State& s = *state_;
  out = {};
  if (bytes.size() > s.max_message_bytes) return {Errc::message_too_large, s.max_message_bytes};

  MessageFields fields;
  const bool scanned = s.tokens.scan(bytes);
  if (s.tokens.out_of_memory()) return {Errc::message_too_large, 0};
  if (!scanned || s.tokens.first(0) != '{' || !read_fields(s.tokens, s.features, fields)) {
    if (fields.out_of_memory) return {Errc::message_too_large, 0};
    // Malformed, or JSON that is not an object: the slow check knows which and where.
    const Result checked = check_json(bytes);
    return checked ? Result{} : checked;
  }

  out.kind = s.kind(bytes, fields);
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
  s.fill_speech(speech, out);
  return s.decode_audio(bytes, speech.audio, out);
}

Result MessageReader::decode_base64(std::span<const uint8_t> text,
                                    std::span<uint8_t> out) noexcept {
  return facewire::decode_base64(kernels(), text, out);
}

}  // namespace facewire
