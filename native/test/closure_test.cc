// Closures of the lips that are shorter than a picture stands.
#include <algorithm>
#include <array>

#include "check.h"
#include "facewire/session.h"
#include "session_messages.h"

using facewire::Session;
using facewire::SessionOptions;
using Row = std::array<float, facewire::kFrameWidth>;

namespace {

constexpr int64_t kRate = 48000;
constexpr float kOpen = 0.4f;
constexpr float kClosed = 0.03f;

struct Setting {
  int rows_per_second;
  int pictures_per_second;
  int64_t lead_ms = 0;
};

// Two seconds of an open mouth, with the lips shut in `closed` rows from row
// `from` on and half shut in the row before and the row after.
std::unique_ptr<Session> session_with(const Setting& setting, int from, int closed,
                                      int rows_in_first_clause = 1 << 20) {
  SessionOptions options;
  options.feature_order = {"jawOpen", "mouthClose"};
  options.feature_hop_ticks = static_cast<uint32_t>(10'000'000 / setting.rows_per_second);
  options.mouth_lead_ticks = setting.lead_ms * 10'000;
  facewire::Errc error;
  auto session = Session::create(options, error);
  CHECK(session != nullptr);
  session->begin("");
  const int rows = 2 * setting.rows_per_second;
  int row = 0;
  for (const int end : {std::min(rows, rows_in_first_clause), rows}) {
    if (row == end) break;
    std::vector<float> features;
    const size_t samples = static_cast<size_t>(24000 * (end - row) / setting.rows_per_second);
    const std::string audio = messages::base64(std::vector<uint8_t>(2 * samples));
    const bool first = row == 0;
    for (; row < end; ++row) {
      const bool inside = row >= from && row < from + closed;
      const bool edge = row == from - 1 || row == from + closed;
      features.push_back(kOpen);
      features.push_back(inside ? kOpen : edge ? kOpen / 2 : 0.0f);
    }
    session->push_parsed({.base64 = audio,
                          .features = features,
                          .sample_rate = 24000,
                          .feature_dimension = 2,
                          .clause = first ? 1 : 2,
                          .final = row == rows});
  }
  return session;
}

float apart(Session& session, int64_t sample, int64_t next) {
  Row row;
  session.frame_at(sample, row, next);
  return facewire::aperture(row.data());
}

// Pictures of the second second with the lips closed, as they are shown.
int closed_pictures(Session& session, int pictures_per_second, bool looking) {
  int closed = 0;
  for (int i = pictures_per_second / 2; i < 3 * pictures_per_second / 2; ++i) {
    const int64_t sample = kRate * i / pictures_per_second;
    const int64_t next = kRate * (i + 1) / pictures_per_second;
    closed += apart(session, sample, looking ? next : 0) <= kClosed ? 1 : 0;
  }
  return closed;
}

}  // namespace

TEST(a_closure_shorter_than_a_picture_is_shown_once) {
  for (const Setting setting : {Setting{120, 24},
                                {120, 25},
                                {100, 30},
                                {60, 24},
                                {50, 25},
                                {25, 30},
                                {120, 24, 40},
                                {120, 24, -55}}) {
    check::context() = std::to_string(setting.rows_per_second) + " to " +
                       std::to_string(setting.pictures_per_second) + ", lead " +
                       std::to_string(setting.lead_ms);
    int missed = 0;
    for (int phase = 0; phase < setting.rows_per_second / 5; ++phase) {
      const int row = 9 * setting.rows_per_second / 10 + phase;
      const auto session = session_with(setting, row, 1);
      const int64_t period = kRate / setting.pictures_per_second;
      const int64_t shown_at =
          row * kRate / setting.rows_per_second - kRate / 1000 * setting.lead_ms;
      const int64_t from_middle = std::abs(shown_at % period - period / 2);
      // Half way between two pictures both may show it.
      const int most = from_middle <= 3 ? 2 : 1;
      const int shown = closed_pictures(*session, setting.pictures_per_second, true);
      CHECK(shown >= 1 && shown <= most);
      missed += closed_pictures(*session, setting.pictures_per_second, false) == 0 ? 1 : 0;
    }
    // Or this test would show nothing.
    CHECK(missed > 0);
  }
}

TEST(the_picture_nearest_to_the_closure_shows_it) {
  const Setting setting = {120, 24};
  for (int phase = 0; phase < 24; ++phase) {
    const int row = 108 + phase;
    const auto session = session_with(setting, row, 1);
    const int64_t at = row * kRate / 120;
    const int64_t nearest = (at + kRate / 48) / (kRate / 24) * (kRate / 24);
    // Half way between two either will do.
    if (std::abs(at - nearest) + 2 >= kRate / 48) continue;
    CHECK(apart(*session, nearest, nearest + kRate / 24) <= kClosed);
  }
}

TEST(a_closure_that_is_seen_anyway_stays_as_long_as_it_is) {
  for (const Setting setting : {Setting{120, 24}, {120, 30}, {25, 24}, {25, 60}}) {
    for (int phase = 0; phase < setting.rows_per_second / 5; ++phase) {
      const auto session = session_with(setting, 9 * setting.rows_per_second / 10 + phase,
                                        setting.rows_per_second / 12);
      for (int i = 0; i < 2 * setting.pictures_per_second; ++i) {
        const int64_t sample = kRate * i / setting.pictures_per_second;
        const int64_t next = kRate * (i + 1) / setting.pictures_per_second;
        CHECK_EQUAL(apart(*session, sample, next), apart(*session, sample, 0));
      }
    }
  }
}

TEST(a_closure_where_two_clauses_meet_is_shown) {
  const Setting setting = {120, 24};
  for (int phase = 0; phase < 24; ++phase) {
    for (const int into_second : {0, 1, 2}) {
      // Clauses are blended into each other, so the closure is there for a while.
      const int row = 108 + phase;
      const auto session = session_with(setting, row - 6, 7, row - into_second);
      CHECK(closed_pictures(*session, 24, true) >= 1);
    }
  }
}

TEST(odd_periods_do_no_harm) {
  const auto session = session_with({120, 24}, 120, 1);
  Row plain, row;
  for (const int64_t sample : {int64_t{-5}, int64_t{0}, kRate, int64_t{1} << 52}) {
    session->frame_at(sample, plain);
    for (const int64_t next : {sample - 1, sample, sample + kRate + 1, -(int64_t{1} << 53)}) {
      session->frame_at(sample, row, next);
      CHECK(row == plain);
    }
  }
}
