// Lips that touch and part again in time, at every frame rate.
#include "facewire/contacts.h"

#include <algorithm>
#include <array>
#include <vector>

#include "check.h"
#include "facewire/render_phones.h"

using namespace facewire;

namespace {

constexpr int64_t kMs = 48;

struct Spoken {
  const char* symbol;
  int ms;
};

// Silence of 300 ms, then the sounds from `phase` ms on.
struct Speech {
  PhoneTrack track{48000, 200};
  std::vector<int> starts;

  explicit Speech(const std::vector<Spoken>& sounds, int phase = 0) {
    CHECK(track.reserve(sounds.size()));
    int at = 300 + phase;
    for (const Spoken& sound : sounds) {
      CHECK(track.append({sound.symbol, at * kMs, (at + sound.ms) * kMs}));
      starts.push_back(at);
      at += sound.ms;
    }
    starts.push_back(at);
  }
};

class Drawn {
 public:
  Drawn(const Speech& speech, uint32_t fps, int lead) : fps_(fps), rows_(fps * 2 * kWeightCount) {
    RenderOptions options;
    options.frame_rate_num = fps;
    options.mouth_lead = lead * kMs;
    render_phones(speech.track, options, rows_);
  }

  // The least and the most that the lips are apart in pictures shown in [from, to] ms.
  float least(int from, int to) const { return look(from, to).first; }
  float most(int from, int to) const { return look(from, to).second; }

 private:
  std::pair<float, float> look(int from, int to) const {
    float least = 9, most = -9;
    for (size_t i = 0; i < rows_.size() / kWeightCount; ++i) {
      const double ms = 1000.0 * static_cast<double>(i) / fps_;
      if (ms < from || ms > to) continue;
      least = std::min(least, aperture(&rows_[i * kWeightCount]));
      most = std::max(most, aperture(&rows_[i * kWeightCount]));
    }
    return {least, most};
  }

  const uint32_t fps_;
  std::vector<float> rows_;
};

// As the sounds ask for it: sound `closed` with the lips closed, and open again where `opens`.
void expect(const std::vector<Spoken>& sounds, const std::vector<size_t>& closed, bool opens,
            std::initializer_list<uint32_t> rates) {
  for (const uint32_t fps : rates) {
    for (const int lead : {0, 40}) {
      for (int phase = 0; phase < 42; phase += 3) {
        const Speech speech(sounds, phase);
        const Drawn drawn(speech, fps, lead);
        for (const size_t i : closed) {
          const int start = speech.starts[i], end = speech.starts[i + 1];
          if (!CHECK(drawn.least(start - 40, end) <= MouthRules::kClosed)) return;
          if (opens && !CHECK(drawn.most(end, end + 120) >= MouthRules::kApart)) return;
        }
      }
    }
  }
}

}  // namespace

TEST(lips_part_after_a_closure_however_short_the_next_sound_is) {
  const auto rates = {24u, 25u, 30u, 50u, 60u, 90u, 120u};
  expect({{"z", 60}, {"b", 22}, {"ih", 25}, {"f", 130}, {"ao", 80}}, {1}, true, rates);
  expect({{"uw", 40}, {"p", 77}, {"r", 36}, {"ax", 16}, {"f", 120}, {"ao", 90}}, {1}, true, rates);
  expect({{"ih", 98}, {"m", 159}, {"ax", 49}, {"p", 145}, {"eh", 90}}, {1, 3}, true, rates);
  expect({{"ah", 80}, {"m", 56}, {"z", 62}, {"b", 30}, {"ih", 60}, {"k", 70}}, {1, 3}, true, rates);
  expect({{"aa", 120}, {"b", 60}, {"dh", 45}, {"ax", 40}, {"v", 60}, {"iy", 90}}, {1}, true, rates);
}

TEST(closures_in_a_row_are_one_to_the_end_of_the_last) {
  for (const auto& [m, b] : {std::pair{42, 17}, {52, 19}, {80, 60}}) {
    expect({{"uw", 86}, {"m", m}, {"b", b}, {"ih", 36}, {"k", 75}}, {1, 2}, false,
           {24u, 25u, 30u, 60u, 120u});
    const Speech speech({{"uw", 86}, {"m", m}, {"b", b}, {"ih", 90}, {"k", 75}});
    const Drawn drawn(speech, 120, 0);
    // Nothing opens between the middles of the two.
    CHECK(drawn.most(speech.starts[1] + m / 2 + 16, speech.starts[2] + b / 2) <=
          MouthRules::kClosed);
  }
}

TEST(a_closure_between_two_pictures_is_shown_by_one_in_time) {
  for (const int ms : {12, 18, 25, 31, 36}) {
    expect({{"aa", 120}, {"b", ms}, {"ay", 100}, {"n", 60}}, {1}, true, {24u, 25u, 30u, 60u});
    expect({{"sil", 400}, {"m", ms}, {"ay", 140}, {"t", 60}}, {1}, true, {24u, 25u, 30u, 60u});
  }
}

TEST(contacts_wait_until_the_lips_were_seen_apart) {
  const Speech speech({{"ah", 80}, {"m", 40}, {"z", 30}, {"b", 40}, {"iy", 100}});
  for (const int lead : {0, 40}) {
    ContactPlan plan(speech.track, 400 * kMs, lead * kMs, 300 * kMs);
    Contact first, second, none;
    CHECK(plan.next(first) && plan.next(second) && !plan.next(none));
    CHECK(first.parts && second.parts);
    CHECK(first.part_from >= first.end + lead);
    CHECK(second.from >= first.part_until + ContactPlan::kPartMs);
    CHECK(second.from <= second.end + lead);
    CHECK(second.until >= second.from);
  }
}

TEST(short_gaps_are_held) {
  for (const int gap : {38, 70, 110}) {
    for (const uint32_t fps : {24u, 60u, 120u}) {
      for (const int lead : {0, 40}) {
        const Speech speech({{"iy", 60}, {"sil", gap}, {"ax", 40}, {"b", 69}, {"ae", 140}});
        const Drawn drawn(speech, fps, lead);
        CHECK(drawn.least(speech.starts[1], speech.starts[2]) > MouthRules::kClosed);
      }
    }
  }
}

TEST(a_silence_before_a_stop_does_not_keep_lips_from_rounding) {
  const auto rounded = [](int silence) {
    const Speech speech({{"iy", 80}, {"s", 60}, {"sil", silence}, {"t", 40}, {"uw", 120}});
    std::array<float, kWeightCount> weights;
    speech.track.evaluate((speech.starts[2] - 10) * kMs, -1.0f, weights);
    return std::max(weights[19], weights[20]);
  };
  CHECK(rounded(39) >= 0.25f);
  CHECK(rounded(100) <= 0.1f);
}
