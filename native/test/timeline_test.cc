#include "facewire/timeline.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "check.h"

using facewire::Timeline;

namespace {

constexpr uint32_t kRate = 16000;
constexpr int64_t kRamp = 160;
constexpr int64_t kWindow = 4 * kRate;
constexpr int64_t kMaxWaiting = 2 * kRate;

// The same contract in the plainest way: every output sample ever, in a list.
struct Plain {
  std::vector<float> output;
  std::vector<int64_t> source_of;  // Source sample of each output sample, -1 for silence.
  std::vector<float> tail;         // Ramp that reaches past what is committed.
  std::deque<float> waiting;
  int64_t received = 0;

  void append(const std::vector<float>& samples) {
    waiting.insert(waiting.end(), samples.begin(), samples.end());
    received += static_cast<int64_t>(samples.size());
  }

  int64_t commit(int64_t until) {
    int64_t silence = 0;
    while (static_cast<int64_t>(output.size()) < until) {
      if (!tail.empty()) {
        output.push_back(tail.front());
        source_of.push_back(-1);
        tail.erase(tail.begin());
      } else if (!waiting.empty()) {
        source_of.push_back(received - static_cast<int64_t>(waiting.size()));
        output.push_back(waiting.front());
        waiting.pop_front();
      } else {
        output.push_back(0.0f);
        source_of.push_back(-1);
        ++silence;
      }
    }
    return silence;
  }

  // Only for interrupts that do not fall into an earlier ramp.
  int64_t interrupt(int64_t sample) {
    const auto at = static_cast<size_t>(sample);
    // The sound that would follow without a break, and its source.
    const bool playing =
        (at < output.size() && source_of[at] >= 0) || (at > 0 && source_of[at - 1] >= 0);
    if (!playing) {
      std::fill(output.begin() + sample, output.end(), 0.0f);
      std::fill(source_of.begin() + sample, source_of.end(), -1);
      waiting.clear();
      return -1;
    }
    const int64_t cut = at > 0 && source_of[at - 1] >= 0 ? source_of[at - 1] + 1 : source_of[at];
    std::vector<float> rest;
    int64_t expected = cut;
    for (size_t i = at; i < output.size() && source_of[i] == expected; ++i, ++expected)
      rest.push_back(output[i]);
    if (at + rest.size() == output.size()) rest.insert(rest.end(), waiting.begin(), waiting.end());
    rest.resize(std::min<size_t>(rest.size(), kRamp));
    for (size_t i = 0; i < rest.size(); ++i) {
      rest[i] *= 1.0f - static_cast<float>(i) / static_cast<float>(rest.size());
    }
    for (size_t i = at; i < output.size(); ++i) {
      output[i] = i - at < rest.size() ? rest[i - at] : 0.0f;
      source_of[i] = -1;
    }
    tail.assign(rest.begin() + std::min<ptrdiff_t>(std::ssize(rest), std::ssize(output) - sample),
                rest.end());
    waiting.clear();
    return cut;
  }
};

std::vector<float> noise(size_t count) {
  std::uniform_real_distribution<float> in_range(-1, 1);
  std::vector<float> samples(count);
  for (float& sample : samples) sample = in_range(check::random());
  return samples;
}

void compare(const Timeline& timeline, const Plain& plain) {
  const auto end = static_cast<int64_t>(plain.output.size());
  CHECK_EQUAL(timeline.committed(), end);
  CHECK_EQUAL(timeline.waiting(), static_cast<int64_t>(plain.waiting.size()));
  const int64_t from = std::max<int64_t>(0, end - kWindow) - 50;
  std::vector<float> out(static_cast<size_t>(end - from + 70));
  CHECK_EQUAL(timeline.read(from, out), end - std::max<int64_t>(0, end - kWindow));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t at = from + static_cast<int64_t>(i);
    const bool inside = at >= std::max<int64_t>(0, end - kWindow) && at < end;
    if (!CHECK_EQUAL(out[i], inside ? plain.output[static_cast<size_t>(at)] : 0.0f)) return;
    if (inside && plain.source_of[static_cast<size_t>(at)] >= 0) {
      CHECK_EQUAL(timeline.output_of(plain.source_of[static_cast<size_t>(at)]), at);
    }
  }
}

}  // namespace

TEST(puts_silence_where_nothing_waits) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  timeline->append(noise(100));
  CHECK_EQUAL(timeline->commit(40), 0);
  CHECK_EQUAL(timeline->commit(130), 30);
  timeline->append(noise(50));
  CHECK_EQUAL(timeline->commit(200), 20);
  CHECK_EQUAL(timeline->commit(150), 0);
  CHECK_EQUAL(timeline->committed(), 200);
  CHECK_EQUAL(timeline->output_of(0), 0);
  CHECK_EQUAL(timeline->output_of(99), 99);
  CHECK_EQUAL(timeline->output_of(100), 130);
  CHECK_EQUAL(timeline->output_of(150), -1);
  CHECK_EQUAL(timeline->source_committed(), 150);
}

TEST(an_interrupt_at_the_front_fades_with_what_waits) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  timeline->append(std::vector<float>(1000, 1.0f));
  timeline->commit(400);
  CHECK_EQUAL(timeline->interrupt(400, 1003), 400);
  CHECK_EQUAL(timeline->waiting(), 0);
  timeline->append(std::vector<float>(100, -1.0f));
  CHECK_EQUAL(timeline->commit(700), 700 - 400 - kRamp - 100);
  std::vector<float> out(300);
  timeline->read(400, out);
  for (int i = 0; i < 300; ++i) {
    const float expected = i < kRamp         ? 1.0f - static_cast<float>(i) / kRamp
                           : i < kRamp + 100 ? -1.0f
                                             : 0.0f;
    CHECK_EQUAL(out[static_cast<size_t>(i)], expected);
  }
  CHECK_EQUAL(timeline->output_of(399), 399);
  CHECK_EQUAL(timeline->output_of(400), -2);
  CHECK_EQUAL(timeline->output_of(1002), -2);
  CHECK_EQUAL(timeline->output_of(1003), 400 + kRamp);
  CHECK_EQUAL(timeline->interrupt(690, 1200), -1);
}

TEST(looks_ahead_as_far_as_it_is_known) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  timeline->append(std::vector<float>(300, 1.0f));
  timeline->commit(100);
  std::vector<float> out(400, 5.0f);
  CHECK_EQUAL(timeline->look(50, out), 250);
  for (size_t i = 0; i < 400; ++i) CHECK_EQUAL(out[i], i < 250 ? 1.0f : 5.0f);
  CHECK_EQUAL(timeline->look(300, out), 0);
  CHECK_EQUAL(timeline->look(-1, out), 0);
  timeline->hold_from(timeline->source_committed());
  CHECK_EQUAL(timeline->look(50, out), 50);
  timeline->hold_from(Timeline::kNothingHeld);
  timeline->interrupt(100, 300);
  CHECK_EQUAL(timeline->look(100, out), kRamp);
  CHECK(out[0] == 1.0f && out[kRamp - 1] < 0.01f);
}

TEST(what_is_held_has_no_place) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  timeline->append(std::vector<float>(300, 1.0f));
  timeline->commit(100);
  timeline->hold_from(150);
  std::vector<float> out(400, 5.0f);
  CHECK_EQUAL(timeline->look(50, out), 100);
  CHECK_EQUAL(timeline->commit(180), 30);
  CHECK_EQUAL(timeline->source_committed(), 150);
  CHECK_EQUAL(timeline->look(180, out), 0);
  timeline->hold_from(Timeline::kNothingHeld);
  CHECK_EQUAL(timeline->look(180, out), 150);
  CHECK_EQUAL(timeline->commit(400), 70);
}

TEST(huge_and_odd_positions_do_no_harm) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  timeline->append(noise(100));
  std::vector<float> out(10, 5.0f);
  CHECK_EQUAL(timeline->read(-5, out), 0);
  CHECK_EQUAL(timeline->commit(-7), 0);
  CHECK_EQUAL(timeline->commit(int64_t{1} << 52), (int64_t{1} << 52) - 100);
  CHECK_EQUAL(timeline->read((int64_t{1} << 52) - 5, out), 5);
  CHECK_EQUAL(timeline->interrupt(-1000, 100), -1);
  CHECK_EQUAL(timeline->output_of(-1), -2);
  CHECK_EQUAL(timeline->output_of(int64_t{1} << 52), -1);
}

TEST(agrees_with_the_plain_model_over_random_use) {
  for (int round = 0; round < 60; ++round) {
    check::context() = "round " + std::to_string(round);
    const auto timeline = Timeline::create(kRate, kMaxWaiting);
    Plain plain;
    int64_t last_cut = -1;
    for (int step = 0; step < 120; ++step) {
      const auto dice = check::random()() % 10;
      if (dice < 4) {
        const auto room = static_cast<size_t>(kMaxWaiting) - plain.waiting.size();
        const auto samples = noise(std::min<size_t>(check::random()() % 4000, room));
        timeline->append(samples);
        plain.append(samples);
      } else if (dice < 9) {
        const int64_t until =
            timeline->committed() + static_cast<int64_t>(check::random()() % 3000);
        CHECK_EQUAL(timeline->commit(until), plain.commit(until));
      } else {
        const int64_t back = static_cast<int64_t>(check::random()() % 1000);
        const int64_t at =
            std::max<int64_t>({0, timeline->committed() - back, last_cut + kRamp + 1});
        if (at > timeline->committed()) continue;
        const int64_t next = plain.received + static_cast<int64_t>(check::random()() % 5);
        CHECK_EQUAL(timeline->interrupt(at, next), plain.interrupt(at));
        plain.received = next;
        last_cut = at;
      }
      if (step % 10 == 9) compare(*timeline, plain);
      // What is seen ahead is what comes, as far as it was seen.
      std::vector<float> ahead(check::random()() % 2000), later(ahead.size());
      const int64_t from =
          timeline->committed() - 200 + static_cast<int64_t>(check::random()() % 400);
      const int64_t seen = timeline->look(from, ahead);
      if (seen == 0) continue;
      CHECK_EQUAL(timeline->commit(from + seen), plain.commit(from + seen));
      timeline->read(from, later);
      CHECK(std::equal(ahead.begin(), ahead.begin() + seen, later.begin()));
    }
    compare(*timeline, plain);
  }
}

TEST(more_breaks_than_it_keeps_lose_only_the_oldest) {
  const auto timeline = Timeline::create(kRate, kMaxWaiting);
  for (int i = 0; i < 5000; ++i) {
    timeline->append(std::vector<float>(1, 1.0f));
    timeline->commit(timeline->committed() + 2);
  }
  std::vector<float> out(200);
  timeline->read(timeline->committed() - 200, out);
  for (size_t i = 0; i < 200; i += 2) CHECK(out[i] == 1.0f && out[i + 1] == 0.0f);
  CHECK(timeline->run_count() <= 1024);
}
