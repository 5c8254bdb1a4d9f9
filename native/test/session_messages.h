#pragma once

// Wire messages for the tests of the session.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "facewire/channels.h"

namespace messages {

inline std::string base64(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 |
                           (left > 1 ? static_cast<uint32_t>(bytes[i + 1]) << 8 : 0u) |
                           (left > 2 ? static_cast<uint32_t>(bytes[i + 2]) : 0u);
    text += kDigits[group >> 18];
    text += kDigits[group >> 12 & 63];
    text += left > 1 ? kDigits[group >> 6 & 63] : '=';
    text += left > 2 ? kDigits[group & 63] : '=';
  }
  return text;
}

inline std::vector<uint8_t> pcm_of(std::span<const int16_t> samples) {
  std::vector<uint8_t> bytes;
  for (const int16_t sample : samples) {
    bytes.push_back(static_cast<uint8_t>(sample & 0xff));
    bytes.push_back(static_cast<uint8_t>(sample >> 8 & 0xff));
  }
  return bytes;
}

struct Speech {
  std::vector<uint8_t> pcm = {};
  std::vector<float> features = {};
  std::string request = "r1";
  std::string family = "3D_standard";
  int rate = 24000;
  int dimension = static_cast<int>(facewire::kWeightCount);
  int clause = 1;
  bool start = false;
  bool final = false;
};

inline std::string json(const Speech& speech) {
  std::string features;
  char text[40];
  for (const float value : speech.features) {
    if (std::isfinite(value)) {
      std::snprintf(text, sizeof text, "%s%.9g", features.empty() ? "" : ",",
                    static_cast<double>(value));
    } else {
      std::snprintf(text, sizeof text, "%snull", features.empty() ? "" : ",");
    }
    features += text;
  }
  const auto boolean = [](bool value) { return value ? "true" : "false"; };
  return R"({"Header":{"Code":0,"Message":""},"Payload":{"ReqId":")" + speech.request +
         R"(","DriverRspType":"SPEECH","ErrorCode":0,"SpeechRsp":{"Audio":")" + base64(speech.pcm) +
         R"(","Sampling":)" + std::to_string(speech.rate) + R"(,"ThDim":)" +
         std::to_string(speech.dimension) + R"(,"ThFeat":[)" + features + R"(],"RealThType":")" +
         speech.family + R"(","SeqNo":)" + std::to_string(speech.clause) + R"(,"SentenceStart":)" +
         boolean(speech.start) + R"(,"Final":)" + boolean(speech.final) + "}}}";
}

}  // namespace messages
