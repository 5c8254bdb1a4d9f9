// Sessions in many threads at once, each used by one thread at a time: what
// they share (kernel table, filter banks, the message reader's choice of code)
// is first touched by all of them together. Under ThreadSanitizer this is the
// proof; without it every thread must still come to the same bits.
#include <algorithm>
#include <array>
#include <barrier>
#include <bit>
#include <cstdint>
#include <memory>
#include <thread>

#include "check.h"
#include "facewire/pool.h"
#include "session_messages.h"

using facewire::Errc;
using facewire::kFrameWidth;
using facewire::Message;
using facewire::Session;
using facewire::SessionOptions;
using facewire::SessionPool;

namespace {

constexpr size_t kThreads = 8;
constexpr std::array kWireRates = {8000, 16000, 22050, 24000, 44100, 48000};
constexpr std::array kOutputRates = {16000u, 24000u, 44100u, 48000u};

std::unique_ptr<Session> make(uint32_t rate) {
  SessionOptions options;
  options.sample_rate = rate;
  options.idle_seed = 7;
  options.max_buffered_seconds = 2;
  options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  Errc error;
  return Session::create(options, error);
}

std::string speech(int rate, uint32_t seed, bool final) {
  uint32_t state = seed * 2654435761u + 1;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 16; };
  messages::Speech message;
  std::vector<int16_t> samples(static_cast<size_t>(rate) / 25);
  for (int16_t& sample : samples) sample = static_cast<int16_t>(next());
  message.pcm = messages::pcm_of(samples);
  message.features.resize(facewire::kWeightCount);
  for (float& value : message.features) value = static_cast<float>(next()) / 65536.0f;
  message.rate = rate;
  message.final = final;
  return messages::json(message);
}

// FNV-1a over the bits of floats.
struct Digest {
  uint64_t value = 14695981039346656037u;
  void add(float x) { value = (value ^ std::bit_cast<uint32_t>(x)) * 1099511628211u; }
};

// One utterance from push to the last frame; false when a message was refused.
bool speak(Session& session, int rate, uint32_t output_rate, Digest& digest) {
  bool good = true;
  std::vector<float> audio(output_rate / 25);
  std::array<float, kFrameWidth> row;
  session.begin("r1");
  for (uint32_t i = 0; i < 6; ++i) {
    const std::string text = speech(rate, i, i == 5);
    Message message;
    const auto report =
        session.push({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, message);
    good = good && report.kind == 1;
    const int64_t from = session.committed();
    session.commit(from + static_cast<int64_t>(audio.size()));
    session.read(from, audio);
    session.frame_at(from, row);
    for (const float x : audio) digest.add(x);
    for (const float x : row) digest.add(x);
  }
  session.interrupt(session.committed());
  return good;
}

struct Outcome {
  uint64_t digest = 0;
  bool good = false;
};

// A pool of sessions that speak one after another, drawn together.
Outcome pool_of_three() {
  Digest digest;
  bool good = true;
  std::array<std::unique_ptr<Session>, 3> sessions;
  SessionPool pool;
  for (auto& session : sessions) {
    session = make(48000);
    pool.add(*session);
  }
  std::array<float, 3 * kFrameWidth> rows;
  std::array<uint8_t, 3> flags;
  for (int turn = 0; turn < 6; ++turn) {
    Session& speaker = *sessions[static_cast<size_t>(turn % 3)];
    good = speak(speaker, 24000, 48000, digest) && good;
    const auto now = static_cast<double>(speaker.committed() - 960);
    const std::array<double, 1> samples = {now}, next = {now + 800};
    pool.frames(samples, next, rows, flags);
    for (const float x : rows) digest.add(x);
    for (const uint8_t flag : flags) good = good && (flag & SessionPool::kLive) != 0;
  }
  for (size_t row = 0; row < sessions.size(); ++row) pool.remove(row);
  return {digest.value, good};
}

// Every pair of rates, beginning at a place of its own so that different banks are asked for at
// the same time, and the same one by several.
std::vector<Outcome> all_pairs(size_t first) {
  constexpr size_t kPairs = kWireRates.size() * kOutputRates.size();
  std::vector<Outcome> outcomes(kPairs);
  for (size_t i = 0; i < kPairs; ++i) {
    const size_t pair = (first + i) % kPairs;
    const uint32_t output_rate = kOutputRates[pair % kOutputRates.size()];
    const auto session = make(output_rate);
    Digest digest;
    const bool good = session != nullptr &&
                      speak(*session, kWireRates[pair / kOutputRates.size()], output_rate, digest);
    outcomes[pair] = {digest.value, good};
  }
  outcomes.push_back(pool_of_three());
  return outcomes;
}

}  // namespace

// The first test of the file, so that nothing is built before the threads ask for it.
TEST(threads_that_start_together_come_to_the_same_bits) {
  std::array<std::vector<Outcome>, kThreads> outcomes;
  std::barrier start(static_cast<std::ptrdiff_t>(kThreads));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      outcomes[t] = all_pairs(t / 2 * 5);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Outcome> expected = all_pairs(0);
  for (const auto& list : outcomes) {
    for (size_t pair = 0; pair < expected.size(); ++pair) {
      CHECK(list[pair].good);
      CHECK_EQUAL(list[pair].digest, expected[pair].digest);
    }
  }
}

// One thread makes it, the next ones use it in turn, the last one lets it go.
TEST(a_session_may_go_from_thread_to_thread) {
  std::unique_ptr<Session> moving;
  Digest digest;
  bool good = true;
  std::thread([&] { moving = make(48000); }).join();
  for (int turn = 0; turn < 4; ++turn) {
    std::thread([&] { good = speak(*moving, 24000, 48000, digest) && good; }).join();
  }
  std::thread([&] { moving.reset(); }).join();

  const auto still = make(48000);
  Digest expected;
  for (int turn = 0; turn < 4; ++turn) speak(*still, 24000, 48000, expected);
  CHECK(good);
  CHECK_EQUAL(digest.value, expected.value);
}
