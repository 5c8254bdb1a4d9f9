#include "facewire/pool.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "check.h"
#include "count_allocations.h"
#include "session_messages.h"

using facewire::Errc;
using facewire::kFrameWidth;
using facewire::kWeightCount;
using facewire::Session;
using facewire::SessionOptions;
using facewire::SessionPool;

namespace {

constexpr int64_t kRate = 16000;
const double kNoNext = 0;

std::unique_ptr<Session> speaking(int64_t seed) {
  SessionOptions options;
  options.sample_rate = kRate;
  options.idle_seed = seed;
  options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  Errc error;
  auto session = Session::create(options, error);
  session->begin("");
  std::vector<float> features(kWeightCount * 50);
  for (float& value : features) value = static_cast<float>(check::random()() % 1000) / 1000.0f;
  session->push_parsed({.base64 = messages::base64(std::vector<uint8_t>(4 * kRate)),
                        .features = features,
                        .sample_rate = kRate,
                        .feature_dimension = kWeightCount});
  return session;
}

std::array<float, kFrameWidth> row_of(std::span<const float> out, size_t row) {
  std::array<float, kFrameWidth> weights;
  std::copy_n(out.begin() + static_cast<ptrdiff_t>(row * kFrameWidth), kFrameWidth,
              weights.begin());
  return weights;
}

}  // namespace

// Sessions come and go in any order; what they keep for pictures moves with them.
TEST(members_come_and_go) {
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<Session>> twins;
  std::vector<ptrdiff_t> rows;  // By session; -1 outside.
  for (int64_t i = 0; i < 50; ++i) {
    const auto state = check::random();
    sessions.push_back(speaking(i));
    check::random() = state;
    twins.push_back(speaking(i));
    rows.push_back(-1);
  }
  {
    SessionPool pool;
    std::vector<float> out(50 * kFrameWidth);
    std::vector<uint8_t> flags(50);
    for (int step = 0; step < 2000; ++step) {
      const size_t which = check::random()() % 50;
      if (rows[which] < 0) {
        rows[which] = static_cast<ptrdiff_t>(pool.add(*sessions[which]));
      } else {
        pool.remove(static_cast<size_t>(rows[which]));
        rows[which] = -1;
      }
      const double sample = step * 16;
      pool.frames({&sample, 1}, {&kNoNext, 1}, out, flags);
      size_t members = 0;
      for (size_t i = 0; i < 50; ++i) {
        std::array<float, kFrameWidth> expected;
        const bool speech = twins[i]->frame_at(step * 16, expected);
        if (rows[i] < 0) {
          std::array<float, kFrameWidth> alone;
          CHECK_EQUAL(sessions[i]->frame_at(step * 16, alone), speech);
          if (!CHECK(alone == expected)) return;
          continue;
        }
        ++members;
        const auto row = static_cast<size_t>(rows[i]);
        CHECK_EQUAL(flags[row], speech ? 3 : 1);
        if (!CHECK(row_of(out, row) == expected)) return;
      }
      CHECK_EQUAL(std::count_if(flags.begin(), flags.begin() + static_cast<ptrdiff_t>(pool.rows()),
                                [](uint8_t flag) { return flag != 0; }),
                  members);
    }
  }
  // Without the pool they go on by themselves.
  for (size_t i = 0; i < 50; ++i) {
    std::array<float, kFrameWidth> row;
    std::array<float, kFrameWidth> expected;
    CHECK_EQUAL(sessions[i]->frame_at(10'000, row), twins[i]->frame_at(10'000, expected));
    CHECK(row == expected);
  }
}

TEST(a_sample_that_is_none_draws_nothing) {
  const auto session = speaking(1);
  SessionPool pool;
  pool.add(*session);
  std::vector<float> out(kFrameWidth);
  uint8_t flag = 0;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double wrong : {0.5, -0.5, kInfinity, -kInfinity, std::nan(""), 0x1p53, -0x1p53,
                             std::numeric_limits<double>::max()}) {
    for (const bool as_next : {false, true}) {
      const double sample = as_next ? 8000 : wrong;
      const double next = as_next ? wrong : 0;
      std::fill(out.begin(), out.end(), 9.0f);
      flag = 9;
      pool.frames({&sample, 1}, {&next, 1}, out, {&flag, 1});
      CHECK_EQUAL(flag, 0);
      CHECK(std::all_of(out.begin(), out.end(), [](float weight) { return weight == 0.0f; }));
    }
  }
  for (const double good : {-0x1p53 + 1, 0x1p53 - 1, 0.0, -1.0}) {
    pool.frames({&good, 1}, {&kNoNext, 1}, out, {&flag, 1});
    CHECK(flag != 0);
  }
}

TEST(frames_allocate_nothing) {
  std::vector<std::unique_ptr<Session>> sessions;
  SessionPool pool;
  for (int i = 0; i < 20; ++i) {
    sessions.push_back(speaking(i));
    pool.add(*sessions.back());
  }
  std::vector<float> out(20 * kFrameWidth);
  std::vector<uint8_t> flags(20);
  const size_t before = check::allocations;
  for (int frame = 0; frame < 400; ++frame) {
    const double sample = frame * 97;
    const double next = sample + 97;
    pool.frames({&sample, 1}, {&next, 1}, out, flags);
  }
  CHECK_EQUAL(check::allocations - before, 0u);
}
