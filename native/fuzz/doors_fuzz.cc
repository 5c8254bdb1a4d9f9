// The same message through both doors of a session, as wire bytes and already
// taken apart: both must take the same of it and say the same about it.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "facewire/session.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  uint32_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::string text(size_t count) {
    std::string taken;
    while (taken.size() < count && left_ > 0) taken += static_cast<char>(byte());
    return taken;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

// As a JSON string; every character that is not plain is escaped, and some that are.
std::string quoted(const std::string& text) {
  std::string json = "\"";
  char escape[8];
  for (const char c : text) {
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '~') {
      json += c;
    } else {
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c & 0x7f));
      json += escape;
    }
  }
  return json + "\"";
}

std::string wire(const facewire::ParsedMessage& message) {
  std::string json = R"({"Payload":{"DriverRspType":"SPEECH","ReqId":"r","SpeechRsp":{"Audio":)" +
                     quoted(std::string(message.base64)) + ",\"ThFeat\":[";
  char number[40];
  for (const float value : message.features) {
    if (std::isfinite(value)) {
      std::snprintf(number, sizeof number, "%.9g,", static_cast<double>(value));
      json += number;
    } else {
      json += "null,";
    }
  }
  if (!message.features.empty()) json.pop_back();
  const auto boolean = [](bool value) { return value ? "true" : "false"; };
  return json + "],\"ThDim\":" + std::to_string(message.feature_dimension) +
         ",\"Sampling\":" + std::to_string(message.sample_rate) +
         ",\"SeqNo\":" + std::to_string(message.clause) + R"(,"RealThType":"3D_standard")" +
         ",\"SentenceStart\":" + boolean(message.sentence_start) +
         ",\"Final\":" + boolean(message.final) + "}}}";
}

std::unique_ptr<facewire::Session> make() {
  facewire::SessionOptions options;
  options.max_buffered_seconds = 1;
  options.max_message_bytes = 1 << 20;
  options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  facewire::Errc error;
  auto session = facewire::Session::create(options, error);
  require(session != nullptr);
  return session;
}

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace facewire;
  Input input(data, size);
  const auto by_wire = make(), parsed = make();
  while (!input.empty()) {
    if (!by_wire->open()) {
      by_wire->begin("");
      parsed->begin("");
    }
    // Most audio is of the alphabet, with what the input says in it.
    const uint32_t shape = input.byte();
    std::string audio = input.text(input.byte());
    for (char& c : audio) {
      c = shape % 8 == 0 ? static_cast<char>(c & 0x7f) : kAlphabet[static_cast<uint8_t>(c) % 64];
    }
    if (shape % 8 > 1) audio.resize(audio.size() / 4 * 4, 'A');
    if (shape % 8 == 2 && !audio.empty()) audio.replace(audio.size() - 2, 2, "A=");
    if (shape % 8 == 3) audio += "AA==";
    std::vector<float> features(input.byte() * 3 % 200);
    for (float& value : features) {
      const uint32_t one = input.byte();
      value = one < 250 ? static_cast<float>(one) / 240.0f
                        : std::bit_cast<float>(one << 24 | input.byte() << 16 | input.byte() << 8);
    }
    ParsedMessage message;
    message.base64 = audio;
    message.features = features;
    message.sample_rate = std::array{0u, 24000u, 16000u, 8000u, 12345u, 48000u}[shape / 8 % 6];
    message.feature_dimension = std::array{0u, 52u, 1u, 7u, 53u}[input.byte() % 5];
    const uint32_t flags = input.byte();
    message.clause = static_cast<int32_t>(flags % 4);
    message.sentence_start = (flags & 4) != 0;
    message.final = flags >= 240;

    const std::string json = wire(message);
    Message read;
    const PushReport a =
        by_wire->push({reinterpret_cast<const uint8_t*>(json.data()), json.size()}, read);
    const PushReport b = parsed->push_parsed(message);
    require(a.kind == b.kind && a.result.error == b.result.error);
    require(a.audio_frames == b.audio_frames && a.feature_frames == b.feature_frames);
    // With bad audio nothing is taken, and only the wire's reader has looked at the features.
    require(a.result.error == Errc::malformed_base64 || a.warnings == b.warnings);
    require(a.sample_rate == b.sample_rate);
    require(a.clause_start == b.clause_start && a.source_end == b.source_end);
    require(by_wire->ready() == parsed->ready() && by_wire->open() == parsed->open());

    const int64_t from = by_wire->committed();
    const int64_t until = from + static_cast<int64_t>(input.byte()) * 40;
    require(by_wire->commit(until) == parsed->commit(until));
    std::vector<float> sound_a(static_cast<size_t>(until - from)), sound_b(sound_a.size());
    by_wire->read(from, sound_a);
    parsed->read(from, sound_b);
    require(sound_a == sound_b);
    std::array<float, kFrameWidth> row_a, row_b;
    by_wire->frame_at(until, row_a);
    parsed->frame_at(until, row_b);
    require(row_a == row_b);
  }
  return 0;
}
