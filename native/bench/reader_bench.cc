// The message reader and the number kernel, each against its rivals in one
// process: short batches in rotating order, the median of the rounds. Ratios
// are what counts. With arguments (milliseconds, way, count) it only reads that
// many frames one way, for callgrind.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#if defined(FACEWIRE_FAST_FLOAT)
#include <fast_float/fast_float.h>
#endif

#include "../message/frame_reader.h"
#include "facewire/kernels.h"

namespace {

using facewire::FrameReader;
using facewire::KernelTable;
using facewire::Message;
using facewire::Result;

// More texts than a branch predictor learns.
constexpr size_t kTexts = 64;
constexpr size_t kFloats = 1560;
constexpr int kRounds = 41;

std::mt19937_64& random_engine() {
  static std::mt19937_64 engine(7);
  return engine;
}

double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_engine()); }

// Sparse weights, 40 % of them 0.
std::string features(size_t count, int digits, const char* separator) {
  std::string text = "[";
  char number[64];
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text += separator;
    if (uniform() < 0.4) {
      text += '0';
    } else {
      std::snprintf(number, sizeof number, "%.*f", digits, uniform());
      text += number;
    }
  }
  return text + "]";
}

std::string audio(size_t samples) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(samples * 2 / 3 * 4, 'A');
  for (char& c : text) c = kAlphabet[random_engine()() % 64];
  return text;
}

std::string speech_frame(size_t milliseconds) {
  const auto list = [&](size_t count, const std::string& item) {
    std::string text = "[";
    for (size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + item;
    return text + "]";
  };
  const size_t phones = std::max<size_t>(1, milliseconds / 90);
  return R"({"Header":{"Code":0,"DialogID":"","Message":"","RequestID":"fe0e4c13f2a34cb69b2475d8483f28de",)"
         R"("SessionID":"gza802cc9317231084402578413"},"Payload":{"DriverRspType":"SPEECH","ErrorCode":0,)"
         R"("ErrorMessage":"","ReplyRsp":{"CloudAiExtra":"","ContentType":0,"InteractionContent":"",)"
         R"("InteractionType":"","IsFinal":false,"IsHighLight":false,"Muted":false,"ReplyDisplay":"",)"
         R"("ReplyPro":"","ReplyType":"","SeqNo":0,"TtsSupport":false,"Uninterrupt":false},)"
         R"("ReqId":"0123456789abcdef0123456789abcdef","SpeechRsp":{"Action":[],"Audio":")" +
         audio(24 * milliseconds) + R"(","Expression":[],"Final":false,"Phn":)" +
         list(phones, R"({"Phn":"z4","Start":"200000","End":"1100000"})") +
         R"(,"RealThType":"3D_standard","Sampling":24000,"SentenceFinal":false,"SentenceStart":true,"SeqNo":1,)"
         R"("Subtitle":)" +
         list((phones + 1) / 2,
              R"({"Word":"在","Start":"200000","End":"2700000","PosStart":"0","PosEnd":"1"})") +
         R"(,"ThDim":52,"ThFeat":)" + features(milliseconds / 40 * 52, 9, ",") +
         R"(,"ThFeatFinal":false,"Word":)" +
         list((phones + 1) / 2, R"({"Phn":"zh-iii4|n-eng2","Word":"在"})") +
         R"(},"StreamId":"3c1a9f0e-58b9-4ff2-a5f0-8e9c2d6a7b11"}})";
}

struct Way {
  std::string name;
  std::function<void()> batch;
  std::vector<double> nanoseconds{};

  double median() {
    std::ranges::sort(nanoseconds);
    return nanoseconds[nanoseconds.size() / 2];
  }
};

// Prints the time of an operation; `operations` is how many a batch does.
void compare(const std::string& what, std::vector<Way> ways, double operations) {
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < ways.size(); ++i) {
      Way& way = ways[(i + static_cast<size_t>(round)) % ways.size()];
      const auto begin = std::chrono::steady_clock::now();
      way.batch();
      const std::chrono::duration<double, std::nano> time =
          std::chrono::steady_clock::now() - begin;
      way.nanoseconds.push_back(time.count() / operations);
    }
  }
  const double base = ways.front().median();
  for (Way& way : ways) {
    std::printf("%-28s %-12s %10.2f ns  %6.2fx\n", what.c_str(), way.name.c_str(), way.median(),
                base / way.median());
  }
}

// Reads a whole list one number at a time.
template <typename FromChars>
void read_list(const std::string& text, float* out, FromChars&& from_chars) {
  const char* at = text.data();
  const char* const end = at + text.size();
  do {
    ++at;
    while (*at == ' ') ++at;
    double value = 0;
    at = from_chars(at, end, value);
    *out++ = static_cast<float>(value);
  } while (*at == ',');
}

void compare_number_lists(const std::string& what, int digits, const char* separator) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < kTexts; ++i) texts.push_back(features(kFloats, digits, separator));
  std::vector<float> out(kFloats + 8);
  std::vector<Way> ways;
#if defined(FACEWIRE_FAST_FLOAT)
  ways.push_back({"fast_float", [&] {
                    for (const std::string& text : texts) {
                      read_list(text, out.data(), [](const char* at, const char* end, double& x) {
                        return fast_float::from_chars(at, end, x).ptr;
                      });
                    }
                  }});
#else
  std::puts("fast_float is not installed and left out");
#endif
  ways.push_back({"from_chars", [&] {
                    for (const std::string& text : texts) {
                      read_list(text, out.data(), [](const char* at, const char* end, double& x) {
                        return std::from_chars(at, end, x).ptr;
                      });
                    }
                  }});
  for (const KernelTable* table : facewire::available_kernels()) {
    ways.push_back({table->name, [&, table] {
                      for (const std::string& text : texts) {
                        // The last number, which kernels leave to the reader, is left out.
                        const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
                        size_t count = 0;
                        (void)table->text->number_list(bytes + 1, text.size() - 1, out.data(),
                                                       out.size(), &count);
                        if (count + 1 != kFloats) std::abort();
                      }
                    }});
  }
  compare(what, std::move(ways), kTexts * kFloats);
}

using Frames = std::vector<std::vector<uint8_t>>;

Frames frames_of(size_t milliseconds, size_t count) {
  Frames frames;
  for (size_t i = 0; i < count; ++i) {
    const std::string text = speech_frame(milliseconds);
    frames.emplace_back(text.begin(), text.end());
  }
  return frames;
}

void read_one_pass(FrameReader& reader, const std::vector<uint8_t>& frame) {
  Message message;
  Result result;
  if (!reader.read_in_one_pass(frame, message, result) || !result) std::abort();
}

void read_by_tokens(FrameReader& reader, const std::vector<uint8_t>& frame) {
  Message message;
  if (!reader.read_by_tokens(frame, message)) std::abort();
}

void compare_readers(size_t milliseconds) {
  const Frames frames = frames_of(milliseconds, kTexts);
  FrameReader one_pass(facewire::kernels());
  FrameReader tokens(facewire::kernels());
  compare("read a frame of " + std::to_string(milliseconds) + " ms",
          {{"tokens",
            [&] {
              for (const auto& frame : frames) read_by_tokens(tokens, frame);
            }},
           {"one pass",
            [&] {
              for (const auto& frame : frames) read_one_pass(one_pass, frame);
            }}},
          kTexts);
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 4) {
    const Frames frames = frames_of(std::stoul(arguments[1]), 16);
    FrameReader reader(facewire::kernels());
    const auto read = std::strcmp(arguments[2], "tokens") == 0 ? read_by_tokens : read_one_pass;
    for (size_t i = std::stoul(arguments[3]); i > 0; --i) read(reader, frames[i % frames.size()]);
    return 0;
  }
  compare_number_lists("number, 9 digits", 9, ",");
  compare_number_lists("number, 17 digits", 17, ",");
  compare_number_lists("number, 9 digits, blanks", 9, ", ");
  compare_number_lists("number, 17 digits, blanks", 17, ", ");
  for (const size_t milliseconds : {1000u, 200u, 40u}) compare_readers(milliseconds);
}
