#include "facewire/resampler.h"

#include <algorithm>
#include <array>
#include <vector>

#include "stages.h"

namespace facewire {
namespace {

constexpr std::array<uint32_t, 10> kRates = {8000,  11025, 12000, 16000, 22050,
                                             24000, 32000, 44100, 48000, 96000};
// Input frames worked on at a time, on the stack, and the most output of them.
constexpr size_t kBlock = 1024;
constexpr size_t kBlockOutput = 4096;

bool supported(uint32_t rate) noexcept {
  return std::find(kRates.begin(), kRates.end(), rate) != kRates.end();
}

uint64_t divide_up(uint64_t a, uint64_t b) noexcept { return (a + b - 1) / b; }

// The stages of one channel.
struct Chain {
  std::optional<UpsampleStage> upsample;
  std::optional<FirStage> fir;

  size_t outputs_after(size_t count) const noexcept {
    if (upsample) count = upsample->outputs_after(count);
    return fir ? fir->outputs_after(count) : count;
  }

  // Converts `count` samples that `fill(float*)` provides.
  template <typename Fill>
  size_t run(size_t count, float* out, Fill&& fill) noexcept {
    std::array<float, kMaxFirTaps + kBlock + kUpsampleOverread> samples;
    if (!upsample) {
      fill(samples.data() + fir->kept());
      return fir->run(samples.data(), count, out);
    }
    fill(samples.data() + upsample->kept());
    if (!fir) return upsample->run(samples.data(), count, out);
    std::array<float, 2 * (kBlock + kMaxUpsampleTaps)> doubled;
    count = upsample->run(samples.data(), count, doubled.data() + fir->kept());
    return fir->run(doubled.data(), count, out);
  }

  size_t flush(float* out) noexcept {
    const auto silence = [](size_t count) {
      return [count](float* to) { std::fill_n(to, count, 0.0f); };
    };
    const size_t last = upsample ? upsample->delay() : fir->delay();
    size_t written = run(last, out, silence(last));
    if (upsample && fir) {
      std::array<float, 2 * kDriftTaps> samples;
      silence(fir->delay())(samples.data() + fir->kept());
      written += fir->run(samples.data(), fir->delay(), out + written);
    }
    return written;
  }
};

}  // namespace

struct Resampler::State {
  const AudioKernels* kernels = nullptr;
  ResamplerOptions options;
  std::shared_ptr<const FilterPlan> plan;  // Null when both rates are equal.
  std::vector<Chain> chains;               // One for every channel.
  uint64_t total_in = 0;
  uint64_t total_out = 0;
  size_t block = kBlock;

  void restart() noexcept {
    total_in = 0;
    total_out = 0;
    for (Chain& chain : chains) {
      if (chain.upsample) chain.upsample->restart();
      if (chain.fir) chain.fir->restart();
    }
  }

  void convert(const int16_t* in, size_t count, float* out) const noexcept {
    kernels->s16_to_f32(in, count, out);
  }
  void convert(const float* in, size_t count, float* out) const noexcept {
    std::memcpy(out, in, count * sizeof(float));
  }

  template <typename Sample>
  Result process(std::span<const Sample> in, std::span<float> out) noexcept {
    const size_t channels = options.channels;
    const size_t frames = in.size() / channels;
    const size_t due = plan == nullptr ? frames : chains[0].outputs_after(frames);
    if (out.size() < due * channels) return {Errc::output_too_small, 0};
    if (plan == nullptr) {
      convert(in.data(), frames * channels, out.data());
      return {Errc::ok, frames};
    }
    size_t written = 0;
    for (size_t taken = 0; taken < frames;) {
      const size_t count = std::min(block, frames - taken);
      const Sample* from = in.data() + taken * channels;
      float* to = out.data() + written * channels;
      if (channels == 1) {
        written += chains[0].run(count, to, [&](float* x) { convert(from, count, x); });
      } else {
        written += stereo(from, count, to);
      }
      taken += count;
    }
    total_in += frames;
    total_out += written;
    return {Errc::ok, written};
  }

  template <typename Sample>
  size_t stereo(const Sample* in, size_t count, float* out) noexcept {
    std::array<float, 2 * kBlock> both;
    std::array<float, kBlockOutput> one;
    convert(in, 2 * count, both.data());
    size_t written = 0;
    for (size_t channel = 0; channel < 2; ++channel) {
      written = chains[channel].run(count, one.data(), [&](float* x) {
        for (size_t i = 0; i < count; ++i) x[i] = both[2 * i + channel];
      });
      for (size_t i = 0; i < written; ++i) out[2 * i + channel] = one[i];
    }
    return written;
  }

  Result flush(std::span<float> out) noexcept {
    if (plan == nullptr) return {Errc::ok, 0};
    const size_t channels = options.channels;
    const uint64_t due = divide_up(total_in * options.output_rate, options.input_rate);
    if (out.size() < (due - total_out) * channels) return {Errc::output_too_small, 0};
    size_t written = 0;
    if (channels == 1) {
      written = chains[0].flush(out.data());
    } else {
      std::array<float, kBlockOutput> one;
      for (size_t channel = 0; channel < 2; ++channel) {
        written = chains[channel].flush(one.data());
        for (size_t i = 0; i < written; ++i) out[2 * i + channel] = one[i];
      }
    }
    restart();
    return {Errc::ok, written};
  }
};

bool Resampler::supports(uint32_t rate) noexcept { return supported(rate); }

Resampler::Resampler() = default;
Resampler::~Resampler() = default;

std::unique_ptr<Resampler> Resampler::create(const ResamplerOptions& options,
                                             const KernelTable& table) noexcept {
  if (!supported(options.input_rate) || !supported(options.output_rate)) return nullptr;
  if (options.channels < 1 || options.channels > 2) return nullptr;
  try {
    std::unique_ptr<Resampler> resampler(new Resampler);
    resampler->state_ = std::make_unique<State>();
    State& state = *resampler->state_;
    state.kernels = table.audio;
    state.options = options;
    if (options.input_rate == options.output_rate) return resampler;
    state.plan = filter_plan(options.input_rate, options.output_rate, options.quality);
    if (state.plan == nullptr || state.plan->fir.tap_count > kMaxFirTaps) return nullptr;
    state.block = std::min<size_t>(
        kBlock, (kBlockOutput - 64) * size_t{options.input_rate} / options.output_rate);
    state.chains.resize(options.channels);
    for (Chain& chain : state.chains) {
      if (state.plan->upsample.factor > 0)
        chain.upsample.emplace(state.plan->upsample, *state.kernels);
      if (state.plan->fir.taps != nullptr) chain.fir.emplace(state.plan->fir, *state.kernels);
    }
    return resampler;
  } catch (...) {
    return nullptr;
  }
}

size_t Resampler::delay_frames() const noexcept {
  const State& s = *state_;
  if (s.plan == nullptr) return 0;
  const Chain& chain = s.chains[0];
  if (!chain.upsample) return chain.fir->delay();
  return chain.upsample->delay() + (chain.fir ? chain.fir->delay() / s.plan->upsample.factor : 0);
}

size_t Resampler::max_output_frames(size_t input_frames) const noexcept {
  const State& s = *state_;
  if (s.plan == nullptr) return input_frames;
  const uint64_t frames = input_frames == 0 ? delay_frames() + 1 : input_frames;
  return static_cast<size_t>(divide_up(frames * s.options.output_rate, s.options.input_rate)) + 1;
}

size_t Resampler::latency_frames() const noexcept {
  const State& s = *state_;
  return static_cast<size_t>(
      divide_up(uint64_t{delay_frames()} * s.options.output_rate, s.options.input_rate));
}

uint32_t Resampler::input_rate() const noexcept { return state_->options.input_rate; }
uint32_t Resampler::output_rate() const noexcept { return state_->options.output_rate; }

size_t Resampler::memory_bytes() const noexcept {
  size_t bytes = sizeof(*this) + sizeof(State) + state_->chains.size() * sizeof(Chain);
  for (const Chain& chain : state_->chains) {
    if (chain.upsample) bytes += chain.upsample->memory_bytes();
    if (chain.fir) bytes += chain.fir->memory_bytes();
  }
  return bytes;
}

Result Resampler::process(std::span<const int16_t> in, std::span<float> out) noexcept {
  return state_->process(in, out);
}

Result Resampler::process(std::span<const float> in, std::span<float> out) noexcept {
  return state_->process(in, out);
}

Result Resampler::flush(std::span<float> out) noexcept { return state_->flush(out); }

void Resampler::reset() noexcept { state_->restart(); }

}  // namespace facewire
