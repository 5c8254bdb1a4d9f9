#include "facewire/resampler.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "filter_bank.h"

namespace facewire {
namespace {

constexpr std::array<uint32_t, 9> kRates = {8000,  11025, 12000, 16000, 22050,
                                            24000, 32000, 44100, 48000};
// Input samples converted and filtered at a time, on the stack.
constexpr size_t kBlock = 512;
// The longest filter: 48000 to 8000 Hz.
constexpr size_t kMaxTaps = 432;

bool supported(uint32_t rate) noexcept {
  return std::find(kRates.begin(), kRates.end(), rate) != kRates.end();
}

uint64_t divide_up(uint64_t a, uint64_t b) noexcept { return (a + b - 1) / b; }

}  // namespace

struct Resampler::State {
  const KernelTable* table = nullptr;
  std::shared_ptr<const FilterBank> bank;  // Null when both rates are equal.
  uint32_t input_rate = 0;
  uint32_t output_rate = 0;
  uint64_t total_in = 0;
  uint64_t total_out = 0;
  uint32_t phase = 0;
  // Input samples kept from before, oldest first. The next output reads from
  // history[0] on; `skip` > 0 when it begins that many samples past the history.
  size_t kept = 0;
  size_t skip = 0;
  std::array<float, kMaxTaps> history;

  const FirBank& fir() const noexcept { return bank->view; }

  void restart() noexcept {
    total_in = 0;
    total_out = 0;
    phase = 0;
    skip = 0;
    kept = 0;
    if (bank == nullptr) return;
    // Silence before the first sample, so that output 0 is centred on input 0.
    kept = fir().tap_count / 2 - 1;
    std::fill_n(history.begin(), kept, 0.0f);
  }

  // Outputs whose filter lies within `available` samples from history[0] on.
  size_t outputs_within(size_t available) const noexcept {
    const size_t taps = fir().tap_count;
    if (available < skip + taps) return 0;
    const uint64_t last_start = available - skip - taps;
    // Output k starts at floor((phase + k * step) / phases).
    return static_cast<size_t>(divide_up((last_start + 1) * fir().phases - phase, fir().step));
  }

  // Filters history + `count` new samples at `samples + kept`, and keeps what
  // later outputs need, which is always less than one filter length.
  size_t filter(float* samples, size_t count, float* out) noexcept {
    const size_t available = kept + count;
    const size_t outputs = outputs_within(available);
    if (outputs > 0) table->audio->fir(samples + skip, &fir(), phase, outputs, out);
    const uint64_t moved = phase + uint64_t{outputs} * fir().step;
    phase = static_cast<uint32_t>(moved % fir().phases);
    const size_t start = skip + static_cast<size_t>(moved / fir().phases);
    const size_t gone = std::min(start, available);
    skip = start - gone;
    kept = available - gone;
    std::memcpy(history.data(), samples + gone, kept * sizeof(float));
    return outputs;
  }
};

Resampler::Resampler() = default;
Resampler::~Resampler() = default;

std::unique_ptr<Resampler> Resampler::create(uint32_t input_rate, uint32_t output_rate,
                                             const KernelTable& table) {
  if (!supported(input_rate) || !supported(output_rate)) return nullptr;
  std::unique_ptr<Resampler> resampler(new (std::nothrow) Resampler);
  if (resampler == nullptr) return nullptr;
  resampler->state_.reset(new (std::nothrow) State);
  if (resampler->state_ == nullptr) return nullptr;
  State& state = *resampler->state_;
  state.table = &table;
  state.input_rate = input_rate;
  state.output_rate = output_rate;
  if (input_rate != output_rate) {
    state.bank = filter_bank(input_rate, output_rate);
    if (state.bank == nullptr || state.bank->view.tap_count > kMaxTaps) return nullptr;
  }
  state.restart();
  return resampler;
}

size_t Resampler::max_output_frames(size_t input_frames) const noexcept {
  const State& s = *state_;
  if (s.bank == nullptr) return input_frames;
  const uint64_t frames = input_frames == 0 ? s.fir().tap_count / 2 + 1 : input_frames;
  return static_cast<size_t>(divide_up(frames * s.fir().phases, s.fir().step)) + 1;
}

size_t Resampler::latency_frames() const noexcept {
  const State& s = *state_;
  if (s.bank == nullptr) return 0;
  return static_cast<size_t>(
      divide_up(uint64_t{s.fir().tap_count / 2} * s.fir().phases, s.fir().step));
}

uint32_t Resampler::input_rate() const noexcept { return state_->input_rate; }
uint32_t Resampler::output_rate() const noexcept { return state_->output_rate; }

Result Resampler::process(std::span<const int16_t> in, std::span<float> out) noexcept {
  State& s = *state_;
  if (s.bank == nullptr) {
    if (out.size() < in.size()) return {Errc::output_too_small, 0};
    s.table->audio->s16_to_f32(in.data(), in.size(), out.data());
    return {Errc::ok, in.size()};
  }
  if (out.size() < s.outputs_within(s.kept + in.size())) return {Errc::output_too_small, 0};

  std::array<float, kMaxTaps + kBlock> samples;
  size_t written = 0;
  size_t taken = 0;
  while (taken < in.size()) {
    const size_t count = std::min(kBlock, in.size() - taken);
    std::memcpy(samples.data(), s.history.data(), s.kept * sizeof(float));
    s.table->audio->s16_to_f32(in.data() + taken, count, samples.data() + s.kept);
    written += s.filter(samples.data(), count, out.data() + written);
    taken += count;
  }
  s.total_in += in.size();
  s.total_out += written;
  return {Errc::ok, written};
}

Result Resampler::flush(std::span<float> out) noexcept {
  State& s = *state_;
  if (s.bank == nullptr) return {Errc::ok, 0};
  const uint64_t due = divide_up(s.total_in * s.fir().phases, s.fir().step);
  const size_t remaining = static_cast<size_t>(due - s.total_out);
  if (out.size() < remaining) return {Errc::output_too_small, 0};

  // Half a filter of silence moves the centre of the filter just past the last input.
  const size_t silence = s.fir().tap_count / 2;
  std::array<float, 2 * kMaxTaps> samples;
  std::memcpy(samples.data(), s.history.data(), s.kept * sizeof(float));
  std::fill_n(samples.begin() + static_cast<std::ptrdiff_t>(s.kept), silence, 0.0f);
  const size_t written = s.filter(samples.data(), silence, out.data());
  s.restart();
  return {Errc::ok, written};
}

void Resampler::reset() noexcept { state_->restart(); }

}  // namespace facewire
