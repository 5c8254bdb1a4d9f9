// Any phones at any times, cut and forgotten at any moment: no crash, weights
// in [0, 1], and the same weights for the same phones.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "facewire/mouth_rules.h"
#include "facewire/phone_items.h"
#include "facewire/phone_track.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  uint32_t number(size_t bytes) {
    uint32_t value = 0;
    for (; bytes > 0 && left_ > 0; --bytes, --left_) value = value << 8 | *data_++;
    return value;
  }
  std::string_view text(size_t bytes) {
    const size_t count = std::min(bytes, left_);
    const std::string_view taken(reinterpret_cast<const char*>(data_), count);
    data_ += count;
    left_ -= count;
    return taken;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace facewire;
  const auto ignore = [](void*, const PhoneItem& phone) {
    require(phone.size <= PhoneItem::kLongest && phone.start_ticks >= 0 &&
            phone.end_ticks >= phone.start_ticks);
  };
  read_phones({data, size}, {0, static_cast<uint32_t>(size)}, ignore, nullptr);

  Input input(data, size);
  PhoneTrack track(48000, 400);
  int64_t from = 0;
  while (!input.empty()) {
    switch (input.number(1) % 6) {
      case 0:
        track.trim(from - input.number(3));
        break;
      case 1:
        track.truncate(from - input.number(2));
        break;
      case 2:
        static_cast<void>(track.reserve(input.number(1)));
        break;
      case 3: {
        const int64_t source = track.begin() + input.number(3) - 100000;
        const float level = static_cast<float>(input.number(1)) / 100.0f - 0.5f;
        std::array<float, kWeightCount> row, again;
        track.evaluate(source, level, row);
        apply_rules(track, {}, source, nullptr, nullptr, 1.0f, row);
        track.evaluate(source, level, again);
        apply_rules(track, {}, source, nullptr, nullptr, 1.0f, again);
        require(row == again);
        for (const float weight : row) require(weight >= 0.0f && weight <= 1.0f);
        require(row[kMouthClose] <= row[kJawOpen] + 0.1001f);
        show(due_at(track, {}, source, input.number(2), nullptr, nullptr), row);
        for (const float weight : row) require(weight >= 0.0f && weight <= 1.0f);
        break;
      }
      default: {
        const int64_t start = from + input.number(2) - 1000;
        const int64_t end = start + input.number(2) - 100;
        const auto alphabet = static_cast<Alphabet>(input.number(1) % 4);
        if (track.append({input.text(input.number(1) % 12), start, end}, alphabet)) from = end;
        break;
      }
    }
    require(track.end() >= track.begin());
  }
  return 0;
}
