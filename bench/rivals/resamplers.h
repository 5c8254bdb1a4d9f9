#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rivals {

// A sample-rate converter of somebody else's for one mono stream, with everything allocated ahead.
class Resampler {
 public:
  virtual ~Resampler() = default;
  // Takes all of `in` and returns how many frames it wrote. `out` holds twice
  // what the ratio gives plus one second, more than any of them holds back.
  virtual size_t process(std::span<const int16_t> in, std::span<float> out) = 0;
  virtual size_t process(std::span<const float> in, std::span<float> out) = 0;
};

// `library` is one of resampler_libraries(); `setting` is the library's own: LQ, MQ, HQ, VHQ for
// soxr, 0 to 10 for speexdsp. Null when there is no such thing. A soxr stream takes the sample
// format that `floats` says and no other.
std::unique_ptr<Resampler> make_resampler(std::string_view library, std::string_view setting,
                                          uint32_t input_rate, uint32_t output_rate, bool floats);

struct Library {
  std::string name;
  std::string version;  // Empty when it was not there at build time.
  std::string remedy;
};

std::vector<Library> resampler_libraries();

}  // namespace rivals
