#include "glue.h"

#include <simdjson.h>

#include <cstring>
#include <vector>

#include "base64.h"

namespace rivals {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kMaxMessage = 1 << 20;
constexpr uint32_t kInputRate = 24000;

std::string_view without_quotes(std::string_view token) {
  const size_t end = token.rfind('"');
  return end == std::string_view::npos || end == 0 ? std::string_view{} : token.substr(1, end - 1);
}

bool flag(ondemand::value value, bool& out) { return value.get_bool().get(out) == 0; }

bool numbers(ondemand::value value, std::span<float> out, size_t& count) {
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  count = 0;
  for (auto element : array) {
    double number = 0;
    if (element.get_double().get(number) || count == out.size()) return false;
    out[count++] = static_cast<float>(number);
  }
  return true;
}

bool list(ondemand::value value, std::string_view& out) { return value.raw_json().get(out) == 0; }

// What only one message at a time needs is shared by all sessions of a thread, so that it stays in
// the caches.
struct Scratch {
  ondemand::parser parser{kMaxMessage};
  std::vector<char> padded = std::vector<char>(kMaxMessage + simdjson::SIMDJSON_PADDING);
  std::vector<int16_t> pcm = std::vector<int16_t>(kMaxMessage / 2);
};

Scratch& shared_scratch() {
  thread_local const std::unique_ptr<Scratch> scratch = std::make_unique<Scratch>();
  return *scratch;
}

}  // namespace

struct Glue::State {
  Scratch& scratch = shared_scratch();
  std::unique_ptr<Resampler> resampler;
  std::string request_id;

  // One pass in the order of the wire. The base64 is taken as a raw token: it
  // has no escapes, and unescaping would copy it.
  bool speech(ondemand::object object, std::span<float> features, std::string_view& audio,
              GlueReport& report) {
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.escaped_key().get(key) || field.value().get(value)) return false;
      bool good = true;
      if (key == "Audio") {
        audio = without_quotes(value.raw_json_token());
      } else if (key == "ThFeat") {
        good = numbers(value, features, report.features);
      } else if (key == "Phn") {
        good = list(value, report.phones);
      } else if (key == "Word") {
        good = list(value, report.words);
      } else if (key == "Subtitle") {
        good = list(value, report.subtitles);
      } else if (key == "Action") {
        good = list(value, report.actions);
      } else if (key == "Expression") {
        good = list(value, report.expressions);
      } else if (key == "Sampling") {
        uint64_t rate = 0;
        good = value.get_uint64().get(rate) == 0 && rate == kInputRate;
      } else if (key == "ThDim") {
        uint64_t dimension = 0;
        good = value.get_uint64().get(dimension) == 0;
        report.dimension = static_cast<uint32_t>(dimension);
      } else if (key == "RealThType") {
        std::string_view family;
        good = value.get_string().get(family) == 0 && (family.empty() || family == "3D_standard");
      } else if (key == "SeqNo") {
        good = value.get_int64().get(report.clause) == 0;
      } else if (key == "Final") {
        good = flag(value, report.final);
      } else if (key == "SentenceStart") {
        good = flag(value, report.sentence_start);
      } else if (key == "SentenceFinal") {
        good = flag(value, report.sentence_final);
      } else if (key == "ThFeatFinal") {
        good = flag(value, report.features_final);
      }
      if (!good) return false;
    }
    return true;
  }

  bool payload(ondemand::object object, std::span<float> features, std::string_view& audio,
               GlueReport& report) {
    bool ours = false;
    for (auto field : object) {
      std::string_view key;
      ondemand::value value;
      if (field.escaped_key().get(key) || field.value().get(value)) return false;
      if (key == "SpeechRsp") {
        ondemand::object inner;
        if (value.get_object().get(inner) || !speech(inner, features, audio, report)) return false;
      } else if (key == "ReqId") {
        std::string_view id;
        if (value.get_string().get(id)) return false;
        ours = id == request_id;
      } else if (key == "DriverRspType") {
        std::string_view type;
        if (value.get_string().get(type) || type != "SPEECH") return false;
      } else if (key == "ErrorCode") {
        int64_t code = 0;
        if (value.get_int64().get(code) || code != 0) return false;
      }
    }
    return ours;
  }

  bool parse(std::span<const uint8_t> message, std::span<float> features, std::string_view& audio,
             GlueReport& report) {
    std::vector<char>& padded = scratch.padded;
    std::memcpy(padded.data(), message.data(), message.size());
    ondemand::document document;
    ondemand::object root;
    if (scratch.parser.iterate(padded.data(), message.size(), padded.size()).get(document) ||
        document.get_object().get(root)) {
      return false;
    }
    bool found = false;
    for (auto field : root) {
      std::string_view key;
      ondemand::value value;
      if (field.escaped_key().get(key) || field.value().get(value)) return false;
      ondemand::object inner;
      if (key == "Header") {
        int64_t code = 0;
        if (value.get_object().get(inner) ||
            inner.find_field_unordered("Code").get_int64().get(code) || code != 0) {
          return false;
        }
      } else if (key == "Payload") {
        if (value.get_object().get(inner) || !payload(inner, features, audio, report)) return false;
        found = true;
      }
    }
    return found && document.at_end();
  }
};

Glue::Glue() : state_(std::make_unique<State>()) {}
Glue::~Glue() = default;

std::unique_ptr<Glue> Glue::create(uint32_t output_rate, std::string_view request_id) {
  std::unique_ptr<Glue> glue(new Glue);
  State& state = *glue->state_;
  state.resampler = make_resampler("soxr", "HQ", kInputRate, output_rate, false);
  state.request_id = request_id;
  return state.resampler == nullptr || !simdutf_there() ? nullptr : std::move(glue);
}

bool Glue::push(std::span<const uint8_t> message, std::span<float> audio, std::span<float> features,
                GlueReport& report) {
  State& state = *state_;
  report = {};
  std::string_view text;
  if (message.size() > kMaxMessage || !state.parse(message, features, text, report)) return false;
  int16_t* const pcm = state.scratch.pcm.data();
  const size_t bytes = simdutf_decode(text, reinterpret_cast<char*>(pcm));
  if (bytes == kNotBase64 || bytes % 2 != 0) return false;
  report.audio_frames = state.resampler->process(std::span<const int16_t>(pcm, bytes / 2), audio);
  return true;
}

std::string simdjson_version() { return SIMDJSON_VERSION; }

}  // namespace rivals
