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
  // Mostly there is nothing to do; seen without a branch for each.
  int over = 0;
  for (size_t i = 0; i < kWeightCount; ++i)
    over |= static_cast<int>(row[i] - before[i] > change) |
            static_cast<int>(before[i] - row[i] > change);
  if (over == 0) return false;
  for (size_t i = 0; i < kWeightCount; ++i)
    row[i] = std::clamp(row[i], before[i] - change, before[i] + change);
  float& now = row[kJawOpen];
  float& close = row[kMouthClose];
  if (now == jaw && now - close == apart) return true;
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
