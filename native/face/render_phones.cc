#include "facewire/render_phones.h"

#include <algorithm>

#include "facewire/speed_limit.h"

namespace facewire {

void render_phones(const PhoneTrack& track, const RenderOptions& options,
                   std::span<float> out) noexcept {
  const auto frames = static_cast<int64_t>(out.size() / kWeightCount);
  const auto sample_of = [&](int64_t frame) {
    // Whole seconds first, so that the product stays exact.
    const int64_t blocks = frame / options.frame_rate_num;
    const int64_t rest = frame % options.frame_rate_num;
    const int64_t per_block = int64_t{track.sample_rate()} * options.frame_rate_den;
    return blocks * per_block + rest * per_block / options.frame_rate_num;
  };
  const auto level_of = [&](int64_t frame) {
    const auto at = static_cast<size_t>(frame);
    return at < options.level.size() ? options.level[at] : -1.0f;
  };
  MouthRules rules = options.rules;
  rules.lead = options.mouth_lead;
  for (int64_t frame = 0; frame < frames; ++frame) {
    const auto row = out.subspan(static_cast<size_t>(frame) * kWeightCount).first<kWeightCount>();
    const int64_t period = sample_of(frame + 1) - sample_of(frame);
    const int64_t source = sample_of(frame) + options.mouth_lead;
    track.evaluate(source, level_of(frame), row);
    apply_rules(track, rules, source, nullptr, nullptr, 1.0f, row);
    show(due_at(track, rules, source, period, nullptr, nullptr), row);
    if (frame > 0) {
      const float* before = row.data() - kWeightCount;
      limit_speed(std::span<const float, kWeightCount>(before, kWeightCount),
                  0.9999f * most_change(period, track.sample_rate()), row);
    }
  }
}

}  // namespace facewire
