// The ring behind the sound card: what goes in comes out, ramps, cuts at exact
// places, and a callback in a thread of its own.
#include "facewire/sound_ring.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "check.h"
#include "count_allocations.h"

using facewire::RenderedBlock;
using facewire::SoundRing;

namespace {

constexpr uint32_t kRamp = 480;
constexpr int64_t kCycle = 30000;

int16_t counter(int64_t position) { return static_cast<int16_t>(position % kCycle + 1); }

// Writes the counter from where the ring stands; returns the frames taken.
size_t write_counter(SoundRing& ring, size_t frames) {
  std::vector<int16_t> samples(frames);
  for (size_t i = 0; i < frames; ++i)
    samples[i] = counter(ring.written() + static_cast<int64_t>(i));
  return ring.write(samples);
}

size_t random_below(size_t limit) { return check::random()() % limit; }

std::vector<int16_t> render(SoundRing& ring, size_t frames, RenderedBlock* block = nullptr) {
  std::vector<int16_t> out(frames);
  const RenderedBlock got = ring.render(out);
  if (block != nullptr) *block = got;
  return out;
}

int largest_step(const std::vector<int16_t>& samples) {
  int step = 0;
  for (size_t i = 1; i < samples.size(); ++i)
    step = std::max(step, std::abs(samples[i] - samples[i - 1]));
  return step;
}

}  // namespace

TEST(every_sample_passes_unchanged_behind_the_first_ramp) {
  const auto ring = SoundRing::create(3000, kRamp);
  CHECK_EQUAL(ring->capacity(), 4096u);
  int64_t position = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    const size_t wanted = random_below(700);
    const size_t room = ring->room();
    CHECK_EQUAL(write_counter(*ring, wanted), std::min(wanted, room));
    const auto waiting = static_cast<size_t>(ring->written() - ring->consumed());
    const std::vector<int16_t> out = render(*ring, std::min(waiting, random_below(700)));
    for (const int16_t sample : out) {
      if (position >= kRamp && !CHECK_EQUAL(sample, counter(position))) return;
      ++position;
    }
  }
  CHECK(position > 500000);
}

TEST(a_full_ring_takes_what_fits) {
  const auto ring = SoundRing::create(1024, kRamp);
  CHECK_EQUAL(write_counter(*ring, 1000), 1000u);
  CHECK_EQUAL(ring->room(), 24u);
  CHECK_EQUAL(write_counter(*ring, 100), 24u);
  CHECK_EQUAL(write_counter(*ring, 100), 0u);
  render(*ring, 10);
  CHECK_EQUAL(ring->room(), 10u);
}

TEST(running_dry_is_silence_without_a_click_and_loses_nothing) {
  const auto ring = SoundRing::create(8192, kRamp);
  const std::vector<int16_t> loud(2000, 30000);
  ring->write(loud);
  RenderedBlock block;
  std::vector<int16_t> all = render(*ring, 3000, &block);
  CHECK_EQUAL(block.played, 2000u);
  CHECK_EQUAL(block.silent, 1000u);
  CHECK_EQUAL(block.dry, 1000u);
  CHECK_EQUAL(all.back(), 0);
  ring->write(loud);
  const std::vector<int16_t> more = render(*ring, 2000, &block);
  CHECK_EQUAL(block.first, 2000);
  CHECK_EQUAL(block.played, 2000u);
  all.insert(all.end(), more.begin(), more.end());
  // A ramp of 480 steps over 30000.
  CHECK(largest_step(all) <= 63);
  CHECK_EQUAL(all[0], 62);
}

TEST(a_cut_begins_exactly_where_flush_says) {
  for (int turn = 0; turn < 500; ++turn) {
    const auto ring = SoundRing::create(16384, kRamp);
    ring->write(std::vector<int16_t>(10000, 20000));
    std::vector<int16_t> all = render(*ring, 500 + random_below(3000));
    const int64_t stop = ring->flush();
    CHECK_EQUAL(stop, static_cast<int64_t>(all.size()));
    CHECK_EQUAL(ring->flush(), stop);
    ring->write(std::vector<int16_t>(3000, -20000));
    for (int block = 0; block < 30; ++block) {
      const std::vector<int16_t> next = render(*ring, 1 + random_below(100));
      all.insert(all.end(), next.begin(), next.end());
    }
    const std::vector<int16_t> last = render(*ring, 2000);
    all.insert(all.end(), last.begin(), last.end());
    const auto at = static_cast<size_t>(stop);
    CHECK_EQUAL(all[at - 1], 20000);
    CHECK(all[at] < 20000);
    CHECK_EQUAL(all[at + kRamp - 1], 0);
    CHECK(all[at + kRamp] < 0);
    CHECK_EQUAL(all[at + 2 * kRamp], -20000);
    if (!CHECK(largest_step(all) <= 43)) return;
  }
}

TEST(a_second_cut_before_the_callback_came_voids_the_second_sound_too) {
  const auto ring = SoundRing::create(8192, kRamp);
  ring->write(std::vector<int16_t>(2000, 20000));
  render(*ring, 1000);
  CHECK_EQUAL(ring->flush(), 1000);
  ring->write(std::vector<int16_t>(500, 9000));
  CHECK_EQUAL(ring->flush(), 2000);
  ring->write(std::vector<int16_t>(500, -9000));
  const std::vector<int16_t> out = render(*ring, 980);
  CHECK_EQUAL(out[kRamp - 1], 0);
  CHECK_EQUAL(out.back(), -9000);
  CHECK(largest_step(out) <= 43);
}

TEST(cutting_what_is_over_does_nothing) {
  const auto ring = SoundRing::create(1024, kRamp);
  CHECK_EQUAL(ring->flush(), 0);
  ring->write(std::vector<int16_t>(700, 1000));
  render(*ring, 1024);
  render(*ring, 1024);
  CHECK_EQUAL(ring->flush(), 700);
  CHECK_EQUAL(render(*ring, 100).back(), 0);
}

TEST(render_and_write_take_no_memory) {
  const auto ring = SoundRing::create(8192, kRamp);
  std::vector<int16_t> samples(400, 5), out(400);
  const size_t before = check::allocations.load();
  for (int i = 0; i < 1000; ++i) {
    ring->write(samples);
    ring->render(out);
    if (i % 7 == 0) ring->flush();
  }
  CHECK_EQUAL(check::allocations.load(), before);
}

// A callback with blocks of any size in a thread of its own, a writer that fills
// and cuts at random. Afterwards every frame is accounted for: played in order, or
// void between the place that flush() told and the end of what was written then.
TEST(a_callback_in_another_thread_loses_only_what_was_cut) {
  const auto ring = SoundRing::create(4096, kRamp);
  std::atomic<bool> done{false};
  std::vector<RenderedBlock> blocks;
  size_t exact = 0, inexact = 0;
  std::thread callback([&] {
    std::minstd_rand random(1);
    std::vector<int16_t> out(1024);
    int64_t clean = 0;  // Frames since the last ramp.
    while (!done.load() || ring->consumed() < ring->written()) {
      const auto samples = std::span(out).first(1 + random() % 1024);
      const RenderedBlock block = ring->render(samples);
      const bool follows = !blocks.empty() && blocks.back().end == block.first;
      const bool whole = block.silent == 0 && block.end - block.first == block.played && follows;
      const int full = counter(block.first);
      const bool cut = samples[0] == full * static_cast<int>(kRamp - 1) / static_cast<int>(kRamp);
      if (whole && clean > kRamp && !(cut && samples[0] != full)) {
        bool good = true;
        for (size_t i = 0; i < samples.size(); ++i)
          good = good && samples[i] == counter(block.first + static_cast<int64_t>(i));
        ++(good ? exact : inexact);
        clean += block.played;
      } else {
        clean = whole && samples[0] == full ? clean + block.played : 0;
        if (whole && !cut) clean += block.played;
      }
      blocks.push_back(block);
      if (random() % 8 == 0) std::this_thread::yield();
    }
  });
  std::vector<int64_t> stops, ends;
  for (int turn = 0; turn < 20000 || stops.size() < 200; ++turn) {
    write_counter(*ring, random_below(900));
    const int64_t end = ring->written();
    if (random_below(40) == 0 && (ends.empty() || end > ends.back())) {
      stops.push_back(ring->flush());
      ends.push_back(end);
    }
    if (random_below(4) == 0) std::this_thread::yield();
  }
  done = true;
  callback.join();
  CHECK(stops.size() > 100);
  CHECK(exact > 100);
  CHECK_EQUAL(inexact, 0u);

  // The first cut whose end lies at or behind `position`.
  const auto cut_at = [&](int64_t position) {
    return static_cast<size_t>(std::lower_bound(ends.begin(), ends.end(), position) - ends.begin());
  };
  int64_t position = 0, played = 0, skipped = 0;
  for (const RenderedBlock& block : blocks) {
    if (block.first != position) {
      const size_t landed = cut_at(block.first);
      if (!CHECK(landed < ends.size() && ends[landed] == block.first)) return;
      if (!CHECK(position >= stops[cut_at(position + 1)])) return;
      skipped += block.first - position;
    }
    const int64_t inside = block.end - block.first - block.played;
    if (inside != 0) {
      const size_t landed = cut_at(block.first + inside);
      if (!CHECK(inside > 0 && landed < ends.size() && ends[landed] <= block.end)) return;
      skipped += inside;
    }
    position = block.end;
    played += block.played;
  }
  CHECK_EQUAL(position, ring->written());
  CHECK_EQUAL(played + skipped, ring->written());
}
