// Every allocation of a session fails once: nothing but an error comes of it.
#include <algorithm>
#include <array>
#include <new>

#include "check.h"
#include "count_allocations.h"
#include "facewire/pool.h"
#include "facewire/session.h"
#include "session_messages.h"

using facewire::Errc;
using facewire::kFrameWidth;
using facewire::kKindRefused;
using facewire::Message;
using facewire::PushReport;
using facewire::Session;
using facewire::SessionOptions;

namespace {

SessionOptions options() {
  SessionOptions options;
  options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  return options;
}

// Runs `call` with the first, second, ... allocation failing and all after it,
// until it needs no more than it gets. Returns how often it failed.
template <typename Call>
int with_each_failing(Call&& call) {
  for (int64_t left = 0; left < 10'000; ++left) {
    if (call(left)) return static_cast<int>(left);
  }
  return -1;
}

}  // namespace

TEST(a_session_is_made_or_not) {
  const int failures = with_each_failing([](int64_t left) {
    Errc error = Errc::ok;
    std::unique_ptr<Session> session;
    const SessionOptions wanted = options();
    check::allocations_left = left;
    try {
      session = Session::create(wanted, error);
      if (session == nullptr) CHECK(error == Errc::out_of_memory);
    } catch (const std::bad_alloc&) {
    }
    check::allocations_left = -1;
    return session != nullptr;
  });
  CHECK(failures > 10);
}

TEST(a_message_is_taken_whole_or_not_at_all) {
  for (const bool parsed : {false, true}) {
    for (const int rate : {24000, 16000, 44100}) {
      const messages::Speech speech = {.pcm = std::vector<uint8_t>(200'000, 17),
                                       .features = std::vector<float>(52 * 100, 0.25f),
                                       .rate = rate};
      const std::string text = messages::json(speech);
      const std::string audio = messages::base64(speech.pcm);
      const auto push = [&](Session& session) {
        Message message;
        return parsed ? session.push_parsed({.base64 = audio,
                                             .features = speech.features,
                                             .sample_rate = static_cast<uint32_t>(rate),
                                             .feature_dimension = 52,
                                             .clause = 1})
                      : session.push({reinterpret_cast<const uint8_t*>(text.data()), text.size()},
                                     message);
      };
      Errc error;
      const auto whole = Session::create(options(), error);
      whole->begin("");
      push(*whole);
      const int failures = with_each_failing([&](int64_t left) {
        const auto session = Session::create(options(), error);
        session->begin("");
        check::allocations_left = left;
        PushReport report = push(*session);
        check::allocations_left = -1;
        const bool good = bool{report.result};
        if (!good) {
          CHECK(report.result.error == Errc::out_of_memory);
          CHECK_EQUAL(report.kind, kKindRefused);
          CHECK_EQUAL(session->ready(), 0);
          report = push(*session);
          CHECK(bool{report.result});
        }
        CHECK_EQUAL(session->ready(), whole->ready());
        session->commit(10'000);
        std::array<float, kFrameWidth> row;
        CHECK(session->frame_at(9'000, row));
        CHECK_EQUAL(row[0], 0.25f);
        return good;
      });
      CHECK(failures >= (parsed ? 1 : 0));
    }
  }
}

TEST(a_pool_takes_a_session_or_not) {
  std::vector<std::unique_ptr<Session>> sessions;
  Errc error;
  for (int i = 0; i < 40; ++i) sessions.push_back(Session::create(options(), error));
  facewire::SessionPool pool;
  std::array<float, 40 * kFrameWidth> out;
  std::array<uint8_t, 40> flags;
  for (auto& session : sessions) {
    const size_t before = pool.rows();
    with_each_failing([&](int64_t left) {
      bool taken = false;
      check::allocations_left = left;
      try {
        CHECK_EQUAL(pool.add(*session), before);
        taken = true;
      } catch (const std::bad_alloc&) {
        CHECK_EQUAL(pool.rows(), before);
      }
      check::allocations_left = -1;
      const double sample = 100;
      pool.frames({&sample, 1}, {&sample, 1}, out, flags);
      return taken;
    });
  }
  CHECK(std::all_of(flags.begin(), flags.end(), [](uint8_t flag) { return flag == 1; }));
}
