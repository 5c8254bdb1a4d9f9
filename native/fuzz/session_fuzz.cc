// Any use of a session in any order, with any content: no crash, weights in
// [0, 1], finite sound, and positions that agree with each other.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "facewire/session.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

// Reads what the fuzzer gives; 0 when it is used up.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  uint32_t number(size_t bytes) {
    uint32_t value = 0;
    for (; bytes > 0; --bytes) value = value << 8 | (left_ > 0 ? next() : 0u);
    return value;
  }
  std::vector<uint8_t> bytes(size_t count) {
    std::vector<uint8_t> taken(data_, data_ + std::min(count, left_));
    data_ += taken.size();
    left_ -= taken.size();
    return taken;
  }

 private:
  uint8_t next() {
    --left_;
    return *data_++;
  }
  const uint8_t* data_;
  size_t left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace facewire;
  Input input(data, size);
  SessionOptions options;
  options.sample_rate = std::array{16000u, 24000u, 44100u, 48000u}[input.number(1) % 4];
  options.feature_hop_ticks = 50'000 + input.number(1) * 4000;
  options.mouth_lead_ticks = static_cast<int64_t>(input.number(1)) * 10000 - 1'000'000;
  options.max_buffered_seconds = 1;
  options.max_message_bytes = 4096;
  options.idle_seed = static_cast<int64_t>(input.number(1)) - 1;
  options.feature_order.assign(kArkitNames.begin(), kArkitNames.end());
  Errc error;
  const auto session = Session::create(options, error);
  require(session != nullptr);

  std::array<float, kFrameWidth> row;
  std::vector<float> out(1000);
  std::vector<float> features;
  int64_t now = 0;
  while (!input.empty()) {
    // The others keep the numbers that the corpus gives them.
    const uint32_t what = input.number(1);
    switch (what >= 250 ? 11 : what % 11) {
      case 0:
        session->begin(input.number(1) % 2 == 0 ? "" : "r");
        break;
      case 1: {
        const auto bytes = input.bytes(input.number(2) % 3000);
        Message message;
        const PushReport report = session->push(bytes, message, now);
        require(message.phones.end <= bytes.size() && message.request_id.end <= bytes.size());
        require(report.kind >= 0 && report.kind <= kKindRefused);
        break;
      }
      case 2:
      case 3:
      case 4: {
        const char letter = "AAw/9"[input.number(1) % 5];
        std::string audio(4 * (input.number(1) % 200) * (1 + input.number(1) % 20), letter);
        if (input.number(1) == 7) audio += "=";
        features.resize(input.number(1) * 2);
        for (float& value : features) value = static_cast<float>(input.number(1)) / 250.0f - 0.01f;
        if (!features.empty() && input.number(1) % 8 == 0) features.back() = std::nanf("");
        ParsedMessage message;
        message.base64 = audio;
        message.features = features;
        message.sample_rate =
            std::array{0u, 24000u, 16000u, 8000u, 12345u, 48000u}[input.number(1) % 6];
        message.feature_dimension = std::array{0u, 52u, 1u, 2000u, 7u}[input.number(1) % 5];
        message.clause = static_cast<int32_t>(input.number(1) % 3);
        message.sentence_start = input.number(1) % 4 == 0;
        message.final = input.number(1) % 16 == 0;
        message.arrival = input.number(1) % 8 == 0 ? kNoTick : now;
        const int64_t before = session->ready();
        const PushReport report = session->push_parsed(message);
        require(report.kind != kKindRefused || session->ready() == before);
        require(report.source_end >= report.clause_start);
        break;
      }
      case 5:
        session->end();
        break;
      case 6: {
        const int64_t until = session->committed() + input.number(2);
        const int64_t ready = session->ready();
        const int64_t silence = session->commit(until);
        require(session->committed() == until && silence >= 0 && session->ready() <= ready);
        break;
      }
      case 9: {
        const int64_t until = session->committed() + input.number(2);
        const int64_t ready = session->ready();
        now += input.number(2) * int64_t{1000};
        const int64_t silence = session->commit(until, now);
        require(session->committed() == until && silence >= 0 && session->ready() <= ready);
        const Counters counters = session->counters();
        require(std::all_of(counters.begin(), counters.end(), [](int64_t n) { return n >= 0; }));
        const auto target = counters[static_cast<size_t>(Counter::target_ticks)];
        require(target >= StartBuffer::kLeast && target <= StartBuffer::kMost);
        break;
      }
      case 7: {
        const int64_t cut = session->interrupt(session->committed() - input.number(2) + 100);
        require(session->ready() == 0 && cut >= -1 && !session->open());
        break;
      }
      case 11: {
        std::array<double, 3> ends;
        for (double& end : ends) end = input.number(2) * 1000.0;
        if (input.number(1) == 0) ends[1] = std::nan("");
        session->may_rest(ends);
        break;
      }
      case 8:
        session->read(session->committed() - input.number(2), out);
        for (const float sample : out) require(std::isfinite(sample) && std::abs(sample) <= 1.5f);
        break;
      default: {
        const int64_t sample = session->committed() - input.number(2) + 2000;
        session->frame_at(sample, row, sample + input.number(2));
        for (size_t i = 0; i < kWeightCount; ++i) require(row[i] >= 0.0f && row[i] <= 1.0f);
        for (size_t i = kWeightCount; i < kFrameWidth; ++i) require(std::abs(row[i]) < 0.2f);
        break;
      }
    }
    require(session->settled() <= session->ready());
    const int64_t heard = session->output_of(session->source_committed() - 1);
    require(heard >= -2 && heard < session->committed() + 48000);
    require(session->output_of(session->source_committed()) == -1);
  }
  return 0;
}
