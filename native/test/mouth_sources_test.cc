// Where the mouth of a session comes from, and what phones do to it.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "check.h"
#include "count_allocations.h"
#include "facewire/ease.h"
#include "facewire/pool.h"
#include "facewire/session.h"
#include "session_messages.h"

using namespace facewire;

namespace {

constexpr int64_t kRate = 48000;
constexpr int64_t kMs = kRate / 1000;
using Row = std::array<float, kFrameWidth>;

struct Timed {
  const char* symbol;
  int start_ms;
  int end_ms;
};

struct Words {
  int ms = 1000;
  double level = 8000;
  std::vector<Timed> phones = {};
  int rows = 0;                   // Of `shape`, 40 ms each.
  std::vector<float> shape = {};  // jawOpen, mouthClose, mouthRollLower.
  int clause = 1;
  bool start = false;
  bool final = false;
};

SessionOptions usual() {
  SessionOptions options;
  options.feature_order = {"jawOpen", "mouthClose", "mouthRollLower"};
  return options;
}

std::unique_ptr<Session> make(const SessionOptions& options = usual()) {
  Errc error;
  auto session = Session::create(options, error);
  CHECK(session != nullptr);
  session->begin("r1");
  return session;
}

std::vector<uint8_t> sound(const Words& words) {
  std::vector<int16_t> samples(static_cast<size_t>(24 * words.ms));
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<int16_t>(words.level * std::sin(0.1 * static_cast<double>(i)));
  return messages::pcm_of(samples);
}

std::vector<float> features(const Words& words) {
  std::vector<float> all;
  for (int i = 0; i < words.rows; ++i)
    all.insert(all.end(), words.shape.begin(), words.shape.end());
  return all;
}

std::string json(const Words& words) {
  std::string text = messages::json({.pcm = sound(words),
                                     .features = features(words),
                                     .dimension = 3,
                                     .clause = words.clause,
                                     .start = words.start,
                                     .final = words.final});
  std::string phones;
  for (const Timed& phone : words.phones) {
    phones += std::string(phones.empty() ? "" : ", ") + R"({"End":")" +
              std::to_string(phone.end_ms * 10000) + R"(","Phn":")" + phone.symbol +
              R"(","Start":")" + std::to_string(phone.start_ms * 10000) + R"("})";
  }
  return text.insert(text.find("\"Audio\""), "\"Phn\":[" + phones + "],");
}

PushReport say(Session& session, const Words& words) {
  const std::string text = json(words);
  Message message;
  const PushReport report =
      session.push({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, message);
  CHECK_EQUAL(report.kind, static_cast<int32_t>(MessageKind::speech));
  CHECK(report.result);
  return report;
}

Row frame(Session& session, int64_t ms, int64_t next_ms = 0) {
  Row row;
  session.frame_at(ms * kMs, row, next_ms * kMs);
  return row;
}

float apart(const Row& row) { return aperture(row.data()); }
float apart(Session& session, int64_t ms) { return apart(frame(session, ms)); }
int64_t count(const Session& session, Counter which) {
  return session.counters()[static_cast<size_t>(which)];
}

const std::vector<Timed> kMama = {{"sil", 0, 200},  {"m", 200, 300},   {"aa", 300, 450},
                                  {"m", 450, 550},  {"aa", 550, 700},  {"f", 700, 800},
                                  {"iy", 800, 900}, {"sil", 900, 1000}};

}  // namespace

TEST(phones_move_the_mouth_when_there_are_no_features) {
  const auto session = make();
  say(*session, {.phones = kMama, .start = true, .final = true});
  session->commit(2 * kRate);
  CHECK(apart(*session, 250) <= 0.03f);
  CHECK(apart(*session, 380) >= 0.2f);
  CHECK(apart(*session, 500) <= 0.03f);
  CHECK(apart(*session, 630) >= 0.2f);
  CHECK(frame(*session, 750)[31] >= 0.15f);
  CHECK_EQUAL(apart(*session, 1200), 0.0f);
  CHECK_EQUAL(count(*session, Counter::phones), 8);
  CHECK(count(*session, Counter::phone_pictures) >= 5);
  CHECK_EQUAL(count(*session, Counter::feature_pictures), 0);
}

TEST(both_doors_give_the_same_bits) {
  const auto by_json = make();
  const auto parsed = make();
  const Words words = {.phones = kMama, .rows = 8, .shape = {0.3f, 0.0f, 0.0f}, .final = true};
  say(*by_json, words);
  std::vector<PhoneItem> items;
  for (const Timed& phone : words.phones) {
    PhoneItem& item = items.emplace_back();
    item.set_symbol(phone.symbol);
    item.start_ticks = phone.start_ms * 10000;
    item.end_ticks = phone.end_ms * 10000;
  }
  const std::vector<uint8_t> pcm = sound(words);
  const std::string audio = messages::base64(pcm);
  const std::vector<float> rows = features(words);
  parsed->push_parsed({.base64 = audio,
                       .features = rows,
                       .sample_rate = 24000,
                       .feature_dimension = 3,
                       .clause = 1,
                       .final = true,
                       .phones = items});
  by_json->commit(2 * kRate);
  parsed->commit(2 * kRate);
  for (int64_t ms = 0; ms < 1200; ms += 7) CHECK(frame(*by_json, ms) == frame(*parsed, ms));
}

TEST(the_overlay_closes_lips_that_features_leave_open_and_nothing_else) {
  SessionOptions without = usual();
  without.closure_overlay = false;
  const auto plain = make(without);
  const auto session = make();
  for (Session* const each : {plain.get(), session.get()}) {
    say(*each, {.phones = kMama, .rows = 25, .shape = {0.4f, 0.0f, 0.0f}, .final = true});
    each->commit(2 * kRate);
  }
  for (int64_t ms = 100; ms < 1000; ms += 5) {
    const Row row = frame(*session, ms);
    const bool near = (ms > 125 && ms < 375) || (ms > 375 && ms < 625);
    if (!near) CHECK(row == frame(*plain, ms));
    // The jaw goes on as the features want it.
    CHECK_EQUAL(row[kJawOpen], frame(*plain, ms)[kJawOpen]);
  }
  CHECK_EQUAL(count(*session, Counter::closures_added), 2);
  CHECK_EQUAL(count(*plain, Counter::closures_added), 0);
  for (const int64_t ms : {250, 500}) {
    CHECK(apart(*session, ms) <= 0.03f);
    CHECK(apart(*plain, ms) > 0.3f);
  }
  CHECK(apart(*session, 375) >= 0.2f);
}

TEST(the_overlay_leaves_closures_of_the_features_alone) {
  SessionOptions without = usual();
  without.closure_overlay = false;
  const auto plain = make(without);
  const auto session = make();
  // Closed for 80 ms of each m: rows 5, 6 and 12, 13.
  std::vector<float> rows;
  for (int i = 0; i < 25; ++i) {
    const bool closed = i == 5 || i == 6 || i == 12 || i == 13;
    rows.insert(rows.end(), {0.4f, closed ? 0.4f : 0.0f, 0.2f});
  }
  for (Session* const each : {plain.get(), session.get()}) {
    say(*each, {.phones = kMama, .rows = 1, .shape = rows, .final = true});
    each->commit(2 * kRate);
  }
  for (int64_t ms = 100; ms < 690; ms += 3) CHECK(frame(*session, ms) == frame(*plain, ms));
  CHECK_EQUAL(count(*session, Counter::closures_added), 0);
}

TEST(constraints_tuck_the_lip_and_open_vowels_of_features) {
  SessionOptions without = usual();
  without.constraints = false;
  const auto plain = make(without);
  const auto session = make();
  for (Session* const each : {plain.get(), session.get()}) {
    say(*each, {.phones = kMama, .rows = 25, .shape = {0.02f, 0.0f, 0.0f}, .final = true});
    each->commit(2 * kRate);
  }
  CHECK(apart(*session, 375) >= 0.06f);
  CHECK(apart(*plain, 375) <= 0.02f);
  CHECK(frame(*session, 750)[31] >= 0.15f);
  CHECK(frame(*plain, 750)[31] < 0.15f);
}

TEST(without_constraints_lips_from_phones_stay_open) {
  SessionOptions options = usual();
  options.constraints = false;
  const auto session = make(options);
  say(*session, {.phones = kMama, .final = true});
  session->commit(2 * kRate);
  CHECK(apart(*session, 500) > 0.03f);
}

TEST(features_that_stop_give_way_to_phones_at_once_and_slowly) {
  const auto session = make();
  // Features for 400 ms, wide open; phones say iy from there on.
  const std::vector<Timed> phones = {{"aa", 0, 400}, {"iy", 400, 1000}};
  say(*session, {.phones = phones, .rows = 11, .shape = {0.9f, 0.0f, 0.0f}});
  session->commit(kRate);
  CHECK_EQUAL(apart(*session, 400), 0.9f);
  CHECK(apart(*session, 417) < 0.9f);
  CHECK(apart(*session, 470) > 0.3f);
  CHECK(apart(*session, 600) < 0.2f);
  CHECK(count(*session, Counter::feature_pictures) > 0);
  CHECK(count(*session, Counter::phone_pictures) > 0);
  float before = apart(*session, 400);
  for (int64_t ms = 401; ms < 700; ++ms) {
    const float now = apart(*session, ms);
    CHECK(std::abs(now - before) <= 0.0125f);
    before = now;
  }
}

TEST(late_features_take_over_from_phones_slowly) {
  const auto session = make();
  say(*session, {.phones = {{"aa", 0, 1000}}, .start = true});
  session->commit(kRate);
  const float shown = apart(*session, 500);
  CHECK(shown > 0.3f);
  say(*session, {.ms = 1, .rows = 25, .shape = {0.0f, 0.0f, 0.0f}});
  CHECK_EQUAL(apart(*session, 500), shown);
  CHECK(apart(*session, 580) > 0.05f);
  CHECK(apart(*session, 500 + static_cast<int64_t>(kFadeEndMs) + 1) <= 0.061f);
}

TEST(sound_alone_opens_the_mouth_by_its_loudness) {
  const auto opening = [](double level, SourcePolicy policy) {
    SessionOptions options = usual();
    options.source_policy = policy;
    const auto session = make(options);
    say(*session, {.level = level, .final = true});
    session->commit(2 * kRate);
    return apart(*session, 500);
  };
  CHECK(opening(12000, SourcePolicy::automatic) > opening(2000, SourcePolicy::automatic));
  CHECK(opening(2000, SourcePolicy::automatic) > 0.05f);
  CHECK_EQUAL(opening(0, SourcePolicy::automatic), 0.0f);
  CHECK_EQUAL(opening(12000, SourcePolicy::features), 0.0f);
  CHECK(opening(12000, SourcePolicy::phones) > 0.1f);
}

TEST(the_policy_says_who_has_the_mouth) {
  const auto opening = [](SourcePolicy policy) {
    SessionOptions options = usual();
    options.source_policy = policy;
    const auto session = make(options);
    say(*session, {.phones = {{"aa", 0, 1000}}, .rows = 25, .shape = {0.9f, 0.0f, 0.0f}});
    session->commit(kRate);
    return apart(*session, 500);
  };
  CHECK_EQUAL(opening(SourcePolicy::automatic), 0.9f);
  CHECK_EQUAL(opening(SourcePolicy::features), 0.9f);
  CHECK(opening(SourcePolicy::phones) < 0.7f);
}

TEST(the_mouth_rests_120_ms_after_the_end_an_interrupt_or_a_drought) {
  for (const bool features : {false, true}) {
    for (const bool phones : {false, true}) {
      const auto speak = [&](bool final) -> std::unique_ptr<Session> {
        auto session = make();
        say(*session, {.phones = phones ? std::vector<Timed>{{"aa", 0, 900}, {"m", 900, 1500}}
                                        : std::vector<Timed>{},
                       .rows = features ? 40 : 0,
                       .shape = {0.7f, 0.0f, 0.0f},
                       .final = final});
        session->commit(2 * kRate);
        return session;
      };
      const auto at_rest = [](Session& session, int64_t ms) {
        const Row row = frame(session, ms);
        return *std::max_element(row.begin(), row.begin() + kWeightCount) == 0.0f;
      };
      for (const bool final : {false, true}) CHECK(at_rest(*speak(final), 1121));
      const auto cut = speak(false);
      CHECK(!at_rest(*cut, 500));
      cut->interrupt(500 * kMs);
      CHECK(at_rest(*cut, 620));
    }
  }
}

TEST(times_of_a_later_clause_count_from_it_or_from_the_beginning) {
  for (const bool from_beginning : {false, true}) {
    const auto session = make();
    say(*session, {.phones = {{"aa", 0, 1000}}, .clause = 1, .start = true});
    const int zero = from_beginning ? 1000 : 0;
    say(*session, {.phones = {{"iy", zero, zero + 500}, {"m", zero + 500, zero + 1000}},
                   .clause = 2,
                   .start = true,
                   .final = true});
    session->commit(3 * kRate);
    CHECK(apart(*session, 1300) > 0.08f && apart(*session, 1300) < 0.25f);
    CHECK(apart(*session, 1700) <= 0.03f);
  }
}

TEST(a_closure_between_pictures_is_shown) {
  for (const bool features : {false, true}) {
    for (int phase = 0; phase < 40; phase += 3) {
      const auto session = make();
      say(*session, {.phones = {{"aa", 0, 500 + phase},
                                {"p", 500 + phase, 512 + phase},
                                {"aa", 512 + phase, 1000}},
                     .rows = features ? 25 : 0,
                     .shape = {0.4f, 0.0f, 0.0f},
                     .final = true});
      session->commit(2 * kRate);
      int closed = 0;
      for (int64_t i = 8; i < 20; ++i) {
        Row row;
        session->frame_at(i * kRate / 24, row, (i + 1) * kRate / 24);
        closed += apart(row) <= 0.03f ? 1 : 0;
      }
      CHECK(closed >= 1 && closed <= 2);
    }
  }
}

TEST(features_that_go_on_from_clause_to_clause_are_not_faded) {
  const auto session = make();
  const std::vector<float> apart_lips = {0.2f, 0.0f, 0.0f};
  // Both clauses at 0.2, but that the lips meet in the second row of the second.
  std::vector<float> second;
  for (int i = 0; i < 25; ++i) second.insert(second.end(), {0.2f, i == 2 ? 0.2f : 0.0f, 0.0f});
  say(*session, {.phones = {{"eh", 0, 1000}}, .rows = 25, .shape = apart_lips, .start = true});
  say(*session, {.phones = {{"sil", 0, 60}, {"m", 60, 100}, {"eh", 100, 1000}},
                 .rows = 1,
                 .shape = second,
                 .clause = 2,
                 .start = true,
                 .final = true});
  session->commit(2 * kRate);
  for (int64_t ms = 965; ms < 1030; ms += 5) CHECK(std::abs(apart(*session, ms) - 0.2f) < 0.03f);
  CHECK_EQUAL(apart(*session, 1080), 0.0f);
}

TEST(closures_of_features_that_a_slow_picture_would_miss_are_shown) {
  for (const int fps : {24, 25, 30}) {
    for (int phase = 0; phase < 40; phase += 3) {
      // The lips meet in one row, before the end of a short sound.
      std::vector<float> rows;
      for (int i = 0; i < 25; ++i) rows.insert(rows.end(), {0.4f, i == 12 ? 0.4f : 0.0f, 0.0f});
      const auto session = make();
      const int start = 460 + phase / 2;
      say(*session,
          {.phones = {{"aa", 0, start}, {"b", start, start + 30}, {"aa", start + 30, 1000}},
           .rows = 1,
           .shape = rows,
           .final = true});
      session->commit(2 * kRate);
      float least = 9, after = 0;
      for (int64_t i = 0; i < fps; ++i) {
        Row row;
        session->frame_at(i * kRate / fps, row, (i + 1) * kRate / fps);
        const double ms = 1000.0 * static_cast<double>(i) / fps;
        if (ms >= start - 40 && ms <= start + 30) least = std::min(least, apart(row));
        if (ms >= start + 30 && ms <= start + 150) after = std::max(after, apart(row));
      }
      CHECK(least <= 0.03f && after >= 0.08f);
    }
  }
}

TEST(a_pool_draws_what_the_session_draws) {
  const Words words = {.phones = kMama, .rows = 20, .shape = {0.4f, 0.0f, 0.0f}, .final = true};
  const auto alone = make();
  const auto member = make();
  SessionPool pool;
  pool.add(*member);
  for (Session* const each : {alone.get(), member.get()}) {
    say(*each, words);
    each->commit(2 * kRate);
  }
  for (int64_t i = 0; i < 90; ++i) {
    const double sample = static_cast<double>(i * kRate / 60);
    const double next = static_cast<double>((i + 1) * kRate / 60);
    std::array<float, kFrameWidth> drawn;
    uint8_t flag = 0;
    pool.frames({&sample, 1}, {&next, 1}, drawn, {&flag, 1});
    Row row;
    alone->frame_at(static_cast<int64_t>(sample), row, static_cast<int64_t>(next));
    CHECK(row == drawn);
  }
  CHECK(alone->counters() == member->counters());
}

TEST(nothing_is_allocated_for_pictures_or_phones_of_later_messages) {
  const auto session = make();
  const Words words = {.phones = kMama, .start = true};
  const std::string text = json(words);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  Message message;
  int64_t now = 0;
  const auto second = [&] {
    session->push(bytes, message);
    for (int i = 0; i < 60; ++i) {
      now += kRate / 60;
      session->commit(now);
      Row row;
      session->frame_at(now, row, now + kRate / 60);
    }
  };
  for (int i = 0; i < 12; ++i) second();
  const size_t before = check::allocations;
  const size_t memory = session->memory_bytes();
  for (int i = 0; i < 20; ++i) second();
  CHECK_EQUAL(check::allocations - before, 0u);
  CHECK_EQUAL(session->memory_bytes(), memory);
}

TEST(what_is_settled_does_not_change_any_more) {
  const auto session = make();
  say(*session, {.phones = kMama, .start = true});
  const int64_t settled = session->settled();
  CHECK(settled > 0 && settled < kRate);
  std::vector<Row> before;
  for (int64_t sample = 0; sample < settled; sample += 10 * kMs) {
    Row row;
    session->frame_at(sample, row);
    before.push_back(row);
  }
  // Had it not been shown, it would be shown the same.
  const auto whole = make();
  say(*whole, {.phones = kMama, .start = true});
  say(*whole, {.phones = {{"uw", 1000, 2000}}, .final = true});
  for (size_t i = 0; i < before.size(); ++i)
    CHECK(frame(*whole, static_cast<int64_t>(i) * 10) == before[i]);
}

TEST(phones_in_any_shape_do_no_harm) {
  const auto phones = [](const char* list) {
    const auto session = make();
    std::string text = messages::json({.pcm = sound({}), .dimension = 3, .final = true});
    text.insert(text.find("\"Audio\""), std::string("\"Phn\":") + list + ",");
    Message message;
    session->push({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, message);
    session->commit(2 * kRate);
    for (int64_t ms = 0; ms < 1300; ms += 20) {
      const Row row = frame(*session, ms);
      CHECK(std::all_of(row.begin(), row.begin() + kWeightCount,
                        [](float weight) { return weight >= 0.0f && weight <= 1.0f; }));
    }
    return count(*session, Counter::phones);
  };
  CHECK_EQUAL(phones("[]"), 0);
  CHECK_EQUAL(phones("null"), 0);
  CHECK_EQUAL(phones(R"([1,"a",[],{}])"), 0);
  CHECK_EQUAL(phones(R"([{"Phn":"aa"}])"), 0);
  CHECK_EQUAL(phones(R"([{"Phn":"aa","Start":0,"End":5000000}])"), 1);
  CHECK_EQUAL(phones(R"([{"Phn":"a","Start":"0","End":"99"},{"Phn":"b","Sta":"99","End":"200"}])"),
              2);
  CHECK_EQUAL(phones(R"([{"Phn":"\u0283","Start":"0","End":"5000000"}])"), 1);
  CHECK_EQUAL(phones(R"([{"Phn":"aa","Start":"-5","End":"5000000"}])"), 1);
  CHECK_EQUAL(phones(R"([{"Phn":"aa","Start":"0","End":"99999999999999999999"}])"), 0);
  CHECK_EQUAL(phones(R"([{"Phn":"aa","Start":9e15,"End":9e15}])"), 1);
}
