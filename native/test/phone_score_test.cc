// What viewers judge a mouth by, measured on made-up speech in two languages.
#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "facewire/render_phones.h"
#include "spoken_phones.h"

using namespace facewire;

namespace {

constexpr double kMs = spoken::kRate / 1000.0;

struct Setting {
  bool mandarin = false;
  double speed = 1.0;
  uint32_t fps = 60;
  int lead_ms = 40;
  bool rules = true;
};

struct Share {
  int good = 0;
  int all = 0;
  void add(bool is_good) {
    good += is_good ? 1 : 0;
    all += 1;
  }
  double value() const { return all == 0 ? 1.0 : static_cast<double>(good) / all; }
};

struct Score {
  Share closure, tuck, anticipation, spread, opening, sibilants, closed_elsewhere, rest;
  size_t fastest = 0;
  double auc = 0, speed_p99 = 0, speed_max = 0, channel_speed_max = 0, jerk = 0;
};

double auc_of(std::vector<float> low, std::vector<float> high) {
  double wins = 0;
  for (const float a : high) {
    for (const float b : low) wins += a > b ? 1.0 : a == b ? 0.5 : 0.0;
  }
  return wins / (static_cast<double>(low.size()) * static_cast<double>(high.size()));
}

Score score(const Setting& setting) {
  const int words = setting.mandarin ? 1700 : 900;
  const spoken::Speech speech = spoken::make(setting.mandarin, words, setting.speed, 7);
  const PhoneTrack track = spoken::track_of(speech);
  RenderOptions options;
  options.frame_rate_num = setting.fps;
  options.mouth_lead = static_cast<int64_t>(setting.lead_ms * kMs);
  options.rules = {setting.rules, setting.rules, setting.rules};
  const auto frames = static_cast<size_t>(speech.back().end * setting.fps / spoken::kRate);
  std::vector<float> rows(frames * kWeightCount);
  render_phones(track, options, rows);

  const auto weight = [&](int64_t frame, size_t channel) {
    return rows[static_cast<size_t>(frame) * kWeightCount + channel];
  };
  const auto apart = [&](int64_t frame) { return weight(frame, 17) - weight(frame, 18); };
  const auto round = [&](int64_t frame) { return std::max(weight(frame, 19), weight(frame, 20)); };
  // Frames shown in [from, to] ms.
  const auto each = [&](double from, double to, auto&& look) {
    const auto first = static_cast<int64_t>(std::ceil(from * setting.fps / 1000 - 1e-9));
    const auto last = static_cast<int64_t>(std::floor(to * setting.fps / 1000 + 1e-9));
    for (int64_t i = std::max<int64_t>(first, 0); i <= last && i < static_cast<int64_t>(frames);
         ++i)
      look(i);
  };
  const auto start_of = [&](size_t i) { return static_cast<double>(speech[i].start) / kMs; };
  const auto end_of = [&](size_t i) { return static_cast<double>(speech[i].end) / kMs; };
  const auto place_of = [&](size_t i) {
    return shape_of(shapes_of(speech[i].symbol).pieces[0].viseme).place;
  };

  Score got;
  std::vector<float> open_vowels, close_vowels;
  for (size_t i = 0; i < speech.size(); ++i) {
    const PhoneShapes shapes = shapes_of(speech[i].symbol);
    const Viseme viseme = shapes.pieces[0].viseme;
    const double start = start_of(i), end = end_of(i);
    const Place place = place_of(i);
    float least = 9, most = -9, sum = 0, roll = 0, jaw = 9;
    int count = 0;
    each(start, end, [&](int64_t frame) {
      least = std::min(least, apart(frame));
      most = std::max(most, apart(frame));
      jaw = std::min(jaw, weight(frame, 17));
      roll = std::max(roll, weight(frame, 31));
      sum += apart(frame);
      count += 1;
      if (place != Place::bilabial && place != Place::silence)
        got.closed_elsewhere.add(apart(frame) <= 0.03f);
    });
    if (place == Place::bilabial) {
      float nearest = 9, after = -9;
      each(start - 40, end, [&](int64_t frame) { nearest = std::min(nearest, apart(frame)); });
      each(end, end + 120, [&](int64_t frame) { after = std::max(after, apart(frame)); });
      const Place next = i + 1 < speech.size() ? place_of(i + 1) : Place::silence;
      // Lips touch something for f v, too.
      const bool excused =
          next == Place::silence || next == Place::bilabial || next == Place::labiodental;
      got.closure.add(nearest <= 0.03f && (excused || after >= 0.08f));
    }
    if (place == Place::labiodental && count > 0) {
      bool tucked = false;
      each(start - 40, end, [&](int64_t frame) {
        tucked = tucked || (weight(frame, 31) >= 0.15f && apart(frame) <= 0.08f);
      });
      got.tuck.add(tucked);
    }
    if (place == Place::sibilant && count > 0) got.sibilants.add(jaw <= 0.12f);
    if (place == Place::vowel && shapes.count == 1 && count > 0) {
      using enum Viseme;
      // AH0 is how some write a schwa.
      if (speech[i].symbol != "AH0" && (viseme == aa || viseme == ae || viseme == ah))
        open_vowels.push_back(sum / static_cast<float>(count));
      if (viseme == iy || viseme == ih || viseme == uw || viseme == uh || viseme == yu ||
          viseme == narrow)
        close_vowels.push_back(sum / static_cast<float>(count));
      if (end - start >= 60) got.opening.add(most >= 0.06f);
    }
    const VisemeShape& shape = shape_of(viseme);
    if (shape.rounds && i > 0) {
      double run = start;
      for (size_t k = i; k-- > 0 && shape_of(shapes_of(speech[k].symbol).pieces[0].viseme).takes;)
        run = start_of(k);
      const double from = std::max(run, start - 150);
      if (from <= start - 70) {
        float early = 0;
        int seen = 0;
        each(from, start - 60, [&](int64_t frame) {
          early = std::max(early, round(frame));
          seen += 1;
        });
        const float target = std::max(shape.target[1], shape.target[2]);
        if (seen > 0) got.anticipation.add(early >= 0.5f * target);
      }
    }
    if (shape.spread && place == Place::vowel && shapes.count == 1 && end - start >= 60) {
      float rounded = 0;
      const double middle = (start + end) / 2;
      each(middle - 10, middle + 10,
           [&](int64_t frame) { rounded = std::max(rounded, round(frame)); });
      got.spread.add(rounded <= 0.12f);
    }
    if (place == Place::silence && end - start > 350) {
      float most_late = 0;
      each(start + 350, end - 150,
           [&](int64_t frame) { most_late = std::max(most_late, apart(frame)); });
      got.rest.add(most_late <= 0.03f);
    }
  }
  got.auc = auc_of(close_vowels, open_vowels);

  std::vector<double> speeds;
  const double fps = setting.fps;
  double jerks = 0;
  int jerk_count = 0;
  for (int64_t i = 1; i < static_cast<int64_t>(frames); ++i) {
    speeds.push_back(std::abs(static_cast<double>(weight(i, 17) - weight(i - 1, 17))) * fps);
    for (size_t c = 0; c < kWeightCount; ++c) {
      const double speed = std::abs(static_cast<double>(weight(i, c) - weight(i - 1, c))) * fps;
      if (speed <= got.channel_speed_max) continue;
      got.channel_speed_max = speed;
      got.fastest = c;
    }
    if (i < 3) continue;
    const double jerk = static_cast<double>(weight(i, 17) - 3 * weight(i - 1, 17) +
                                            3 * weight(i - 2, 17) - weight(i - 3, 17)) *
                        fps * fps * fps;
    jerks += jerk * jerk;
    jerk_count += 1;
  }
  std::sort(speeds.begin(), speeds.end());
  got.speed_p99 = speeds[speeds.size() * 99 / 100];
  got.speed_max = speeds.back();
  got.jerk = std::sqrt(jerks / jerk_count);
  return got;
}

void print(const Setting& s, const Score& g) {
  std::printf(
      "%s %.1fx %3u fps lead %2d rules %d: closure %.4f of %d, tuck %.3f of %d, anticipation %.3f "
      "of %d, "
      "spread %.3f, auc %.3f, opening %.4f, sibilants %.3f, closed elsewhere %.3f, rest %.2f, jaw "
      "speed p99 %.2f "
      "max %.2f, any %.2f (%zu), jerk %.0f\n",
      s.mandarin ? "zh" : "en", s.speed, s.fps, s.lead_ms, s.rules ? 1 : 0, g.closure.value(),
      g.closure.all, g.tuck.value(), g.tuck.all, g.anticipation.value(), g.anticipation.all,
      g.spread.value(), g.auc, g.opening.value(), g.sibilants.value(), g.closed_elsewhere.value(),
      g.rest.value(), g.speed_p99, g.speed_max, g.channel_speed_max, g.fastest, g.jerk);
}

void require(const Setting& s, const Score& g) {
  check::context() = std::string(s.mandarin ? "zh " : "en ") + std::to_string(s.speed) + " at " +
                     std::to_string(s.fps) + " fps, lead " + std::to_string(s.lead_ms);
  print(s, g);
  CHECK(g.closure.all >= 300 && g.closure.value() >= 0.99);
  CHECK(g.tuck.all >= 90 && g.tuck.value() >= 0.95);
  CHECK(g.anticipation.value() >= 0.90);
  CHECK(g.rest.value() == 1.0);
  CHECK(g.speed_max <= 12.0 && g.channel_speed_max <= 12.0);
  CHECK(g.speed_p99 >= 2.0 && g.speed_p99 <= 6.5);
  if (s.fps == 60) CHECK(g.jerk <= 5000);
  // Phones that are shorter than the lead are over before they are heard.
  if (s.lead_ms != 0 && s.speed > 1.0) return;
  CHECK(g.closed_elsewhere.value() <= 0.10);
  CHECK(g.auc >= 0.90);
  CHECK(g.opening.value() >= 0.95);
  CHECK(g.sibilants.value() >= 0.95);
  if (s.lead_ms == 0) CHECK(g.spread.value() >= 0.90);
}

}  // namespace

TEST(a_mouth_from_phones_scores_at_every_speed) {
  for (const bool mandarin : {false, true}) {
    for (const double speed : {0.7, 1.0, 1.25, 1.5}) {
      for (const int lead : {0, 40}) {
        const Setting setting{mandarin, speed, 60, lead};
        require(setting, score(setting));
      }
    }
  }
}

TEST(a_mouth_from_phones_scores_at_every_frame_rate) {
  for (const bool mandarin : {false, true}) {
    for (const uint32_t fps : {24u, 25u, 30u, 50u, 120u}) {
      for (const double speed : {0.7, 1.0, 1.5}) {
        const Setting setting{mandarin, speed, fps, 0};
        require(setting, score(setting));
      }
    }
  }
}

TEST(without_the_rules_lips_hardly_ever_close) {
  for (const bool mandarin : {false, true}) {
    const Setting setting{mandarin, 1.0, 60, 40, false};
    const Score got = score(setting);
    print(setting, got);
    CHECK(got.closure.value() <= 0.10);
  }
}
