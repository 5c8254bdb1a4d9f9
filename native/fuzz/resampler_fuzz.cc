// Any pair of rates, one or two channels, both grades, any chunking: exact length, the same bits as
// in one piece, close to the scalar table, nothing outside [-6, 6]. Input: two rates and the kind,
// then pairs of (chunk size, sample seed).
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "facewire/resampler.h"

namespace {

constexpr uint32_t kRates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000};

void require(bool condition) {
  if (!condition) std::abort();
}

void append(std::vector<float>& all, const std::vector<float>& out, facewire::Result result,
            size_t channels) {
  require(static_cast<bool>(result) && result.count * channels <= out.size());
  all.insert(all.end(), out.begin(),
             out.begin() + static_cast<std::ptrdiff_t>(result.count * channels));
}

std::vector<float> in_one_piece(const facewire::ResamplerOptions& options, const char* table,
                                const std::vector<int16_t>& samples) {
  const auto resampler = facewire::Resampler::create(options, *facewire::find_kernels(table));
  require(resampler != nullptr);
  std::vector<float> all;
  std::vector<float> out(resampler->max_output_frames(samples.size() / options.channels) *
                         options.channels);
  append(all, out, resampler->process(samples, out), options.channels);
  out.resize(resampler->max_output_frames(0) * options.channels);
  append(all, out, resampler->flush(out), options.channels);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3 || size > 64) return 0;
  const facewire::ResamplerOptions options = {
      .input_rate = kRates[data[0] % 10],
      .output_rate = kRates[data[1] % 10],
      .channels = 1u + (data[2] & 1u),
      .quality = (data[2] & 2) != 0 ? facewire::ResamplerQuality::archive
                                    : facewire::ResamplerQuality::standard};
  const size_t channels = options.channels;
  const auto one = facewire::Resampler::create(options);
  require(one != nullptr);

  std::vector<int16_t> samples;
  std::vector<float> pieces;
  for (size_t at = 3; at + 1 < size; at += 2) {
    const size_t frames = size_t{data[at]} * 5;
    uint32_t state = data[at + 1] * 2654435761u + 1;
    std::vector<int16_t> chunk(frames * channels);
    for (int16_t& x : chunk) {
      state = state * 1664525u + 1013904223u;
      x = static_cast<int16_t>(state >> 16);
    }
    samples.insert(samples.end(), chunk.begin(), chunk.end());
    std::vector<float> out(one->max_output_frames(frames) * channels);
    append(pieces, out, one->process(chunk, out), channels);
  }
  std::vector<float> tail(one->max_output_frames(0) * channels);
  append(pieces, tail, one->flush(tail), channels);

  const uint64_t frames = samples.size() / channels;
  const uint64_t due = (frames * options.output_rate + options.input_rate - 1) / options.input_rate;
  require(pieces.size() == due * channels);
  const std::vector<float> whole = in_one_piece(options, facewire::kernels().name, samples);
  require(pieces.size() == whole.size());
  require(pieces.empty() ||
          std::memcmp(pieces.data(), whole.data(), pieces.size() * sizeof(float)) == 0);
  const std::vector<float> reference = in_one_piece(options, "scalar", samples);
  // Noise of full scale overshoots (2.02 was seen); the magnitudes of a row of a sinc sum up to
  // less than 6.
  for (size_t i = 0; i < pieces.size(); ++i) {
    require(std::abs(pieces[i]) <= 6.0f);
    require(std::abs(pieces[i] - reference[i]) <= 6 * facewire::kFilterTolerance);
  }
  return 0;
}
