#pragma once

#include <string_view>

#include "../message/frame_reader.h"
#include "check.h"
#include "facewire/message.h"
#include "same_message.h"

// Shared by the tests of the message reader.

inline constexpr size_t kLimit = size_t{16} << 20;

// Reads from a copy that ends where its memory does, for the address sanitizer.
struct Reading {
  std::vector<uint8_t> bytes;
  facewire::Message message;
  facewire::Result result;

  std::string text(facewire::ByteRange range) const {
    return std::string(bytes.begin() + range.begin, bytes.begin() + range.end);
  }
};

// The patient way, which every reading below is compared with.
inline facewire::FrameReader& patient_reader() {
  static facewire::FrameReader one(facewire::kernels());
  return one;
}

inline Reading read(std::string_view text) {
  check::context() = std::string(text.substr(0, 120));
  Reading reading;
  reading.bytes.assign(text.begin(), text.end());
  reading.bytes.shrink_to_fit();
  reading.result = facewire::read_message(reading.bytes, kLimit, reading.message);
  facewire::Message patient;
  const facewire::Result result = patient_reader().read_by_tokens(reading.bytes, patient);
  CHECK(same_reading(reading.result, reading.message, result, patient));
  return reading;
}

inline std::string speech(std::string_view fields) {
  return R"({"Header":{"Code":0,"RequestID":"h"},"Payload":{"ReqId":"r","DriverRspType":"SPEECH",)"
         R"("SpeechRsp":{)" +
         std::string(fields) + "}}}";
}
