// 10^9 samples in pieces of every size: none lost, none added, every impulse at its place.
// Labelled soak: seconds on the machine itself, too long under an emulator or a sanitizer.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "check.h"
#include "facewire/resampler.h"

using facewire::Resampler;
using facewire::Result;

namespace {

// Impulses at every multiple of the spacing, a prime, so that they meet every place in a block.
constexpr uint64_t kSpacing = 10'007;
constexpr int16_t kHeight = 16384;

// The outputs around each impulse, found while they stream by.
void check_stream(uint32_t in_rate, uint32_t out_rate, uint64_t count) {
  const auto resampler = Resampler::create(in_rate, out_rate);
  check::context() = std::to_string(in_rate) + " -> " + std::to_string(out_rate);
  std::vector<int16_t> in(4096);
  std::vector<float> out(resampler->max_output_frames(in.size()) + 1024);
  std::uniform_int_distribution<size_t> piece(1, in.size());
  uint64_t fed = 0;
  uint64_t written = 0;
  uint64_t seen = 0;
  float height = 0;
  bool good = true;
  const auto look = [&](size_t outputs) {
    // Input place p is output place p * out / in; only such as fall on a whole one are looked at.
    const uint64_t first_place = (written * in_rate + out_rate - 1) / out_rate;
    for (uint64_t p = (first_place + kSpacing - 1) / kSpacing * kSpacing;; p += kSpacing) {
      // What would ring before the very first sample is cut off.
      if (p == 0 || p * out_rate % in_rate != 0) continue;
      const uint64_t at = p * out_rate / in_rate;
      if (at >= written + outputs) break;
      if (p >= count) break;
      // All impulses look like the first one, and nothing next to them does.
      if (seen++ == 0) height = out[at - written];
      good = good && std::abs(out[at - written] - height) < 1e-5f;
    }
    written += outputs;
  };
  while (fed < count) {
    const size_t size =
        static_cast<size_t>(std::min<uint64_t>(piece(check::random()), count - fed));
    std::fill_n(in.begin(), size, int16_t{0});
    for (uint64_t p = (fed + kSpacing - 1) / kSpacing * kSpacing; p < fed + size; p += kSpacing)
      in[p - fed] = kHeight;
    const Result result = resampler->process(std::span(in).first(size), out);
    if (!CHECK(result.error == facewire::Errc::ok)) return;
    look(result.count);
    fed += size;
  }
  const Result rest = resampler->flush(out);
  look(rest.count);
  CHECK(good);
  CHECK(height > 0.4f && height < 0.6f);
  CHECK_EQUAL(written, (count * out_rate + in_rate - 1) / in_rate);
  const uint64_t period = in_rate / std::gcd(in_rate, out_rate);
  CHECK_EQUAL(seen, (count - 1) / (kSpacing * period));
  check::context().clear();
}

}  // namespace

TEST(a_thousand_million_samples_keep_their_places) { check_stream(24000, 48000, 1'000'000'000); }

TEST(a_hundred_million_samples_keep_their_places_at_a_crooked_ratio) {
  check_stream(24000, 44100, 100'000'000);
  check_stream(48000, 44100, 20'000'000);
}
