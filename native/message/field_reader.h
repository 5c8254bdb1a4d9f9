#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "media_buffers.h"
#include "message_fields.h"

namespace facewire {

inline constexpr double kLargestInteger = 9007199254740991.0;  // 2^53 - 1

inline uint8_t lower(uint8_t c) noexcept { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

// The vendor's own client ignores the case of the first letter of a key.
template <size_t N>
bool is_key(std::string_view key, const char (&name)[N]) noexcept {
  constexpr size_t kLength = N - 1;
  return key.size() == kLength &&
         lower(static_cast<uint8_t>(key[0])) == lower(static_cast<uint8_t>(name[0])) &&
         std::memcmp(key.data() + 1, name + 1, kLength - 1) == 0;
}

// What the fields of a frame mean, whatever cursor walks its text.
template <typename Cursor>
class FieldReader {
 public:
  // The first value under the cursor begins with '{'.
  FieldReader(Cursor& cursor, MediaBuffers& media, MessageFields& fields) noexcept
      : cursor_(cursor), media_(media), fields_(fields) {}

  bool frame() noexcept {
    const bool good = cursor_.object([this](std::string_view key) {
      if (is_key(key, "Header")) return header();
      if (is_key(key, "Payload")) return payload();
      return cursor_.skip();
    });
    return good && cursor_.at_end();
  }

 private:
  bool header() noexcept {
    HeaderFields& to = fields_.header;
    to = {};
    if (cursor_.first() != '{') return skip_unless_null();
    return cursor_.object([&](std::string_view key) {
      if (is_key(key, "Code")) return integer(to.code);
      if (is_key(key, "Message")) return text(to.message);
      if (is_key(key, "RequestID")) return text(to.request_id);
      return cursor_.skip();
    });
  }

  bool payload() noexcept {
    PayloadFields& to = fields_.payload;
    to = {};
    if (cursor_.first() != '{') return skip_unless_null();
    return cursor_.object([&](std::string_view key) {
      if (is_key(key, "SpeechRsp")) return speech(to.speech, true);
      if (is_key(key, "ReplyRsp")) return reply(to.reply);
      if (is_key(key, "ReqId")) return text(to.request_id);
      if (is_key(key, "DriverRspType")) return text(to.type);
      // The documents' own sample has this name once.
      if (is_key(key, "DriverRsp")) return to.type.end == 0 ? text(to.type) : cursor_.skip();
      if (is_key(key, "ErrorCode")) return integer(to.error_code);
      if (is_key(key, "ErrorMessage")) return text(to.error_message);
      return cursor_.skip();
    });
  }

  bool reply(ReplyFields& to) noexcept {
    to = {};
    if (cursor_.first() != '{') return skip_unless_null();
    return cursor_.object([&](std::string_view key) {
      if (is_key(key, "UninterrId")) return text(to.uninterrupt_id);
      if (is_key(key, "SpeechRsp")) return speech(to.speech, !fields_.payload.speech.present);
      return cursor_.skip();
    });
  }

  // With `counts` false another object has the say: this one is only checked.
  bool speech(SpeechFields& to, bool counts) noexcept {
    if (!counts) return cursor_.skip();
    to = {};
    if (cursor_.first() != '{') return skip_unless_null();
    to.present = true;
    return cursor_.object([&](std::string_view key) { return speech_field(to, key); });
  }

  bool speech_field(SpeechFields& to, std::string_view key) noexcept {
    switch (key.size()) {
      case 3:
        if (is_key(key, "Phn")) return list(to.phones);
        break;
      case 4:
        if (is_key(key, "Word")) return list(to.words);
        break;
      case 5:
        if (is_key(key, "Audio")) return audio(to);
        if (is_key(key, "ThDim")) return integer(to.dimension);
        if (is_key(key, "SeqNo")) return integer(to.clause);
        if (is_key(key, "Final")) return boolean(to.final);
        break;
      case 6:
        if (is_key(key, "ThFeat")) return numbers(to);
        if (is_key(key, "Action")) return list(to.actions);
        break;
      case 8:
        if (is_key(key, "Sampling")) return integer(to.sample_rate);
        if (is_key(key, "Subtitle")) return list(to.subtitles);
        break;
      case 10:
        if (is_key(key, "RealThType")) return family(to.family_known);
        if (is_key(key, "Expression")) return list(to.expressions);
        break;
      case 11:
        if (is_key(key, "ThFeatFinal")) return boolean(to.features_final);
        break;
      case 13:
        if (is_key(key, "SentenceStart")) return boolean(to.sentence_start);
        if (is_key(key, "SentenceFinal")) return boolean(to.sentence_final);
        break;
      default:
        break;
    }
    return cursor_.skip();
  }

  // Null means empty, everything else here has the wrong type.
  bool skip_unless_null() noexcept {
    if (cursor_.first() != 'n') fields_.wrong_type = true;
    return cursor_.skip();
  }

  // The text between the quotes of the string under the cursor.
  bool string(std::string_view& text) noexcept {
    ByteRange range;
    if (!cursor_.string(range)) return false;
    text = cursor_.view(range);
    return true;
  }

  bool text(ByteRange& to) noexcept {
    to = {};
    if (cursor_.first() != '"') return skip_unless_null();
    return cursor_.string(to);
  }

  bool audio(SpeechFields& to) noexcept {
    to.audio = {};
    to.audio_decoded = false;
    if (cursor_.first() != '"') return skip_unless_null();
    return cursor_.base64_string(to.audio, media_.pcm, to.audio_bytes, to.audio_decoded);
  }

  bool list(ByteRange& to) noexcept {
    to = {};
    if (cursor_.first() != '[') return skip_unless_null();
    const uint32_t begin = cursor_.value_begin();
    if (!cursor_.skip()) return false;
    to = {begin, cursor_.value_end()};
    return true;
  }

  bool integer(int64_t& to) noexcept {
    to = 0;
    const uint8_t first = cursor_.first();
    if (first == '"') return integer_string(to);
    if (first != '-' && (first < '0' || first > '9')) return skip_unless_null();
    double value = 0;
    if (!cursor_.number(value)) return false;
    if (std::abs(value) <= kLargestInteger && value == std::trunc(value)) {
      to = static_cast<int64_t>(value);
    } else {
      fields_.wrong_type = true;
    }
    return true;
  }

  bool integer_string(int64_t& to) noexcept {
    fields_.wrong_type = true;
    std::string_view digits;
    if (!string(digits)) return false;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size();
    if (whole && std::abs(static_cast<double>(value)) <= kLargestInteger) to = value;
    return true;
  }

  bool boolean(bool& to) noexcept {
    to = false;
    const uint8_t first = cursor_.first();
    if (first == 't' || first == 'f') {
      to = first == 't';
      return cursor_.skip();
    }
    if (first == 'n') return cursor_.skip();
    fields_.wrong_type = true;
    if (first == '"') {
      std::string_view text;
      if (!string(text)) return false;
      to = same_word(text, "true") || text == "1";
      return true;
    }
    if (first == '{' || first == '[') return cursor_.skip();
    double value = 0;
    if (!cursor_.number(value)) return false;
    to = value != 0 && !std::isnan(value);
    return true;
  }

  bool family(bool& known) noexcept {
    known = true;
    if (cursor_.first() != '"') return skip_unless_null();
    std::string_view text;
    if (!string(text)) return false;
    known = text.empty() || same_word(text, "3d_standard");
    return true;
  }

  bool numbers(SpeechFields& to) noexcept {
    to.feature_count = 0;
    to.features_finite = true;
    if (cursor_.first() != '[') return skip_unless_null();
    // Where the kernel gets nowhere it is tried ever less often, because it looks far ahead.
    size_t next_try = 0;
    size_t pause = 1;
    return cursor_.array([&] {
      constexpr size_t kRoom = 8;  // The kernel wants 4, and one more is read here.
      if (to.feature_count + kRoom > media_.features.size() &&
          !media_.features.reserve(to.feature_count + kRoom, to.feature_count)) {
        fields_.out_of_memory = true;
        return false;
      }
      if (to.feature_count >= next_try) {
        const size_t read =
            cursor_.number_list({media_.features.data() + to.feature_count,
                                 media_.features.size() - kRoom / 2 - to.feature_count});
        to.feature_count += read;
        constexpr size_t kWorthwhile = 16;
        pause = read >= kWorthwhile ? 1 : std::min<size_t>(2 * pause, 256);
        next_try = to.feature_count + pause;
      }
      float value = std::numeric_limits<float>::quiet_NaN();
      if (!feature(value)) return false;
      if (!std::isfinite(value)) {
        value = std::numeric_limits<float>::quiet_NaN();
        to.features_finite = false;
      }
      media_.features.data()[to.feature_count++] = value;
      return true;
    });
  }

  // Double first, then float: the same rounding as Math.fround(JSON.parse(text)).
  bool feature(float& to) noexcept {
    switch (cursor_.first()) {
      case '"':
      case '{':
      case '[':
      case 't':
      case 'f':
        fields_.wrong_type = true;
        return cursor_.skip();
      default:
        return cursor_.number(to);
    }
  }

  Cursor& cursor_;
  MediaBuffers& media_;
  MessageFields& fields_;
};

}  // namespace facewire
