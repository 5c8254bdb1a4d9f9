// The resampler over all pairs of rates: length, chunking, tables, quality.
#include "facewire/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "check.h"
#include "count_allocations.h"
#include "tones.h"

using facewire::Errc;
using facewire::KernelTable;
using facewire::Resampler;
using facewire::ResamplerQuality;
using facewire::Result;

namespace {

constexpr uint32_t kRates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000};

std::string pair_name(uint32_t in, uint32_t out) {
  return std::to_string(in) + " -> " + std::to_string(out);
}

template <typename Body>
void for_each_pair(Body&& body) {
  for (const uint32_t in : kRates) {
    for (const uint32_t out : kRates) {
      check::context() = pair_name(in, out);
      body(in, out);
    }
  }
  check::context().clear();
}

std::vector<int16_t> noise(size_t count) {
  std::uniform_int_distribution<int> value(-32768, 32767);
  std::vector<int16_t> samples(count);
  for (int16_t& x : samples) x = static_cast<int16_t>(value(check::random()));
  return samples;
}

// Feeds `in` in pieces of at most `largest` samples (0: all at once) and flushes.
// For two channels `largest` must be 0.
template <typename Sample>
std::vector<float> run(Resampler& resampler, const std::vector<Sample>& samples, size_t largest,
                       size_t channels = 1) {
  const std::span<const Sample> in(samples);
  std::vector<float> all;
  std::vector<float> out;
  const auto take = [&](Result result) {
    CHECK(result.error == Errc::ok);
    all.insert(all.end(), out.begin(),
               out.begin() + static_cast<std::ptrdiff_t>(result.count * channels));
  };
  for (size_t at = 0; at < in.size();) {
    size_t count = in.size() - at;
    if (largest > 0) {
      std::uniform_int_distribution<size_t> size(0, largest);
      count = std::min(count, size(check::random()));
    }
    out.assign(resampler.max_output_frames(count / channels) * channels, -9.0f);
    take(resampler.process(in.subspan(at, count), out));
    at += count;
  }
  out.assign(resampler.max_output_frames(0) * channels, -9.0f);
  take(resampler.flush(out));
  return all;
}

size_t expected_length(size_t count, uint32_t in, uint32_t out) {
  return static_cast<size_t>((uint64_t{count} * out + in - 1) / in);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

std::vector<float> response_to_tone(uint32_t in_rate, uint32_t out_rate, double frequency,
                                    ResamplerQuality quality = ResamplerQuality::standard) {
  const auto resampler = Resampler::create(
      {.input_rate = in_rate, .output_rate = out_rate, .channels = 1, .quality = quality});
  return run(*resampler, tones::sine(in_rate, frequency, in_rate / 10), 0);
}

}  // namespace

TEST(refuses_other_rates) {
  for (const uint32_t rate : {0u, 1u, 7999u, 8001u, 192000u, 4294967295u}) {
    CHECK(Resampler::create(rate, 48000) == nullptr);
    CHECK(Resampler::create(24000, rate) == nullptr);
  }
}

TEST(gives_the_exact_length_for_every_pair) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    if (!CHECK(resampler != nullptr)) return;
    for (const size_t n : {0u, 1u, 2u, 7u, 100u, 441u, 1000u}) {
      CHECK_EQUAL(run(*resampler, noise(n), 64).size(), expected_length(n, in, out));
    }
  });
}

TEST(any_chunking_gives_the_same_bits) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples = noise(3000);
    const std::vector<float> whole = run(*resampler, samples, 0);
    for (const size_t largest : {1u, 3u, 50u, 700u, 1500u}) {
      CHECK(same_bits(run(*resampler, samples, largest), whole));
    }
  });
}

TEST(every_table_agrees_within_the_tolerance) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const std::vector<int16_t> samples = noise(2000);
    const auto reference = Resampler::create(in, out, *facewire::find_kernels("scalar"));
    const std::vector<float> expected = run(*reference, samples, 0);
    for (const KernelTable* table : facewire::available_kernels()) {
      const auto resampler = Resampler::create(in, out, *table);
      const std::vector<float> got = run(*resampler, samples, 333);
      if (!CHECK_EQUAL(got.size(), expected.size())) return;
      // The magnitudes of a row of a sinc sum up to less than 5.
      for (size_t i = 0; i < got.size(); ++i) {
        if (!CHECK(std::abs(got[i] - expected[i]) <= 5 * facewire::kFilterTolerance)) return;
      }
    }
  });
}

TEST(reset_and_flush_start_afresh) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples = noise(500);
    const std::vector<float> first = run(*resampler, samples, 0);
    CHECK(same_bits(run(*resampler, samples, 0), first));
    std::vector<float> scratch(resampler->max_output_frames(300));
    CHECK(resampler->process(std::span(samples).first(300), scratch));
    resampler->reset();
    CHECK(same_bits(run(*resampler, samples, 0), first));
  });
}

TEST(too_small_an_output_takes_nothing) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples = noise(2000);
    const std::vector<float> expected = run(*resampler, samples, 0);
    std::vector<float> all(expected.size() + 8);
    CHECK(resampler->process(samples, std::span(all).first(10)).error == Errc::output_too_small);
    const Result body = resampler->process(samples, all);
    if (!CHECK(body.error == Errc::ok)) return;
    if (in != out) {
      CHECK(resampler->flush(std::span(all).last(0)).error == Errc::output_too_small);
    }
    const Result tail = resampler->flush(std::span(all).subspan(body.count));
    CHECK(tail.error == Errc::ok);
    all.resize(body.count + tail.count);
    CHECK(same_bits(all, expected));
  });
}

// latency_frames() is what is held back, and max_output_frames() is never exceeded.
TEST(latency_and_bounds_are_true) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples = noise(4000);
    std::vector<float> scratch(30000);
    size_t written = 0;
    for (size_t fed = 0; fed < samples.size(); ++fed) {
      const Result result = resampler->process(std::span(samples).subspan(fed, 1), scratch);
      if (!CHECK(result.count <= resampler->max_output_frames(1))) return;
      written += result.count;
      const size_t due = expected_length(fed + 1, in, out);
      if (!CHECK(due - written <= resampler->latency_frames() + 1)) return;
    }
    const Result tail = resampler->flush(scratch);
    CHECK(tail.count <= resampler->max_output_frames(0));
    CHECK_EQUAL(written + tail.count, expected_length(samples.size(), in, out));
  });
}

// Everything that is not the tone (images, aliases, noise) below the limit,
// gain within 0.001 dB, and the tone where it belongs on the time line.
void check_tones(ResamplerQuality quality, double limit) {
  double worst_rest = -400;
  double worst_gain = 0;
  for_each_pair([&](uint32_t in, uint32_t out) {
    const double low = std::min(in, out);
    for (const double part : {0.002, 0.05, 0.113, 0.2, 0.287, 0.35, 0.391, 0.42, 0.437, 0.45}) {
      const double frequency = part * low;
      const std::vector<float> y = response_to_tone(in, out, frequency, quality);
      // The ends ring, because the tone begins and stops at once there.
      const size_t margin = y.size() / 5;
      const double omega = 2 * std::numbers::pi * frequency / out;
      const tones::Fit fit =
          tones::fit(std::span(y).subspan(margin, y.size() - 2 * margin),
                     [&](size_t i) { return omega * static_cast<double>(margin + i); });
      const double rest = tones::rest_db(fit);
      const double gain = 20 * std::log10(fit.gain / 0.5);
      check::context() = pair_name(in, out) + " at " + std::to_string(part) + ": rest " +
                         std::to_string(rest) + " dB, gain " + std::to_string(gain) + " dB";
      CHECK(rest <= limit);
      CHECK(std::abs(gain) <= 0.001);
      CHECK(std::abs(fit.phase) < 1e-4);
      worst_rest = std::max(worst_rest, rest);
      worst_gain = std::max(worst_gain, std::abs(gain));
    }
  });
  std::printf("       worst rest %.1f dB, worst gain error %.5f dB\n", worst_rest, worst_gain);
}

TEST(tones_come_through_clean_for_every_pair) { check_tones(ResamplerQuality::standard, -100); }

TEST(tones_come_through_cleaner_in_archive_grade) { check_tones(ResamplerQuality::archive, -128); }

TEST(stereo_is_two_times_mono) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const std::vector<int16_t> left = noise(5000);
    const std::vector<int16_t> right = noise(5000);
    std::vector<int16_t> both;
    for (size_t i = 0; i < left.size(); ++i) {
      both.push_back(left[i]);
      both.push_back(right[i]);
    }
    const auto stereo = Resampler::create({.input_rate = in, .output_rate = out, .channels = 2});
    const std::vector<float> got = run(*stereo, both, 0, 2);
    const auto mono = Resampler::create(in, out);
    const std::vector<float> first = run(*mono, left, 0);
    const std::vector<float> second = run(*mono, right, 0);
    if (!CHECK_EQUAL(got.size(), 2 * first.size())) return;
    for (size_t i = 0; i < first.size(); ++i) {
      if (!CHECK(got[2 * i] == first[i] && got[2 * i + 1] == second[i])) return;
    }
  });
}

TEST(an_impulse_comes_out_at_its_place) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    std::vector<int16_t> samples(2000);
    samples[1000] = 16384;
    const std::vector<float> y = run(*resampler, samples, 0);
    const auto peak = std::max_element(y.begin(), y.end()) - y.begin();
    CHECK(std::abs(static_cast<double>(peak) * in - 1000.0 * out) <= std::max(in, out) / 2.0);
    // Linear phase: what was put in at 1000 comes out when delay_frames() more are known.
    std::vector<float> scratch(resampler->max_output_frames(1000) + 64);
    const Result before = resampler->process(std::span(samples).first(1000), scratch);
    const double newest = static_cast<double>(before.count) * in / out;
    const double one_output = static_cast<double>(in) / out;
    CHECK(std::abs(newest - (1000.0 - static_cast<double>(resampler->delay_frames()))) <=
          1 + one_output);
  });
}

// A converter is light: a server holds one for every rate of every session.
TEST(a_converter_takes_less_than_two_kilobytes) {
  size_t most = 0;
  for_each_pair([&](uint32_t in, uint32_t out) {
    if (in > out && in > 2 * out) return;  // Long filters need long memories.
    const auto resampler = Resampler::create(in, out);
    CHECK(resampler->memory_bytes() <= 2048);
    most = std::max(most, resampler->memory_bytes());
  });
  std::printf("       at most %zu bytes, 24 -> 48 kHz %zu\n", most,
              Resampler::create(24000, 48000)->memory_bytes());
}

// A tone above the lower half rate must not come back as another one.
TEST(tones_out_of_band_vanish) {
  double worst = -400;
  for_each_pair([&](uint32_t in, uint32_t out) {
    if (out >= in) return;
    for (const double part : {0.55, 0.6, 0.75, 1.1}) {
      const double frequency = part * out;
      if (frequency > 0.495 * in) continue;
      const std::vector<float> y = response_to_tone(in, out, frequency);
      const size_t margin = y.size() / 5;
      double sum = 0;
      for (size_t i = margin; i < y.size() - margin; ++i) sum += double{y[i]} * double{y[i]};
      const double rms = std::sqrt(sum / static_cast<double>(y.size() - 2 * margin));
      const double level = 20 * std::log10(std::max(rms, 1e-12) * std::numbers::sqrt2 / 0.5);
      check::context() =
          pair_name(in, out) + " at " + std::to_string(part) + ": " + std::to_string(level) + " dB";
      CHECK(level <= -100.0);
      worst = std::max(worst, level);
    }
  });
  std::printf("       worst %.1f dB\n", worst);
}

TEST(a_constant_stays_constant) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples(4000, 16384);
    const std::vector<float> y = run(*resampler, samples, 0);
    const size_t margin = y.size() / 4;
    for (size_t i = margin; i < y.size() - margin; ++i) {
      if (!CHECK(std::abs(y[i] - 0.5f) < 1e-5f))
        return;  // The stop band, not a design for constants.
    }
  });
}

TEST(process_allocates_nothing) {
  for_each_pair([](uint32_t in, uint32_t out) {
    const auto resampler = Resampler::create(in, out);
    const std::vector<int16_t> samples = noise(5000);
    std::vector<float> scratch(resampler->max_output_frames(samples.size()));
    const size_t before = check::allocations;
    CHECK(resampler->process(samples, scratch));
    CHECK(resampler->flush(scratch));
    resampler->reset();
    CHECK_EQUAL(check::allocations - before, 0u);
  });
}
