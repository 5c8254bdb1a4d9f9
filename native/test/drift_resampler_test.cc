// The converter for clocks that drift: time kept exactly, no click, any split the same.
#include "facewire/drift_resampler.h"

#include <algorithm>

#include "check.h"
#include "count_allocations.h"
#include "tones.h"

using facewire::DriftResampler;
using facewire::Errc;
using facewire::Result;

namespace {

constexpr uint32_t kRate = 48000;

// The output with the instant of every frame, in input frames.
struct Output {
  std::vector<float> samples;
  std::vector<double> instants;
};

double seconds_of(DriftResampler::Instant at) {
  return static_cast<double>(at.frame) + static_cast<double>(at.fraction) / 8589934592.0;
}

// Feeds `in` in pieces and asks for drift(i) ppm before piece i.
template <typename Drift>
Output run(DriftResampler& resampler, std::span<const float> in, size_t piece, size_t channels,
           Drift&& drift) {
  Output all;
  std::vector<float> out(resampler.max_output_frames(std::max<size_t>(piece, 64)) * channels);
  size_t index = 0;
  for (size_t at = 0; at < in.size() / channels; at += piece) {
    CHECK(resampler.set_drift(drift(index++)));
    const size_t count = std::min(piece, in.size() / channels - at);
    const Result result = resampler.process(in.subspan(at * channels, count * channels), out);
    CHECK(result.error == Errc::ok);
    CHECK(result.count <= resampler.max_output_frames(count));
    all.samples.insert(all.samples.end(), out.begin(),
                       out.begin() + static_cast<std::ptrdiff_t>(result.count * channels));
  }
  const Result rest = resampler.flush(out);
  CHECK(rest.count <= resampler.max_output_frames(0));
  all.samples.insert(all.samples.end(), out.begin(),
                     out.begin() + static_cast<std::ptrdiff_t>(rest.count * channels));
  return all;
}

}  // namespace

TEST(refuses_what_it_cannot_do) {
  CHECK(DriftResampler::create(0) == nullptr);
  CHECK(DriftResampler::create(3) == nullptr);
  const auto resampler = DriftResampler::create(1);
  CHECK(resampler->set_drift(501).error == Errc::bad_option);
  CHECK(resampler->set_drift(std::nan("")).error == Errc::bad_option);
  std::vector<float> in(100);
  std::vector<float> out(50);
  CHECK(resampler->process(in, out).error == Errc::output_too_small);
}

// Without drift nothing is lost, added or moved.
TEST(without_drift_the_stream_stays_itself) {
  const auto resampler = DriftResampler::create(1);
  const std::vector<float> in = tones::sine(kRate, 1000, 5000);
  const Output got = run(*resampler, in, 480, 1, [](size_t) { return 0.0; });
  if (!CHECK_EQUAL(got.samples.size(), in.size())) return;
  for (size_t i = 100; i + 100 < in.size(); ++i) {
    if (!CHECK(std::abs(got.samples[i] - in[i]) < 1e-6f)) return;
  }
}

// The number of frames follows the ratio exactly, for hours.
TEST(counts_come_out_as_the_ratio_says) {
  for (const double ppm : {-500.0, -37.5, 12.0, 300.0, 500.0}) {
    const auto resampler = DriftResampler::create(1);
    CHECK(resampler->set_drift(ppm));
    const std::vector<float> in(kRate);
    std::vector<float> out(resampler->max_output_frames(in.size()));
    uint64_t written = 0;
    constexpr uint64_t kSeconds = 120;
    for (uint64_t second = 0; second < kSeconds; ++second) {
      const Result result = resampler->process(in, out);
      if (!CHECK(result.error == Errc::ok)) return;
      written += result.count;
    }
    const double expected = static_cast<double>(kSeconds * kRate) * (1 + ppm * 1e-6);
    // The ratio takes 0.2 s at most to get there, and the filter holds 36 frames back.
    const double ramp = std::abs(ppm) * 1e-6 * 0.2 * kRate;
    CHECK(std::abs(static_cast<double>(written) + 36 - expected) <= ramp + 2);
    const double instant = seconds_of(resampler->next_instant());
    CHECK(std::abs(instant - (static_cast<double>(written) / (1 + ppm * 1e-6))) <= ramp + 1);
    CHECK(std::abs(resampler->drift() - ppm) < 0.001);
  }
}

// Against a tone at the very instants that it reports, while the ratio swings
// from one end to the other: nothing else above -100 dB, and no click above -100 dBFS anywhere.
TEST(tones_stay_clean_while_the_ratio_moves) {
  double worst = -400;
  double loudest = 0;
  for (const double part : {0.002, 0.02, 0.1, 0.2, 0.3, 0.4, 0.437, 0.45}) {
    const auto resampler = DriftResampler::create(1);
    const double frequency = part * kRate;
    const std::vector<float> in = tones::sine(kRate, frequency, 2 * kRate);
    std::vector<float> samples;
    std::vector<double> instants;
    std::vector<float> out(resampler->max_output_frames(1));
    for (size_t i = 0; i < in.size(); ++i) {
      if (i % 12000 == 0) CHECK(resampler->set_drift(i / 12000 % 2 == 0 ? 500 : -500));
      const double instant = seconds_of(resampler->next_instant());
      const Result result = resampler->process(std::span(in).subspan(i, 1), out);
      for (size_t k = 0; k < result.count; ++k) {
        samples.push_back(out[k]);
        // At most the first of two needs no step; the second is rare and is left out.
        instants.push_back(k == 0 ? instant : -1);
      }
    }
    std::vector<float> some;
    std::vector<double> at;
    for (size_t i = 500; i < samples.size(); ++i) {
      if (instants[i] < 0) continue;
      some.push_back(samples[i]);
      at.push_back(2 * std::numbers::pi * part * instants[i]);
    }
    const tones::Fit fit = tones::fit(some, [&](size_t i) { return at[i]; });
    check::context() = std::to_string(part) + ": " + std::to_string(tones::rest_db(fit));
    CHECK(tones::rest_db(fit) <= -100.0);
    CHECK(std::abs(20 * std::log10(fit.gain / 0.5)) < 0.001);
    CHECK(std::abs(fit.phase) < 1e-4);
    for (size_t i = 0; i < some.size(); ++i) {
      const double rest = std::abs(static_cast<double>(some[i]) - 0.5 * std::sin(at[i]));
      loudest = std::max(loudest, rest);
    }
    worst = std::max(worst, tones::rest_db(fit));
  }
  check::context().clear();
  CHECK(20 * std::log10(loudest) <= -100.0);
  std::printf("       worst rest %.1f dB, loudest deviation %.1f dBFS\n", worst,
              20 * std::log10(loudest));
}

// For one ratio; a change takes effect at a multiple of kSlewFrames after it was asked for.
TEST(any_chunking_gives_the_same_bits_on_two_channels) {
  const auto resampler = DriftResampler::create(2);
  std::vector<float> in;
  std::uniform_real_distribution<float> value(-1, 1);
  for (int i = 0; i < 20000; ++i) in.push_back(value(check::random()));
  const auto drift = [](size_t) { return 250.0; };
  const Output whole = run(*resampler, in, 10000, 2, drift);
  for (const size_t piece : {1u, 7u, 480u, 513u, 1024u}) {
    const auto other = DriftResampler::create(2);
    const Output got = run(*other, in, piece, 2, drift);
    CHECK(got.samples == whole.samples);
  }
  const auto mono = DriftResampler::create(1);
  std::vector<float> right;
  for (size_t i = 1; i < in.size(); i += 2) right.push_back(in[i]);
  const Output one = run(*mono, right, 480, 1, drift);
  if (!CHECK_EQUAL(one.samples.size() * 2, whole.samples.size())) return;
  for (size_t i = 0; i < one.samples.size(); ++i) {
    if (!CHECK(one.samples[i] == whole.samples[2 * i + 1])) return;
  }
}

TEST(process_allocates_nothing) {
  const auto resampler = DriftResampler::create(2);
  std::vector<float> in(2000);
  std::vector<float> out(2 * resampler->max_output_frames(1000));
  const size_t before = check::allocations;
  CHECK(resampler->process(in, out));
  CHECK(resampler->set_drift(100));
  CHECK(resampler->process(in, out));
  CHECK(resampler->flush(out));
  CHECK_EQUAL(check::allocations - before, 0u);
}
