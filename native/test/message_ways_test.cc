// The two ways of reading a frame, over many frames grown from seeds and
// broken at random: they agree on everything, on every kernel table, and the
// fast way takes every well-formed frame.
#include "message_reading.h"

using facewire::FrameReader;
using facewire::KernelTable;
using facewire::Message;
using facewire::Result;

namespace {

std::string pick(std::initializer_list<const char*> list) {
  return *(list.begin() + check::random()() % list.size());
}

size_t below(size_t limit) { return check::random()() % limit; }

std::string blanks() { return below(8) == 0 ? pick({" ", "\n", "\t", "\r\n  "}) : ""; }

std::string random_number() {
  char text[64];
  std::uniform_real_distribution<double> value(0, 1);
  switch (below(10)) {
    case 0:
      return pick({"1e-5", "2.5E+1", "-0", "-0.0", "1e400", "12.75", "1e-400", "7e-46", "16777217",
                   "0.30000001192092896", "123456789012345678901234567890", "1.00000005960464477"});
    case 1:
      return pick({"null", "NaN", "Infinity", "-Infinity", "\"x\"", "[1]", "{}", "true"});
    case 2:
    case 3:
    case 4:
      return "0";
    default:
      std::snprintf(text, sizeof text, "%.*f", static_cast<int>(1 + below(20)),
                    value(check::random()));
      return text;
  }
}

std::string random_string() {
  std::string text = "\"";
  for (size_t n = below(12); n > 0; --n) {
    text +=
        pick({"a", "Z", "9", "在", "é", "😀", "\\n", "\\u5728", "\\\"", "\\\\", "\\/", "{", "]"});
  }
  return text + "\"";
}

std::string random_value(int depth) {
  switch (below(depth > 3 ? 3 : 6)) {
    case 0:
      return random_string();
    case 1:
      return random_number();
    case 2:
      return pick({"true", "false", "null"});
    case 3: {
      std::string text = "[" + blanks();
      for (size_t n = below(4); n > 0; --n) text += random_value(depth + 1) + (n > 1 ? "," : "");
      return text + "]";
    }
    default: {
      std::string text = "{";
      for (size_t n = below(4); n > 0; --n) {
        text += random_string() + blanks() + ":" + blanks() + random_value(depth + 1);
        text += n > 1 ? "," : "";
      }
      return text + "}";
    }
  }
}

std::string random_audio() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "\"";
  const bool escaped = below(6) == 0;
  for (size_t n = 4 * below(60); n > 0; --n) {
    const char c = kAlphabet[below(64)];
    if (c == '/' && escaped) text += '\\';
    text += c;
  }
  text += pick({"", "", "AA==", "AAA=", "AB==", "A", "AA", "=", "AA\\u003d=", "*", "\\n", "在"});
  return text + "\"";
}

std::string random_features() {
  std::string text = "[";
  const std::string separator = pick({",", ",", ", ", " ,", ",\n  "});
  for (size_t n = below(140); n > 0; --n) text += random_number() + (n > 1 ? separator : "");
  return text + blanks() + "]";
}

std::string random_object(const std::vector<std::string>& names, int depth,
                          const std::string& before = "");

std::string random_field(const std::string& name, int depth) {
  if (below(30) == 0) return random_value(2);
  if (name == "Audio") return random_audio();
  if (name == "ThFeat") return random_features();
  if (name == "DriverRspType" || name == "DriverRsp") {
    return below(6) == 0 ? R"("REPLY")" : R"("SPEECH")";
  }
  if (name == "RealThType") return pick({R"("")", R"("3D_standard")", R"("2D")"});
  if (name == "Header") return random_object({"Code", "Message", "RequestID", "SessionID"}, depth);
  if (name == "SpeechRsp" && depth < 4) {
    return random_object(
        {"Audio", "Sampling", "ThDim", "ThFeat", "RealThType", "ThFeatFinal", "Phn", "Word",
         "Subtitle", "Action", "Expression", "SeqNo", "SentenceStart", "SentenceFinal", "Final"},
        depth);
  }
  if (name == "ReplyRsp" && depth < 4) {
    return random_object({"UninterrId", "SpeechRsp", "ReplyDisplay"}, depth);
  }
  if (name == "Payload") {
    return random_object({"SpeechRsp", "SpeechRsp", "ReplyRsp", "ReqId", "DriverRspType",
                          "DriverRsp", "ErrorCode", "ErrorMessage", "StreamId"},
                         depth, below(4) == 0 ? "" : R"("DriverRspType":"SPEECH")");
  }
  if (name == "Code" || name == "ErrorCode") {
    return below(30) == 0 ? pick({"-7", R"("5")"}) : pick({"0", "0.0", "null"});
  }
  return below(3) == 0 ? random_number() : random_value(1);
}

std::string random_object(const std::vector<std::string>& names, int depth,
                          const std::string& before) {
  std::string text = "{" + blanks() + before;
  bool first = before.empty();
  for (size_t n = below(2 * names.size()); n > 0; --n) {
    const std::string& name = names[below(names.size())];
    if (!first) text += "," + blanks();
    first = false;
    std::string key = name;
    if (below(10) == 0) key[0] = static_cast<char>(key[0] | 0x20);
    if (below(20) == 0) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(key[0]));
      key = escaped + key.substr(1);
    }
    text +=
        "\"" + key + "\"" + blanks() + ":" + blanks() + random_field(name, depth + 1) + blanks();
  }
  return text + "}";
}

std::string broken(std::string text) {
  for (size_t n = 1 + below(3); n > 0 && !text.empty(); --n) {
    const size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(4));
        break;
      case 2:
        text.insert(at, pick({"\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", "e", "\x80", "=",
                              " ", "\n", "null"}));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

// Reads by every way. True when they agree.
bool agree(const std::string& text) {
  const Reading r = read(text);
  const bool whole = r.result || r.result.error == facewire::Errc::malformed_base64;
  bool good = true;
  for (const KernelTable* table : facewire::available_kernels()) {
    FrameReader one_pass(*table);
    FrameReader patient(*table);
    Message message;
    Result result;
    if (one_pass.read_in_one_pass(r.bytes, message, result)) {
      good = CHECK(same_reading(r.result, r.message, result, message)) && good;
    } else {
      good = CHECK(!whole || text[text.find_first_not_of(" \t\r\n")] != '{') && good;
    }
    result = patient.read_by_tokens(r.bytes, message);
    good = CHECK(same_reading(r.result, r.message, result, message)) && good;
  }
  return good;
}

}  // namespace

TEST(both_ways_agree_on_frames_of_every_kind) {
  size_t speech_frames = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text =
        blanks() + random_object({"Payload", "Payload", "Header"}, 0) + blanks();
    if (!agree(text)) return;
    if (read(text).message.kind == facewire::MessageKind::speech) ++speech_frames;
    if (!agree(broken(text))) return;
  }
  CHECK(speech_frames > 800);
}

TEST(both_ways_agree_on_every_cut) {
  for (int i = 0; i < 20; ++i) {
    const std::string text = random_object({"Payload"}, 0);
    for (size_t n = 0; n < std::min<size_t>(text.size(), 3000); ++n) {
      if (!agree(text.substr(0, n))) return;
    }
  }
}
