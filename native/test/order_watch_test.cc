#include "facewire/order_watch.h"

#include <cmath>
#include <random>

#include "check.h"
#include "facewire/session.h"
#include "session_messages.h"

using namespace facewire;

namespace {

constexpr int kWireRate = 24000;

std::vector<std::string> arkit() { return {kArkitNames.begin(), kArkitNames.end()}; }

std::vector<std::string> alphabetical() {
  auto names = arkit();
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> shuffled() {
  auto names = arkit();
  std::shuffle(names.begin(), names.end(), std::mt19937(99));
  return names;
}

// A talking face, `strength` of it, in an order of columns; with blinks.
struct Stream {
  std::vector<int16_t> sound;
  std::vector<float> features;
};
Stream stream(const std::vector<std::string>& order, double seconds, double strength) {
  Stream made;
  const auto level = [&](double at) {
    const double syllable = std::sin(3.14159265 * std::fmod(at, 0.22) / 0.22);
    const double word = std::fmod(at, 1.7) < 1.3 ? 1.0 : 0.0;
    return strength * word * syllable * syllable * (0.6 + 0.4 * std::sin(1.9 * at));
  };
  for (int i = 0; i < static_cast<int>(seconds * kWireRate); ++i) {
    const double at = static_cast<double>(i) / kWireRate;
    made.sound.push_back(static_cast<int16_t>(12000 * level(at) * std::sin(900 * at)));
  }
  for (int row = 0; row < static_cast<int>(seconds * 25); ++row) {
    const double at = row / 25.0;
    const double loud = level(at);
    const double smile = 0.1 + 0.1 * std::sin(0.7 * at);
    const double blink = std::fmod(at, 3.1) < 0.2 ? 0.9 : 0.0;
    for (const std::string& name : order) {
      const auto is = [&](const char* stem) { return name.starts_with(stem); };
      made.features.push_back(static_cast<float>(is("jawOpen")          ? 0.5 * loud
                                                 : is("mouthLowerDown") ? 0.3 * loud
                                                 : is("mouthUpperUp")   ? 0.15 * loud
                                                 : is("mouthFunnel")
                                                     ? 0.2 * std::abs(std::sin(3.0 * at)) * loud
                                                 : is("mouthSmile") ? smile
                                                 : is("eyeBlink")   ? blink
                                                                    : 0.0));
    }
  }
  return made;
}

struct Told {
  int suspect = 0;
  int warnings = 0;
};
Told listen(const std::vector<std::string>& read_as, const Stream& stream) {
  SessionOptions options;
  options.feature_order = read_as;
  options.known_orders = {arkit(), alphabetical()};
  Errc error;
  const auto session = Session::create(options, error);
  session->begin("");
  Told told;
  const size_t chunk = kWireRate / 5;
  for (size_t at = 0; at < stream.sound.size(); at += chunk) {
    const size_t end = std::min(at + chunk, stream.sound.size());
    const std::string text =
        messages::base64(messages::pcm_of(std::span(stream.sound).subspan(at, end - at)));
    ParsedMessage parsed;
    parsed.base64 = text;
    parsed.sample_rate = kWireRate;
    parsed.feature_dimension = kWeightCount;
    const size_t row = at * 25 / kWireRate * kWeightCount;
    const size_t last = std::min(end * 25 / kWireRate * kWeightCount, stream.features.size());
    parsed.features = std::span(stream.features).subspan(row, last - row);
    if ((session->push_parsed(parsed).warnings & kWarnFeatureOrder) != 0) told.warnings += 1;
    session->commit(session->committed() + static_cast<int64_t>(end - at) * 2);
  }
  told.suspect = session->suspected_order();
  return told;
}

}  // namespace

TEST(tells_one_order_from_another_once) {
  const std::vector<std::vector<std::string>> orders = {arkit(), alphabetical()};
  for (size_t read = 0; read < orders.size(); ++read) {
    for (size_t is = 0; is < orders.size(); ++is) {
      const Told told = listen(orders[read], stream(orders[is], 30, 1.0));
      CHECK_EQUAL(told.suspect, read == is ? 0 : static_cast<int>(is) + 1);
      CHECK_EQUAL(told.warnings, read == is ? 0 : 1);
    }
  }
}

TEST(names_no_order_when_none_fits) {
  const Told told = listen(arkit(), stream(shuffled(), 60, 1.0));
  CHECK_EQUAL(told.suspect, OrderWatch::kUnknown);
  CHECK_EQUAL(told.warnings, 1);
  // A right order is right also when it is none of those that are known.
  CHECK_EQUAL(listen(shuffled(), stream(shuffled(), 60, 1.0)).suspect, 0);
}

TEST(says_nothing_of_silence_or_of_little) {
  CHECK_EQUAL(listen(arkit(), stream(alphabetical(), 60, 0.0)).suspect, 0);
  CHECK_EQUAL(listen(arkit(), stream(alphabetical(), 60, 0.0005)).suspect, 0);
  CHECK_EQUAL(listen(arkit(), stream(alphabetical(), 2, 1.0)).suspect, 0);
}

TEST(does_not_take_noise_for_another_order) {
  for (int run = 0; run < 20; ++run) {
    Stream noise = stream(arkit(), 20, 1.0);
    for (float& value : noise.features)
      value = std::uniform_real_distribution<float>(0.0f, 1.0f)(check::random());
    CHECK_EQUAL(listen(arkit(), noise).suspect, 0);
  }
}

TEST(does_not_wait_for_features_that_never_come) {
  Stream dumb = stream(arkit(), 20, 1.0);
  dumb.features.clear();
  CHECK_EQUAL(listen(arkit(), dumb).suspect, 0);
}

TEST(hears_how_loud_the_blocks_are) {
  Loudness loudness(48000);
  std::vector<float> samples(48000);
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = 0.5f * std::sin(0.2f * static_cast<float>(i));
  // In odd pieces, which do not matter.
  for (size_t at = 0, size = 1; at < samples.size(); at += size, size = size % 977 + 13)
    loudness.hear(static_cast<int64_t>(at),
                  std::span(samples).subspan(at, std::min(size, samples.size() - at)));
  CHECK_EQUAL(loudness.next(), 50);
  for (int64_t block = 0; block < 50; ++block)
    CHECK(std::abs(loudness.decibels(block) + 9.03f) < 0.2f);
  // A gap of two blocks and more breaks it off; what lies before is not known any more.
  loudness.hear(50 * 960 + 5 * 960, std::span(samples).first(960));
  CHECK_EQUAL(loudness.first(), 55);
  CHECK(loudness.decibels(40) == Loudness::kSilence);
}
