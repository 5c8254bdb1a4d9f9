#include "facewire/render_phones.h"

#include <algorithm>

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
  const auto draw = [&](int64_t source, float level, std::span<float, kWeightCount> row) {
    track.evaluate(source, level, row);
    apply_rules(track, options.rules, source, nullptr, nullptr, 1.0f, row);
  };
  const auto row_of = [&](int64_t frame) {
    return out.subspan(static_cast<size_t>(frame) * kWeightCount).first<kWeightCount>();
  };
  for (int64_t frame = 0; frame < frames; ++frame)
    draw(sample_of(frame) + options.mouth_lead, level_of(frame), row_of(frame));
  if (!options.rules.closure) return;

  for (int64_t frame = 0; frame < frames; ++frame) {
    const auto row = row_of(frame);
    if (aperture(row.data()) <= MouthRules::kClosed) continue;
    const int64_t at = sample_of(frame) + options.mouth_lead;
    const int64_t period = sample_of(frame + 1) - sample_of(frame);
    if (closure_in(track, at - period / 2, at + period - period / 2) != nullptr)
      row[kMouthClose] = row[kJawOpen];
  }
}

}  // namespace facewire
