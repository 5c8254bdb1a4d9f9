#include "facewire/session.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "check.h"
#include "count_allocations.h"
#include "facewire/ease.h"
#include "session_messages.h"

using facewire::Errc;
using facewire::kFrameWidth;
using facewire::Message;
using facewire::PushReport;
using facewire::Session;
using facewire::SessionOptions;
using messages::Speech;

namespace {

constexpr int64_t kRate = 48000;

SessionOptions plain_options() {
  SessionOptions options;
  options.feature_order.assign(facewire::kArkitNames.begin(), facewire::kArkitNames.end());
  return options;
}

std::unique_ptr<Session> make(const SessionOptions& options = plain_options()) {
  Errc error;
  auto session = Session::create(options, error);
  CHECK(session != nullptr && error == Errc::ok);
  return session;
}

PushReport push(Session& session, const Speech& speech) {
  const std::string text = messages::json(speech);
  Message message;
  return session.push({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, message);
}

std::vector<uint8_t> tone(size_t frames, double level = 8000) {
  std::vector<int16_t> samples(frames);
  for (size_t i = 0; i < frames; ++i) {
    samples[i] = static_cast<int16_t>(level * std::sin(0.1 * static_cast<double>(i)));
  }
  return messages::pcm_of(samples);
}

using Row = std::array<float, kFrameWidth>;

Row frame(Session& session, int64_t sample) {
  Row row;
  session.frame_at(sample, row);
  return row;
}

float most(const Row& row) {
  return *std::max_element(row.begin(), row.begin() + facewire::kWeightCount);
}

}  // namespace

TEST(refuses_wrong_options) {
  Errc error;
  SessionOptions options = plain_options();
  options.sample_rate = 12345;
  CHECK(Session::create(options, error) == nullptr && error == Errc::unsupported_rate);
  options = plain_options();
  options.feature_order[3] = "noSuchShape";
  CHECK(Session::create(options, error) == nullptr && error == Errc::bad_option);
  options = plain_options();
  options.feature_order[3] = options.feature_order[4];
  CHECK(Session::create(options, error) == nullptr && error == Errc::bad_option);
  options = plain_options();
  options.feature_hop_ticks = 0;
  CHECK(Session::create(options, error) == nullptr && error == Errc::bad_option);
}

TEST(takes_only_messages_of_the_running_utterance) {
  const auto session = make();
  CHECK_EQUAL(push(*session, {.pcm = tone(100)}).kind, facewire::kKindStale);
  session->begin("r1");
  CHECK_EQUAL(push(*session, {.pcm = tone(100), .request = "r2"}).kind, facewire::kKindStale);
  CHECK_EQUAL(push(*session, {.pcm = tone(100)}).kind, 1);
  session->end();
  CHECK_EQUAL(push(*session, {.pcm = tone(100)}).kind, facewire::kKindStale);
  CHECK_EQUAL(session->ready(), 200);
  session->begin("");
  CHECK_EQUAL(push(*session, {.pcm = tone(100), .request = "any", .final = true}).kind, 1);
  CHECK(!session->open());
  CHECK_EQUAL(session->ready(), 400);
}

TEST(a_full_buffer_takes_nothing_and_the_same_message_fits_later) {
  SessionOptions options = plain_options();
  options.max_buffered_seconds = 1;
  const auto session = make(options);
  session->begin("r1");
  const Speech speech = {.pcm = tone(14400), .features = std::vector<float>(52 * 15, 0.5f)};
  CHECK_EQUAL(push(*session, speech).kind, 1);
  const int64_t ready = session->ready();
  const PushReport refused = push(*session, speech);
  CHECK_EQUAL(refused.kind, facewire::kKindRefused);
  CHECK(refused.result.error == Errc::buffer_full);
  CHECK_EQUAL(session->ready(), ready);
  session->commit(15000);
  CHECK_EQUAL(push(*session, speech).kind, 1);
  CHECK_EQUAL(push(*session, {.pcm = tone(24000)}).kind, facewire::kKindRefused);
}

TEST(bad_content_keeps_what_was_good) {
  const auto session = make();
  session->begin("r1");
  PushReport report = push(
      *session, {.pcm = tone(2400), .features = std::vector<float>(52, 0.5f), .family = "2D_odd"});
  CHECK_EQUAL(report.warnings, facewire::kWarnFeatureFamilyUnknown);
  CHECK_EQUAL(report.feature_frames, 0);
  CHECK_EQUAL(report.audio_frames, 2400);
  report = push(*session, {.pcm = tone(100), .rate = 12345});
  CHECK(report.result.error == Errc::unsupported_rate);
  CHECK_EQUAL(report.source_end, 4800);
  report = push(*session, {.pcm = tone(100), .rate = 0});
  CHECK_EQUAL(report.sample_rate, 24000);
  report = push(*session, {.pcm = tone(160), .rate = 16000});
  CHECK_EQUAL(report.warnings, facewire::kWarnRateChanged);
  CHECK_EQUAL(report.source_end, 4800 + 200 + 480);
  report =
      push(*session, {.features = std::vector<float>(4000, 0.5f), .rate = 0, .dimension = 2000});
  CHECK(report.result.error == Errc::bad_features || report.feature_frames == 0);
  std::string text = messages::json({.pcm = tone(30)});
  text.replace(text.find("Audio\":\"") + 12, 1, "!");
  Message message;
  report = session->push({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, message);
  CHECK(report.result.error == Errc::malformed_base64);
  report = session->push({reinterpret_cast<const uint8_t*>(text.data()), text.size() / 2}, message);
  CHECK_EQUAL(report.kind, facewire::kKindRefused);
  CHECK(report.result.error == Errc::malformed_json);
  CHECK(push(*session, {.final = true}).result);
  CHECK_EQUAL(session->ready(), 4800 + 200 + 480);
}

TEST(an_odd_byte_is_carried) {
  const auto whole = make(), cut = make();
  const auto pcm = tone(12'000);
  whole->begin("r1");
  cut->begin("r1");
  push(*whole, {.pcm = pcm, .final = true});
  size_t at = 0;
  bool warned = false;
  // Odd pieces, in the end longer than any block.
  for (size_t count = 1; at < pcm.size(); count += 2 + count / 16 * 2) {
    const size_t end = std::min(pcm.size(), at + count);
    const PushReport report = push(*cut, {.pcm = {pcm.begin() + static_cast<ptrdiff_t>(at),
                                                  pcm.begin() + static_cast<ptrdiff_t>(end)},
                                          .final = end == pcm.size()});
    warned = warned || (report.warnings & facewire::kWarnOddPcmByte) != 0;
    at = end;
  }
  CHECK(warned);
  CHECK_EQUAL(cut->ready(), whole->ready());
  std::vector<float> a(24'000), b(24'000);
  CHECK_EQUAL(whole->read_ready(a), 24'000);
  CHECK_EQUAL(cut->read_ready(b), 24'000);
  CHECK(a == b);
}

TEST(what_is_ready_is_read_as_far_as_there_is_room) {
  const auto at_once = make(), in_pieces = make();
  std::vector<float> expected(4800), out(3000);
  for (Session* session : {at_once.get(), in_pieces.get()}) {
    session->begin("r1");
    CHECK_EQUAL(session->read_ready(out), 0);
    session->commit(100);
    push(*session, {.pcm = tone(2400), .final = true});
  }
  at_once->commit(4900);
  at_once->read(100, expected);
  std::vector<float> all;
  for (const int64_t count : {int64_t{3000}, int64_t{1800}, int64_t{0}}) {
    CHECK_EQUAL(in_pieces->read_ready(out), count);
    all.insert(all.end(), out.begin(), out.begin() + count);
  }
  CHECK(all == expected);
  CHECK_EQUAL(in_pieces->committed(), 4900);
  CHECK_EQUAL(in_pieces->read_ready({}), 0);
}

TEST(both_doors_give_the_same_bits) {
  std::uniform_real_distribution<float> wide(-0.2f, 1.2f);
  const auto wire = make(), parsed = make();
  for (int utterance = 0; utterance < 20; ++utterance) {
    wire->begin("r1");
    parsed->begin("");
    for (int i = 0; i < 8; ++i) {
      Speech speech = {.pcm = tone(check::random()() % 3000),
                       .clause = i / 3,
                       .start = i % 3 == 0,
                       .final = i == 7};
      if (check::random()() % 3 == 0) speech.pcm.pop_back();
      speech.features.resize(check::random()() % 400);
      for (float& value : speech.features) {
        value = check::random()() % 200 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                             : wide(check::random());
      }
      const std::string audio = messages::base64(speech.pcm);
      const PushReport a = push(*wire, speech);
      const PushReport b = parsed->push_parsed({.base64 = audio,
                                                .features = speech.features,
                                                .sample_rate = 24000,
                                                .feature_dimension = 52,
                                                .clause = speech.clause,
                                                .final = speech.final,
                                                .sentence_start = speech.start});
      CHECK_EQUAL(a.audio_frames, b.audio_frames);
      CHECK_EQUAL(a.feature_frames, b.feature_frames);
      CHECK_EQUAL(a.source_end, b.source_end);
      CHECK_EQUAL(a.warnings, b.warnings);
    }
    const int64_t from = wire->committed();
    const int64_t until = from + wire->ready() + 3000;
    CHECK_EQUAL(wire->commit(until), parsed->commit(until));
    std::vector<float> a(static_cast<size_t>(until - from)), b(a.size());
    wire->read(from, a);
    parsed->read(from, b);
    CHECK(a == b);
    for (int64_t sample = from; sample < until; sample += 801)
      CHECK(frame(*wire, sample) == frame(*parsed, sample));
  }
}

TEST(the_mouth_is_at_rest_120_ms_after_the_end_and_after_an_interrupt) {
  for (const int64_t lead_ms : {-80, 0, 40, 120}) {
    check::context() = "lead " + std::to_string(lead_ms);
    SessionOptions options = plain_options();
    options.mouth_lead_ticks = lead_ms * 10000;
    const auto session = make(options);
    // More features than sound, and all of them wide open.
    const Speech speech = {
        .pcm = tone(24000), .features = std::vector<float>(52 * 40, 1.0f), .final = true};
    session->begin("r1");
    push(*session, speech);
    session->commit(2 * kRate);
    CHECK(most(frame(*session, kRate - kRate / 4)) == 1.0f);
    CHECK_EQUAL(most(frame(*session, kRate + kRate * 120 / 1000)), 0.0f);
    session->begin("r1");
    push(*session, speech);
    session->commit(2 * kRate + kRate / 2);
    const int64_t at = 2 * kRate + kRate / 3;
    const Row shown = frame(*session, at);
    CHECK(most(shown) == 1.0f);
    CHECK_EQUAL(session->interrupt(at), kRate + kRate / 3);
    CHECK(frame(*session, at) == shown);
    CHECK_EQUAL(most(frame(*session, at + kRate * 120 / 1000)), 0.0f);
    CHECK(frame(*session, at - kRate / 10) != Row{});
  }
}

TEST(nothing_we_blend_moves_faster_than_the_limit) {
  std::uniform_real_distribution<float> in_range(0, 1);
  for (int round = 0; round < 80; ++round) {
    check::context() = "round " + std::to_string(round);
    SessionOptions options = plain_options();
    options.mouth_lead_ticks = static_cast<int64_t>(check::random()() % 5) * 200000 - 200000;
    const auto session = make(options);
    const int64_t step = kRate / (24 + static_cast<int64_t>(check::random()() % 97));
    const auto limit =
        static_cast<float>(facewire::kMaxSpeed * static_cast<double>(step) / kRate + 0.0201);
    int64_t now = 0;
    int clause = 0;
    std::vector<float> shape(52);
    Row before = frame(*session, 0);
    for (int i = 0; i < 400; ++i) {
      const auto dice = check::random()() % 40;
      if (!session->open() && dice < 10) session->begin("r1");
      if (session->open() && dice < 12) {
        // Within a clause the shape stays, so that all motion is ours.
        const bool fresh = check::random()() % 4 == 0;
        if (fresh) {
          ++clause;
          for (float& value : shape) value = in_range(check::random());
        }
        Speech speech = {.pcm = tone(check::random()() % 2400), .clause = clause, .start = fresh};
        for (size_t rows = check::random()() % 4; rows > 0; --rows) {
          speech.features.insert(speech.features.end(), shape.begin(), shape.end());
        }
        speech.final = check::random()() % 20 == 0;
        if (session->open()) push(*session, speech);
      }
      if (dice == 39) session->interrupt(now);
      now += step;
      session->commit(std::max(now + step, session->committed()));
      const Row row = frame(*session, now);
      for (size_t c = 0; c < facewire::kWeightCount; ++c) {
        CHECK(row[c] >= 0.0f && row[c] <= 1.0f);
        if (!CHECK(std::abs(row[c] - before[c]) <= limit)) return;
      }
      CHECK(row[facewire::kMouthClose] <= row[facewire::kJawOpen] + 0.1001f);
      before = row;
    }
  }
}

TEST(allocates_nothing_once_warm) {
  SessionOptions options = plain_options();
  options.max_buffered_seconds = 5;
  const auto session = make(options);
  const Speech speech = {.pcm = tone(960),
                         .features = std::vector<float>(52, 0.5f),
                         .request = "0123456789abcdef0123456789abcdef"};
  const std::string text = messages::json(speech);
  const std::string audio = messages::base64(speech.pcm);
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  Row row;
  std::vector<float> out(1920);
  size_t warm = 0;
  for (int i = 0; i < 600; ++i) {
    if (i == 100) warm = check::allocations;
    if (i % 50 == 0) session->begin(speech.request);
    Message message;
    const PushReport pushed =
        i % 2 == 0 ? session->push(bytes, message)
                   : session->push_parsed(
                         {.base64 = audio, .features = speech.features, .feature_dimension = 52});
    if (pushed.kind != 1) CHECK_EQUAL(pushed.kind, 1);
    session->commit((i + 1) * 1920);
    session->read(i * 1920, out);
    session->frame_at(i * 1920, row);
    if (i % 50 == 49) session->interrupt(i * 1920);
  }
  CHECK_EQUAL(check::allocations - warm, 0u);
}
