#include "facewire/drift_resampler.h"

#include <array>
#include <cmath>
#include <vector>

#include "stages.h"

namespace facewire {
namespace {

constexpr size_t kBlock = 512;
// Steps and positions count 2^-32 of a sample of the doubled rate.
constexpr double kUnit = 4294967296.0;

uint64_t step_of(double ppm) noexcept {
  return static_cast<uint64_t>(std::llround(2.0 * kUnit / (1.0 + ppm * 1e-6)));
}

// One channel.
class Channel {
 public:
  Channel(const DriftPlan& plan, const AudioKernels& kernels)
      : upsample_(plan.upsample, kernels), plan_(plan), kernels_(kernels) {
    restart();
  }

  void restart() noexcept {
    upsample_.restart();
    kept_ = kDriftTaps / 2 - 1;
    history_.fill(0.0f);
    position_ = 0;
    gone_ = 0;
    written_ = 0;
    next_slew_ = 0;
    received_ = 0;
  }

  void set_target(uint64_t step) noexcept { target_ = step; }
  uint64_t step() const noexcept { return step_; }

  DriftResampler::Instant next_instant() const noexcept {
    const uint64_t doubled = gone_ + (position_ >> 32);
    const uint64_t fraction = position_ & 0xffffffffu;
    return {static_cast<int64_t>(doubled / 2), (doubled % 2 << 32) + fraction};
  }

  // `count` <= kBlock samples of the channel, `apart` floats from one to the next.
  size_t run(const float* in, size_t apart, size_t count, float* out) noexcept {
    std::array<float, UpsampleStage::kMaxKept + kBlock + kUpsampleOverread> samples;
    float* to = samples.data() + upsample_.kept();
    for (size_t i = 0; i < count; ++i) to[i] = in[i * apart];
    received_ += count;
    return drift(samples.data(), count, UINT64_MAX, out, apart);
  }

  // What is left of all that was received.
  size_t flush(size_t apart, float* out) noexcept {
    std::array<float, UpsampleStage::kMaxKept + kBlock + kUpsampleOverread> samples;
    // Twice: the delay of the doubling, and at least that of the drift behind it.
    const size_t silence = upsample_.delay() + kDriftTaps;
    std::fill_n(samples.data() + upsample_.kept(), silence, 0.0f);
    const size_t count = drift(samples.data(), silence, 2 * received_, out, apart);
    restart();
    return count;
  }

 private:
  // Puts out what can be put out before the doubled sample `end`.
  size_t drift(float* samples, size_t count, uint64_t end, float* out, size_t apart) noexcept {
    std::array<float, kDriftTaps + 2 * (kBlock + UpsampleStage::kMaxKept)> doubled;
    std::memcpy(doubled.data(), history_.data(), kept_ * sizeof(float));
    const size_t available = kept_ + upsample_.run(samples, count, doubled.data() + kept_);
    size_t total = 0;
    for (;;) {
      if (written_ == next_slew_) slew();
      const size_t most =
          static_cast<size_t>(DriftResampler::kSlewFrames - written_ % DriftResampler::kSlewFrames);
      const size_t ready = std::min(most, outputs_within(available, end));
      if (ready == 0) break;
      std::array<float, DriftResampler::kSlewFrames> block;
      kernels_.drift(doubled.data(), &plan_.drift, position_, step_, ready, block.data());
      for (size_t i = 0; i < ready; ++i) out[(total + i) * apart] = block[i];
      position_ += ready * step_;
      written_ += ready;
      total += ready;
    }
    const size_t moved = std::min(static_cast<size_t>(position_ >> 32), available);
    position_ -= uint64_t{moved} << 32;
    gone_ += moved;
    kept_ = available - moved;
    std::memcpy(history_.data(), doubled.data() + moved, kept_ * sizeof(float));
    return total;
  }

  size_t outputs_within(size_t available, uint64_t end) const noexcept {
    // Positions below `limit` have all their neighbours and come before the end.
    uint64_t limit = available < kDriftTaps ? 0 : uint64_t{available - kDriftTaps + 1} << 32;
    if (end != UINT64_MAX) limit = std::min(limit, end > gone_ ? (end - gone_) << 32 : 0);
    return position_ >= limit ? 0 : static_cast<size_t>((limit - 1 - position_) / step_ + 1);
  }

  void slew() noexcept {
    next_slew_ += DriftResampler::kSlewFrames;
    constexpr auto kMost = static_cast<uint64_t>(2.0 * kUnit * DriftResampler::kSlewPpm * 1e-6);
    if (step_ < target_) step_ += std::min(kMost, target_ - step_);
    if (step_ > target_) step_ -= std::min(kMost, step_ - target_);
  }

  UpsampleStage upsample_;
  const DriftPlan& plan_;
  const AudioKernels& kernels_;
  std::array<float, 2 * kDriftTaps> history_;
  size_t kept_ = 0;
  uint64_t position_ = 0;  // Of the next output, from history_[0] on.
  uint64_t gone_ = 0;      // Doubled samples that left the history.
  uint64_t written_ = 0;
  uint64_t next_slew_ = 0;
  uint64_t received_ = 0;
  uint64_t step_ = step_of(0);
  uint64_t target_ = step_of(0);
};

}  // namespace

struct DriftResampler::State {
  std::shared_ptr<const DriftPlan> plan;
  std::vector<Channel> channels;
};

DriftResampler::DriftResampler() = default;
DriftResampler::~DriftResampler() = default;

std::unique_ptr<DriftResampler> DriftResampler::create(uint32_t channels,
                                                       const KernelTable& table) noexcept {
  if (channels < 1 || channels > 2) return nullptr;
  try {
    std::unique_ptr<DriftResampler> resampler(new DriftResampler);
    resampler->state_ = std::make_unique<State>();
    State& state = *resampler->state_;
    state.plan = drift_plan();
    if (state.plan == nullptr) return nullptr;
    state.channels.reserve(channels);
    for (uint32_t i = 0; i < channels; ++i) state.channels.emplace_back(*state.plan, *table.audio);
    return resampler;
  } catch (...) {
    return nullptr;
  }
}

Result DriftResampler::set_drift(double ppm) noexcept {
  if (!(std::abs(ppm) <= kMaxPpm)) return {Errc::bad_option, 0};
  for (Channel& channel : state_->channels) channel.set_target(step_of(ppm));
  return {};
}

double DriftResampler::drift() const noexcept {
  return (2.0 * kUnit / static_cast<double>(state_->channels[0].step()) - 1.0) * 1e6;
}

DriftResampler::Instant DriftResampler::next_instant() const noexcept {
  return state_->channels[0].next_instant();
}

size_t DriftResampler::delay_frames() const noexcept {
  return state_->plan->upsample.tap_count / 2 + kDriftTaps / 4;
}

size_t DriftResampler::max_output_frames(size_t input_frames) const noexcept {
  const size_t frames = input_frames == 0 ? delay_frames() : input_frames;
  return frames + frames / 1000 + 2;
}

Result DriftResampler::process(std::span<const float> in, std::span<float> out) noexcept {
  const size_t channels = state_->channels.size();
  const size_t frames = in.size() / channels;
  if (out.size() < max_output_frames(frames) * channels) return {Errc::output_too_small, 0};
  size_t written = 0;
  for (size_t taken = 0; taken < frames;) {
    const size_t count = std::min(kBlock, frames - taken);
    size_t outputs = 0;
    for (size_t i = 0; i < channels; ++i) {
      outputs = state_->channels[i].run(in.data() + taken * channels + i, channels, count,
                                        out.data() + written * channels + i);
    }
    written += outputs;
    taken += count;
  }
  return {Errc::ok, written};
}

Result DriftResampler::flush(std::span<float> out) noexcept {
  const size_t channels = state_->channels.size();
  if (out.size() < max_output_frames(0) * channels) return {Errc::output_too_small, 0};
  size_t written = 0;
  for (size_t i = 0; i < channels; ++i)
    written = state_->channels[i].flush(channels, out.data() + i);
  return {Errc::ok, written};
}

}  // namespace facewire
