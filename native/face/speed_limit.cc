#include "facewire/speed_limit.h"

#include <algorithm>

#include "facewire/ease.h"
#include "facewire/mouth_rules.h"

namespace facewire {

float most_change(int64_t samples, uint32_t sample_rate) noexcept {
  return static_cast<float>(kMaxSpeed * static_cast<double>(samples) / sample_rate);
}

bool limit_speed(std::span<const float, kWeightCount> before, float change,
                 std::span<float, kWeightCount> row) noexcept {
  const float jaw = row[kJawOpen];
  const float apart = jaw - row[kMouthClose];
  bool limited = false;
  for (size_t i = 0; i < kWeightCount; ++i) {
    const float wanted = row[i];
    row[i] = std::clamp(wanted, before[i] - change, before[i] + change);
    limited = limited || row[i] != wanted;
  }
  float& now = row[kJawOpen];
  float& close = row[kMouthClose];
  if (now == jaw && now - close == apart) return limited;
  const auto within = [&](float value, size_t channel) {
    return std::clamp(std::clamp(value, before[channel] - change, before[channel] + change), 0.0f,
                      1.0f);
  };
  close = within(now - apart, kMouthClose);
  if (apart <= MouthRules::kClosed && now - close > apart)
    now = std::min(now, within(close + apart, kJawOpen));
  return true;
}

}  // namespace facewire
