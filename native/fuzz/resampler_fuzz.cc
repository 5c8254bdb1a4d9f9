// Any pair of rates, any chunking: exact length, the same bits as in one piece
// and as the scalar table, nothing outside [-6, 6]. Input: two rates, then pairs of (chunk size,
// sample seed).
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "facewire/resampler.h"

namespace {

constexpr uint32_t kRates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};

void require(bool condition) {
  if (!condition) std::abort();
}

void append(std::vector<float>& all, const std::vector<float>& out, facewire::Result result) {
  require(static_cast<bool>(result) && result.count <= out.size());
  all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(result.count));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 64) return 0;
  const uint32_t in_rate = kRates[data[0] % 9];
  const uint32_t out_rate = kRates[data[1] % 9];
  const auto one = facewire::Resampler::create(in_rate, out_rate);
  const auto whole =
      facewire::Resampler::create(in_rate, out_rate, *facewire::find_kernels("scalar"));
  require(one != nullptr && whole != nullptr);

  std::vector<int16_t> samples;
  std::vector<float> pieces;
  for (size_t at = 2; at + 1 < size; at += 2) {
    const size_t count = size_t{data[at]} * 5;
    uint32_t state = data[at + 1] * 2654435761u + 1;
    std::vector<int16_t> chunk(count);
    for (int16_t& x : chunk) {
      state = state * 1664525u + 1013904223u;
      x = static_cast<int16_t>(state >> 16);
    }
    samples.insert(samples.end(), chunk.begin(), chunk.end());
    std::vector<float> out(one->max_output_frames(count));
    append(pieces, out, one->process(chunk, out));
  }
  std::vector<float> tail(one->max_output_frames(0));
  append(pieces, tail, one->flush(tail));

  std::vector<float> reference;
  std::vector<float> out(whole->max_output_frames(samples.size()));
  append(reference, out, whole->process(samples, out));
  append(reference, tail, whole->flush(tail));

  require(pieces.size() == (uint64_t{samples.size()} * out_rate + in_rate - 1) / in_rate);
  require(pieces.size() == reference.size());
  require(pieces.empty() ||
          std::memcmp(pieces.data(), reference.data(), pieces.size() * sizeof(float)) == 0);
  // Noise of full scale overshoots (2.02 was seen); the magnitudes of 432 taps of a sinc sum up to
  // less than 5.
  for (const float x : pieces) require(std::abs(x) <= 6.0f);
  return 0;
}
