#include "resamplers.h"

#include <algorithm>
#include <charconv>
#include <utility>

#ifdef RIVALS_SOXR
#include <soxr.h>
#endif
#ifdef RIVALS_SPEEXDSP
#include <speex/speex_resampler.h>
#endif

namespace rivals {
namespace {

#ifdef RIVALS_SOXR
class Soxr final : public Resampler {
 public:
  static std::unique_ptr<Resampler> create(std::string_view setting, uint32_t input_rate,
                                           uint32_t output_rate, bool floats) {
    unsigned long recipe = 0;
    if (setting == "LQ") {
      recipe = SOXR_LQ;
    } else if (setting == "MQ") {
      recipe = SOXR_MQ;
    } else if (setting == "HQ") {
      recipe = SOXR_HQ;
    } else if (setting == "VHQ") {
      recipe = SOXR_VHQ;
    } else {
      return nullptr;
    }
    const soxr_io_spec_t io = soxr_io_spec(floats ? SOXR_FLOAT32_I : SOXR_INT16_I, SOXR_FLOAT32_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(recipe, 0);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t error = nullptr;
    soxr_t handle = soxr_create(input_rate, output_rate, 1, &error, &io, &quality, &runtime);
    if (handle == nullptr || error != nullptr) return nullptr;
    return std::unique_ptr<Resampler>(new Soxr(handle, floats));
  }
  ~Soxr() override { soxr_delete(handle_); }

  size_t process(std::span<const int16_t> in, std::span<float> out) override {
    return floats_ ? 0 : run(in.data(), in.size(), out);
  }
  size_t process(std::span<const float> in, std::span<float> out) override {
    return floats_ ? run(in.data(), in.size(), out) : 0;
  }

 private:
  Soxr(soxr_t handle, bool floats) : handle_(handle), floats_(floats) {}
  size_t run(const void* in, size_t count, std::span<float> out) {
    size_t taken = 0;
    size_t written = 0;
    soxr_process(handle_, in, count, &taken, out.data(), out.size(), &written);
    return taken == count ? written : 0;
  }

  soxr_t handle_;
  bool floats_;
};
#endif

#ifdef RIVALS_SPEEXDSP
class SpeexDsp final : public Resampler {
 public:
  static std::unique_ptr<Resampler> create(std::string_view setting, uint32_t input_rate,
                                           uint32_t output_rate) {
    int quality = -1;
    std::from_chars(setting.data(), setting.data() + setting.size(), quality);
    if (quality < SPEEX_RESAMPLER_QUALITY_MIN || quality > SPEEX_RESAMPLER_QUALITY_MAX)
      return nullptr;
    int error = 0;
    SpeexResamplerState* handle = speex_resampler_init(1, input_rate, output_rate, quality, &error);
    if (handle == nullptr) return nullptr;
    return std::unique_ptr<Resampler>(new SpeexDsp(handle));
  }
  ~SpeexDsp() override { speex_resampler_destroy(handle_); }

  // Its own s16 entry puts out s16; so the floats are made here, as a user would.
  size_t process(std::span<const int16_t> in, std::span<float> out) override {
    if (samples_.size() < in.size()) samples_.resize(in.size());
    for (size_t i = 0; i < in.size(); ++i) samples_[i] = static_cast<float>(in[i]) / 32768.0f;
    return process(std::span<const float>(samples_.data(), in.size()), out);
  }
  size_t process(std::span<const float> in, std::span<float> out) override {
    auto taken = static_cast<spx_uint32_t>(in.size());
    auto written = static_cast<spx_uint32_t>(out.size());
    speex_resampler_process_float(handle_, 0, in.data(), &taken, out.data(), &written);
    return taken == in.size() ? written : 0;
  }

 private:
  explicit SpeexDsp(SpeexResamplerState* handle) : handle_(handle), samples_(4096) {}

  SpeexResamplerState* handle_;
  std::vector<float> samples_;
};
#endif

}  // namespace

std::unique_ptr<Resampler> make_resampler(std::string_view library,
                                          [[maybe_unused]] std::string_view setting,
                                          [[maybe_unused]] uint32_t input_rate,
                                          [[maybe_unused]] uint32_t output_rate,
                                          [[maybe_unused]] bool floats) {
#ifdef RIVALS_SOXR
  if (library == "soxr") return Soxr::create(setting, input_rate, output_rate, floats);
#endif
#ifdef RIVALS_SPEEXDSP
  if (library == "speexdsp") return SpeexDsp::create(setting, input_rate, output_rate);
#endif
  return nullptr;
}

std::vector<Library> resampler_libraries() {
  Library soxr{"soxr", {}, "install libsoxr-dev"};
  Library speexdsp{"speexdsp", {}, "install libspeexdsp-dev"};
#ifdef RIVALS_SOXR
  soxr.version = soxr_version();
#endif
#ifdef RIVALS_SPEEXDSP
  speexdsp.version = RIVALS_SPEEXDSP;
#endif
  return {std::move(soxr), std::move(speexdsp)};
}

}  // namespace rivals
