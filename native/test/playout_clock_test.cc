// Which frame is heard when, asked while blocks are added.
#include "facewire/playout_clock.h"

#include <thread>

#include "check.h"

using facewire::PlayoutClock;

namespace {

constexpr int64_t kMs = 1'000'000;
constexpr double kRate = 48000;

}  // namespace

TEST(nothing_is_heard_before_its_time) {
  PlayoutClock clock;
  PlayoutClock::Block block;
  CHECK(!clock.newest(block));
  CHECK_EQUAL(clock.position(5 * kMs, kRate), 0);
  clock.add({30 * kMs, 0, 480});
  CHECK_EQUAL(clock.position(29 * kMs, kRate), 0);
  CHECK_EQUAL(clock.position(31 * kMs, kRate), 48);
  CHECK_EQUAL(clock.position(300 * kMs, kRate), 480);
}

TEST(silence_cuts_and_a_change_of_latency_are_told_at_the_ear) {
  PlayoutClock clock;
  clock.add({100 * kMs, 0, 480});
  clock.add({110 * kMs, 480, 100});   // Ran dry.
  clock.add({120 * kMs, 580, 0});     // Silence.
  clock.add({130 * kMs, 580, 480});   // Went on.
  clock.add({150 * kMs, 9000, 480});  // Behind a cut, and 10 ms later than before.
  CHECK_EQUAL(clock.position(109 * kMs, kRate), 432);
  CHECK_EQUAL(clock.position(119 * kMs, kRate), 580);
  CHECK_EQUAL(clock.position(129 * kMs, kRate), 580);
  CHECK_EQUAL(clock.position(135 * kMs, kRate), 820);
  CHECK_EQUAL(clock.position(149 * kMs, kRate), 1060);
  CHECK_EQUAL(clock.position(151 * kMs, kRate), 9048);
}

TEST(what_is_too_old_to_be_known_is_the_oldest_that_is) {
  PlayoutClock clock;
  for (int64_t i = 0; i < 2000; ++i) clock.add({i * 10 * kMs, i * 480, 480});
  CHECK_EQUAL(clock.position(0, kRate), (2000 - 512) * 480);
  CHECK_EQUAL(clock.position(19990 * kMs, kRate), 1999 * 480);
}

TEST(a_reader_sees_whole_blocks_only) {
  PlayoutClock clock;
  constexpr int64_t kCount = 300'000;
  std::thread callback([&] {
    for (int64_t i = 0; i < kCount; ++i) {
      clock.add({i * 10 * kMs, i * 480, 480});
      if (i % 64 == 0) std::this_thread::yield();
    }
  });
  int64_t last = 0;
  size_t torn = 0;
  while (last < kCount - 1) {
    PlayoutClock::Block block;
    if (!clock.newest(block)) continue;
    const int64_t index = block.first / 480;
    if (block.first != index * 480 || block.heard_ns != index * 10 * kMs || index < last) ++torn;
    last = index;
    // The middle of a block two blocks ago.
    if (index < 2) continue;
    const int64_t position = clock.position((index - 2) * 10 * kMs + 5 * kMs, kRate);
    if (position < (index - 2) * 480 + 240) ++torn;
  }
  callback.join();
  CHECK_EQUAL(torn, 0u);
}
