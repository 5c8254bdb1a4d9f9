// Nothing that is shown moves faster than a mouth can, whatever came in.
#include "facewire/speed_limit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "facewire/ease.h"
#include "facewire/session.h"
#include "session_messages.h"

using namespace facewire;

namespace {

constexpr int64_t kRate = 48000;
using Weights = std::array<float, kWeightCount>;
using Row = std::array<float, kFrameWidth>;

std::unique_ptr<Session> play(const std::vector<float>& rows, int seconds, size_t clauses = 1) {
  SessionOptions options;
  options.feature_order.assign(kArkitNames.begin(), kArkitNames.end());
  Errc error;
  auto session = Session::create(options, error);
  CHECK(session != nullptr);
  session->begin("r");
  const size_t each = rows.size() / kWeightCount / clauses * kWeightCount;
  const std::string audio =
      messages::base64(std::vector<uint8_t>(static_cast<size_t>(2 * 24000 * seconds) / clauses));
  for (size_t i = 0; i < clauses; ++i) {
    session->push_parsed({.base64 = audio,
                          .features = std::span(rows).subspan(i * each, each),
                          .sample_rate = 24000,
                          .feature_dimension = kWeightCount,
                          .clause = static_cast<int32_t>(i + 1),
                          .final = i + 1 == clauses});
  }
  return session;
}

}  // namespace

TEST(weights_that_keep_the_limit_stay_as_they_are) {
  Weights before, row;
  for (int round = 0; round < 100; ++round) {
    for (size_t i = 0; i < kWeightCount; ++i) {
      before[i] = std::uniform_real_distribution<float>(0.2f, 0.8f)(check::random());
      row[i] = before[i] + std::uniform_real_distribution<float>(-0.19f, 0.19f)(check::random());
    }
    const Weights wanted = row;
    CHECK(!limit_speed(before, 0.2f, row));
    CHECK(row == wanted);
  }
}

TEST(lips_meet_as_soon_as_they_can) {
  Weights before = {}, row = {};
  before[kJawOpen] = 0.5f;
  row[kJawOpen] = 0.0f;
  // The jaw alone would take three pictures; with the lips it is half of that.
  CHECK(limit_speed(before, 0.2f, row));
  CHECK(std::abs(row[kJawOpen] - 0.3f) < 1e-6f);
  CHECK(std::abs(row[kMouthClose] - 0.2f) < 1e-6f);
  before = row;
  row = {};
  CHECK(limit_speed(before, 0.2f, row));
  CHECK(aperture(row.data()) <= 1e-6f);
}

TEST(no_channel_of_a_session_is_too_fast_at_any_frame_rate) {
  constexpr int kSeconds = 3;
  std::vector<float> wild(25 * kSeconds * kWeightCount);
  for (size_t i = 0; i < wild.size(); ++i)
    wild[i] = check::random()() % 3 == 0 ? 1e9f : (check::random()() % 2 == 0 ? -5.0f : 0.4f);
  for (const int fps : {24, 25, 30, 48, 50, 60, 90, 120}) {
    const auto session = play(wild, kSeconds, 3);
    session->commit(4 * kRate);
    Row before = {}, row;
    double fastest = 0;
    for (int64_t i = 0; i < 4 * fps; ++i) {
      const int64_t sample = i * kRate / fps;
      session->frame_at(sample, row, (i + 1) * kRate / fps);
      const int64_t since = i == 0 ? kRate : sample - (i - 1) * kRate / fps;
      for (size_t c = 0; c < kWeightCount; ++c) {
        CHECK(row[c] >= 0.0f && row[c] <= 1.0f);
        const double change =
            std::abs(static_cast<double>(row[c]) - static_cast<double>(before[c]));
        fastest = std::max(fastest, change * kRate / static_cast<double>(since));
      }
      CHECK(row[kMouthClose] <= row[kJawOpen] + 0.1001f);
      before = row;
    }
    CHECK(fastest > 6 && fastest <= kMaxSpeed + 0.001);
    CHECK_EQUAL(aperture(row.data()), 0.0f);
  }
}

TEST(what_is_fast_but_possible_comes_through_to_the_bit) {
  // 7.5 a second up and down, over three rows each.
  std::vector<float> rows(50 * kWeightCount);
  for (size_t i = 0; i < 50; ++i) {
    const size_t step = i % 6;
    rows[i * kWeightCount + kJawOpen] = 0.3f * static_cast<float>(step <= 3 ? step : 6 - step);
  }
  const auto session = play(rows, 2);
  session->commit(2 * kRate);
  for (int64_t i = 5; i < 45; ++i) {
    Row row;
    for (int64_t part = 0; part < 4; ++part)
      session->frame_at((i * 40 + part * 10) * kRate / 1000, row, (i * 40 + part * 10 + 10) * 48);
    session->frame_at((i + 1) * 40 * kRate / 1000, row, 0);
    if (!CHECK_EQUAL(row[kJawOpen], rows[static_cast<size_t>(i + 1) * kWeightCount + kJawOpen]))
      return;
  }
}

TEST(a_picture_drawn_again_is_the_same) {
  std::vector<float> wild(25 * kWeightCount);
  for (size_t i = 0; i < wild.size(); ++i) wild[i] = i / kWeightCount % 2 == 0 ? 1.0f : 0.0f;
  const auto session = play(wild, 1);
  session->commit(kRate);
  Row first, again;
  for (int64_t i = 0; i < 60; ++i) {
    session->frame_at(i * kRate / 60, first, (i + 1) * kRate / 60);
    if (i % 7 != 0) continue;
    session->frame_at(i * kRate / 60, again, (i + 1) * kRate / 60);
    CHECK(first == again);
  }
}
