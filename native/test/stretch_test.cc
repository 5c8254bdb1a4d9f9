// What is kept between pictures must be what a look at everything would give.
#include "facewire/stretch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "check.h"
#include "facewire/kernels.h"
#include "facewire/session.h"
#include "session_messages.h"

using facewire::Errc;
using facewire::FeatureTrack;
using facewire::kFrameWidth;
using facewire::kWeightCount;
using facewire::Mouth;
using facewire::Session;
using facewire::SessionOptions;
using facewire::Stretch;
using facewire::Timeline;

namespace {

constexpr int64_t kRate = 16000;
constexpr int64_t kHop = 640;

int64_t pick(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(check::random());
}

std::vector<float> random_rows(size_t rows) {
  std::vector<float> values(rows * kWeightCount);
  for (float& value : values) value = static_cast<float>(pick(0, 1000)) / 1000.0f;
  return values;
}

// The same with the lips apart, and nothing so fast that a picture would have to look at the one
// before.
std::vector<float> calm_rows(size_t rows) {
  std::vector<float> values = random_rows(rows);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t channel = i % kWeightCount;
    const float least = channel == facewire::kJawOpen ? 0.7f : 0.1f;
    values[i] = least + 0.3f * values[i];
  }
  return values;
}

}  // namespace

TEST(a_stretch_gives_what_the_mouth_gives) {
  std::vector<uint8_t> columns(kWeightCount);
  for (size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<uint8_t>(i);
  int moving = 0;
  int resting = 0;
  for (int round = 0; round < 60; ++round) {
    const int64_t lead = pick(-1000, 1000);
    const auto timeline = Timeline::create(kRate, 10 * kRate);
    // Few rows, so that the ring goes round.
    const auto track = FeatureTrack::create(
        {.sample_rate = kRate, .hop_ticks = 400000, .columns = columns, .max_rows = 150});
    Mouth mouth(*timeline, *track, kRate, lead);
    int64_t received = 0;
    track->begin_clause(0);
    for (int step = 0; step < 40; ++step) {
      const int64_t now = timeline->committed();
      if (timeline->waiting() < 5 * kRate && pick(0, 3) > 0) {
        const std::vector<float> audio(static_cast<size_t>(pick(0, 2 * kRate)));
        timeline->append(audio);
        track->trim(timeline->oldest_source());
        if (pick(0, 2) == 0) track->begin_clause(received);
        received += std::ssize(audio);
        uint32_t warnings = 0;
        const auto rows = std::min(static_cast<size_t>(pick(0, 50)), track->free_rows());
        CHECK(track->append(random_rows(rows), kWeightCount, warnings));
      }
      timeline->commit(now + pick(0, kRate));
      if (pick(0, 9) == 0) {
        Mouth::Row shown;
        const int64_t at = timeline->committed() - pick(0, 2000);
        mouth.evaluate(at, shown);
        const int64_t heard = timeline->source_committed();
        const int64_t cut = timeline->interrupt(at, received);
        track->truncate(std::max<int64_t>(0, cut >= 0 ? cut : heard));
        mouth.join(at, shown);
      }
      for (int look = 0; look < 30; ++look) {
        const int64_t sample = now + pick(-kRate, 3 * kRate);
        const Stretch stretch = mouth.stretch_at(sample);
        if (!stretch.holds(sample)) continue;
        (stretch.rows == nullptr ? resting : moving) += 1;
        const int64_t first = std::max(stretch.begin, sample - kRate);
        const int64_t last = std::min(stretch.end, sample + kRate) - 1;
        for (const int64_t at : {sample, first, last, pick(first, last)}) {
          Mouth::Row expected;
          Mouth::Row row;
          const bool speaking = mouth.evaluate(at, expected);
          stretch.evaluate(*facewire::kernels().face, at, row.data());
          if (!CHECK_EQUAL(stretch.speaking, speaking) || !CHECK(row == expected)) return;
        }
      }
    }
  }
  CHECK(moving > 5000);
  CHECK(resting > 1000);
}

// One session keeps its stretch from call to call; its twin is asked for a
// far instant in between, and so has to look again each time.
TEST(a_session_forgets_its_stretch_in_time) {
  int compared = 0;
  for (int round = 0; round < 40; ++round) {
    SessionOptions options;
    options.sample_rate = kRate;
    options.mouth_lead_ticks = pick(-500'000, 500'000);
    options.max_buffered_seconds = 4;
    options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
    Errc error;
    const auto session = Session::create(options, error);
    const auto twin = Session::create(options, error);
    const auto both = [&](auto&& call) {
      call(*session);
      call(*twin);
    };
    int32_t clause = 1;
    for (int step = 0; step < 120; ++step) {
      const int64_t now = session->committed();
      switch (pick(0, 7)) {
        case 0:
        case 1:
        case 2: {
          if (pick(0, 4) == 0) ++clause;
          const std::string audio =
              messages::base64(std::vector<uint8_t>(static_cast<size_t>(pick(0, 2 * 12000))));
          const auto features = calm_rows(static_cast<size_t>(pick(0, 20)));
          const bool final = pick(0, 9) == 0;
          both([&](Session& to) {
            to.push_parsed({.base64 = audio,
                            .features = features,
                            .sample_rate = 24000,
                            .feature_dimension = kWeightCount,
                            .clause = clause,
                            .final = final});
          });
          break;
        }
        case 3: {
          const int64_t at = now - pick(0, 4000);
          if (pick(0, 2) == 0) both([&](Session& to) { to.interrupt(at); });
          break;
        }
        case 4:
          both([&](Session& to) { to.begin(""); });
          break;
        case 5:
          both([&](Session& to) { to.end(); });
          break;
        default: {
          const int64_t until = now + pick(0, 8000);
          both([&](Session& to) { to.commit(until); });
        }
      }
      int64_t sample = now + pick(-2000, 2000);
      for (int look = 0; look < 4; ++look, sample += pick(0, 800)) {
        std::array<float, kFrameWidth> row;
        std::array<float, kFrameWidth> expected;
        const int64_t next = pick(0, 1) == 0 ? 0 : sample + pick(200, 2000);
        twin->frame_at(-100 * kRate, expected);
        const bool speaking = twin->frame_at(sample, expected, next);
        if (!CHECK_EQUAL(session->frame_at(sample, row, next), speaking)) return;
        // After a cut the twin, which was elsewhere, is there at once.
        if (session->pictures().limited) continue;
        compared += 1;
        if (!CHECK(row == expected)) return;
      }
    }
  }
  CHECK(compared > 15000);
}

// Rows that stay open need no search for a closure, and one that does not is never missed.
TEST(a_closure_is_never_hidden_by_a_stretch) {
  const std::vector<uint8_t> columns = {facewire::kJawOpen};
  for (const int64_t closed : {10, 11, 12}) {
    const auto timeline = Timeline::create(kRate, 10 * kRate);
    const auto track = FeatureTrack::create(
        {.sample_rate = kRate, .hop_ticks = 400000, .columns = columns, .max_rows = 100});
    Mouth mouth(*timeline, *track, kRate, 0);
    timeline->append(std::vector<float>(30 * kHop));
    track->begin_clause(0);
    std::vector<float> jaw(30, 0.5f);
    jaw[static_cast<size_t>(closed)] = 0.0f;
    uint32_t warnings = 0;
    CHECK(track->append(jaw, 1, warnings));
    const Stretch stretch = mouth.stretch_at(11 * kHop);
    CHECK(stretch.holds(11 * kHop));
    for (int64_t from = 5 * kHop; from < 15 * kHop; from += 37) {
      for (const int64_t length : {1, 300, 640, 2000}) {
        const bool inside = track->most_closed(from, from + length).aperture <= Mouth::kClosed;
        const bool open = stretch.stays_open(from, from + length, Mouth::kClosed);
        CHECK(!(inside && open));
        // Three rows away nothing needs a search.
        if (from > (closed + 3) * kHop || from + length < (closed - 3) * kHop) CHECK(open);
      }
    }
  }
}
