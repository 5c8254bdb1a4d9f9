// Life in a whole session: what is said moves brows and head, expressions follow
// the sound, and the mouth is left alone.
#include "facewire/life.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "count_allocations.h"
#include "facewire/pool.h"
#include "facewire/session.h"
#include "session_messages.h"

using namespace facewire;

namespace {

constexpr int64_t kRate = 48000;
constexpr int kWireRate = 24000;
constexpr size_t kBrowDownLeft = 41;
constexpr size_t kMouthSmileLeft = 23;
using Row = std::array<float, kFrameWidth>;

// Syllables as a voice has them: 200 ms each, now and then a loud one, a pause after nine.
struct Talk {
  std::vector<int16_t> sound;
  std::vector<float> features;  // ARKit order, 25 a second.

  explicit Talk(int syllables) {
    const auto level = [&](double seconds) {
      const int syllable = static_cast<int>(seconds / 0.2);
      if (syllable >= syllables || syllable % 12 >= 9) return 0.0;
      const double shape = std::sin(3.14159265 * std::fmod(seconds, 0.2) / 0.2);
      return (syllable % 5 == 2 ? 0.6 : 0.2) * shape * shape;
    };
    const double seconds = 0.2 * syllables + 0.6;
    for (int i = 0; i < static_cast<int>(seconds * kWireRate); ++i) {
      const double at = static_cast<double>(i) / kWireRate;
      sound.push_back(static_cast<int16_t>(20000 * level(at) * std::sin(800 * at)));
    }
    for (int row = 0; row < static_cast<int>(seconds * 25); ++row) {
      const double open = level(row / 25.0);
      for (size_t i = 0; i < kWeightCount; ++i) {
        const float weight = i == kJawOpen        ? static_cast<float>(open)
                             : i == 37 || i == 38 ? static_cast<float>(0.4 * open)
                                                  : 0.0f;
        features.push_back(weight);
      }
    }
  }
};

std::unique_ptr<Session> make(int64_t seed) {
  SessionOptions options;
  options.feature_order.assign(kArkitNames.begin(), kArkitNames.end());
  options.idle_seed = seed;
  Errc error;
  return Session::create(options, error);
}

void push(Session& session, const Talk& talk, size_t from, size_t to, bool last) {
  const auto pcm = messages::pcm_of(std::span(talk.sound).subspan(from, to - from));
  const std::string text = messages::base64(pcm);
  ParsedMessage parsed;
  parsed.base64 = text;
  parsed.sample_rate = kWireRate;
  parsed.feature_dimension = kWeightCount;
  if (from == 0) parsed.features = talk.features;
  parsed.final = last;
  session.push_parsed(parsed);
}

Row frame(Session& session, int64_t sample, int64_t next = 0) {
  Row row;
  session.frame_at(sample, row, next);
  return row;
}

bool moves_with_life(size_t column) {
  return column >= kWeightCount || kArkitNames[column].starts_with("eye") ||
         kArkitNames[column].starts_with("brow");
}

// Idle for a second, then the talk, then idle again: rows at `fps`.
std::vector<Row> perform(Session& session, const Talk& talk, double fps, size_t chunk) {
  std::vector<Row> rows;
  const auto step = static_cast<int64_t>(kRate / fps);
  int64_t sample = 0;
  const auto show = [&](int64_t until) {
    for (; sample < until; sample += step) {
      session.commit(sample + step);
      rows.push_back(frame(session, sample, sample + step));
    }
  };
  show(kRate);
  session.begin("");
  for (size_t at = 0; at < talk.sound.size(); at += chunk) {
    const size_t end = std::min(at + chunk, talk.sound.size());
    push(session, talk, at, end, end == talk.sound.size());
    // As far as it has arrived, like a file that is written.
    while (session.settled() >= step) {
      session.commit(sample + step);
      rows.push_back(frame(session, sample, sample + step));
      sample += step;
    }
  }
  show(sample + 3 * kRate);
  return rows;
}

}  // namespace

TEST(brows_rise_on_loud_syllables_and_the_head_nods_after_phrases) {
  const Talk talk(48);
  // Idle life alone, of the same seed, is what is left when nobody speaks.
  const auto alive = make(7);
  const std::vector<Row> rows = perform(*alive, talk, 50, 4800);
  const IdleLife idle(7, kRate);
  int accents = 0, nods = 0;
  bool raised = false, bowed = false;
  for (size_t i = 0; i < rows.size(); ++i) {
    Row still{};
    idle.add(static_cast<int64_t>(i) * kRate / 50, still);
    const float brow = rows[i][kBrowInnerUp] - still[kBrowInnerUp];
    const float bow = still[kPitch] - rows[i][kPitch];
    CHECK(brow > -1e-5f && brow <= 0.31f && bow > -1e-5f && bow <= 0.06f);
    if (i < 50) CHECK(brow < 1e-5f && bow < 1e-5f);
    if (brow > 0.1f && !raised) accents += 1;
    if (bow > 0.02f && !bowed) nods += 1;
    raised = brow > 0.1f || (raised && brow > 0.02f);
    bowed = bow > 0.02f || (bowed && bow > 0.005f);
  }
  // Nine loud syllables in four phrases; not every one is shown.
  CHECK(accents >= 4 && accents <= 9);
  CHECK_EQUAL(nods, 4);
}

TEST(the_mouth_is_the_same_with_life_and_without) {
  const Talk talk(30);
  const auto alive = make(3);
  const auto still = make(-1);
  const std::vector<Row> with = perform(*alive, talk, 60, 2400);
  const std::vector<Row> without = perform(*still, talk, 60, 2400);
  CHECK_EQUAL(with.size(), without.size());
  for (size_t i = 0; i < with.size(); ++i) {
    for (size_t column = 0; column < kFrameWidth; ++column) {
      if (moves_with_life(column)) continue;
      CHECK_EQUAL(with[i][column], without[i][column]);
    }
    for (size_t column = kWeightCount; column < kFrameWidth; ++column)
      CHECK_EQUAL(without[i][column], 0.0f);
  }
}

TEST(the_same_however_the_sound_arrived) {
  const Talk talk(40);
  std::vector<std::vector<Row>> all;
  for (const size_t chunk : {size_t{480}, size_t{3840}, talk.sound.size()}) {
    const auto session = make(5);
    all.push_back(perform(*session, talk, 25, chunk));
  }
  for (size_t i = 1; i < all.size(); ++i) CHECK(all[i] == all[0]);
  const auto other = make(6);
  CHECK(perform(*other, talk, 25, 3840) != all[0]);
}

TEST(idle_and_speech_hand_over_without_a_jump) {
  const Talk talk(24);
  for (const double fps : {25.0, 30.0, 50.0, 60.0}) {
    for (int64_t seed = 0; seed < 12; ++seed) {
      const auto session = make(seed);
      std::array<float, kWeightCount> joy{};
      joy[kMouthSmileLeft] = joy[kMouthSmileLeft + 1] = 1.0f;
      joy[kBrowDownLeft] = 0.5f;
      session->wear(1, joy, 1.0f, 0, Expressions::kOpen);
      const std::vector<Row> rows = perform(*session, talk, fps, 4800);
      const auto end = static_cast<size_t>((1.0 + 0.2 * 24 + 0.6) * fps);
      const auto near = static_cast<size_t>(0.4 * fps);
      for (size_t i = 1; i < rows.size(); ++i) {
        const bool handed_over =
            (i + near > static_cast<size_t>(fps) && i < static_cast<size_t>(fps) + near) ||
            (i + near > end && i < end + 2 * near);
        if (!handed_over) continue;
        for (size_t column = 0; column < kFrameWidth; ++column) {
          // A lid that happens to blink and an eye that darts are as fast as people's.
          if (column < kWeightCount && (kArkitNames[column].starts_with("eyeBlink") ||
                                        kArkitNames[column].starts_with("eyeLook")))
            continue;
          check::context() = "fps " + std::to_string(fps) + " column " + std::to_string(column) +
                             " row " + std::to_string(i);
          CHECK(std::abs(rows[i][column] - rows[i - 1][column]) <= 0.15f);
        }
      }
    }
  }
}

TEST(an_expression_of_the_utterance_lies_where_its_sound_is_heard) {
  const Talk talk(30);
  const auto session = make(-1);
  std::array<float, kWeightCount> angry{};
  angry[kBrowDownLeft] = 0.8f;
  session->commit(kRate);
  session->begin("");
  // From 1 to 2 s of the sound, told before any of it.
  CHECK(session->wear_in_speech(4, angry, 1.0f, 10'000'000, 20'000'000));
  push(*session, talk, 0, talk.sound.size(), true);
  const auto at = [&](double seconds) {
    const auto sample = static_cast<int64_t>(seconds * kRate);
    session->commit(std::max(session->committed(), sample + 1));
    return frame(*session, sample)[kBrowDownLeft];
  };
  CHECK_EQUAL(at(1.9), 0.0f);
  CHECK(at(2.16) > 0.2f && at(2.16) < 0.6f);
  CHECK(std::abs(at(2.8) - 0.8f) < 1e-6f);
  CHECK(at(3.16) > 0.2f && at(3.16) < 0.6f);
  CHECK_EQUAL(at(3.5), 0.0f);
}

TEST(an_expression_ends_with_the_utterance_or_its_interrupt) {
  std::array<float, kWeightCount> angry{};
  angry[kBrowDownLeft] = 0.8f;
  const Talk talk(10);
  for (const bool interrupted : {false, true}) {
    const auto session = make(-1);
    session->begin("");
    push(*session, talk, 0, talk.sound.size(), false);
    CHECK(session->wear_in_speech(0, angry, 1.0f, 0, Expressions::kOpen));
    // One that would begin later.
    CHECK(session->wear_in_speech(1, angry, 1.0f, 500'000'000, Expressions::kOpen));
    session->commit(kRate);
    CHECK(frame(*session, kRate - 1)[kBrowDownLeft] > 0.79f);
    const int64_t end = interrupted ? kRate : (static_cast<int64_t>(talk.sound.size()) * 2);
    if (interrupted) {
      session->interrupt(kRate);
    } else {
      session->end();
    }
    for (int64_t sample = kRate; sample < end + kRate; sample += 960) {
      session->commit(sample + 960);
      const float now = frame(*session, sample)[kBrowDownLeft];
      if (sample < end - 960) CHECK(now > 0.79f);
      if (sample > end + kRate * 35 / 100) CHECK_EQUAL(now, 0.0f);
    }
  }
}

TEST(what_is_drawn_already_does_not_change) {
  const auto session = make(-1);
  session->commit(kRate);
  frame(*session, kRate - 960);
  std::array<float, kWeightCount> smile{};
  smile[kMouthSmileLeft] = 1.0f;
  // Told too late: it begins with the next picture.
  CHECK(session->wear(1, smile, 1.0f, 0, Expressions::kOpen));
  float before = frame(*session, kRate - 960)[kMouthSmileLeft];
  CHECK_EQUAL(before, 0.0f);
  for (int64_t sample = kRate; sample < 3 * kRate; sample += 1920) {
    session->commit(sample + 1920);
    if (sample == kRate * 2) session->wear(1, smile, 0.0f, 0, 0);
    const float now = frame(*session, sample)[kMouthSmileLeft];
    CHECK(std::abs(now - before) <= 0.15f);
    before = now;
  }
  CHECK_EQUAL(before, 0.0f);
}

TEST(a_pool_shows_the_same_and_nothing_allocates) {
  const Talk talk(30);
  const auto alone = make(9);
  const auto pooled = make(9);
  SessionPool pool;
  pool.add(*pooled);
  std::array<float, kWeightCount> smile{};
  smile[kMouthSmileLeft] = 0.9f;
  for (Session* session : {alone.get(), pooled.get()}) {
    session->begin("");
    push(*session, talk, 0, talk.sound.size(), true);
  }
  size_t allocations = 0;
  std::array<uint8_t, 1> flags;
  Row shown;
  for (int64_t sample = 0; sample < 8 * kRate; sample += 1920) {
    const size_t before = check::allocations;
    for (Session* session : {alone.get(), pooled.get()}) {
      if (sample == 48 * 1920) session->wear(3, smile, 1.0f, sample, sample + kRate);
      session->wear_in_speech(sample / 1920, smile, 0.5f, sample * 10'000'000 / kRate,
                              sample * 10'000'000 / kRate + 2'000'000);
      session->commit(sample + 1920);
    }
    const double at = static_cast<double>(sample), next = at + 1920;
    pool.frames({&at, 1}, {&next, 1}, shown, flags);
    const Row row = frame(*alone, sample, sample + 1920);
    allocations += check::allocations - before;
    CHECK(row == shown);
  }
  CHECK_EQUAL(allocations, size_t{0});
}
