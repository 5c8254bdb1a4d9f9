#include "facewire/session.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "facewire/grow_vector.h"
#include "facewire/ticks.h"

namespace facewire {
namespace {

constexpr uint32_t kDefaultRate = 24000;
// More mouth shapes than anybody makes in a second.
constexpr double kSegmentsPerSecond = 60;
constexpr size_t kFewSegments = 512;

Errc columns_of(const std::vector<std::string>& order, std::vector<uint8_t>& columns) {
  std::array<bool, kWeightCount> used = {};
  if (order.empty() || order.size() > kWeightCount) return Errc::bad_option;
  for (const std::string& name : order) {
    const size_t column = column_of(name);
    if (column == kWeightCount || used[column]) return Errc::bad_option;
    used[column] = true;
    columns.push_back(static_cast<uint8_t>(column));
  }
  return Errc::ok;
}

}  // namespace

// The media of one message, whoever took it apart.
struct Session::Media {
  int64_t arrival;
  std::span<const uint8_t> pcm;
  std::span<const float> features;
  uint32_t sample_rate;
  uint32_t feature_dimension;
  int32_t clause;
  bool final;
  bool sentence_start;
  bool family_known;
  // Phones as a list of items, or as JSON: `list` in `message`.
  std::span<const PhoneItem> phones;
  std::span<const uint8_t> message;
  ByteRange list;
};

std::unique_ptr<Session> Session::create(const SessionOptions& options, Errc& error) {
  error = Errc::bad_option;
  const auto in = [](double value, double low, double high) {
    return value >= low && value <= high;
  };
  if (!in(options.feature_hop_ticks, 50'000, 10'000'000) ||
      !in(options.max_buffered_seconds, 1, 3600))
    return nullptr;
  if (!in(static_cast<double>(options.mouth_lead_ticks), -5'000'000, 5'000'000)) return nullptr;
  if (options.max_message_bytes < 1024 || options.max_message_bytes > (1u << 30)) return nullptr;
  std::vector<uint8_t> columns;
  if (columns_of(options.feature_order, columns) != Errc::ok) return nullptr;
  error = Errc::unsupported_rate;
  if (!Resampler::supports(options.sample_rate)) return nullptr;

  error = Errc::out_of_memory;
  std::unique_ptr<Session> session(new Session(options));
  // Features may run as far ahead of the sound as the sound of the player.
  const double seconds = 2 * options.max_buffered_seconds + Timeline::kWindowSeconds + 4;
  session->timeline_ = Timeline::create(options.sample_rate, session->max_waiting_);
  session->track_ = FeatureTrack::create(
      {.sample_rate = options.sample_rate,
       .hop_ticks = options.feature_hop_ticks,
       .columns = columns,
       .max_rows = static_cast<size_t>(seconds * static_cast<double>(kTicksPerSecond) /
                                       options.feature_hop_ticks)});
  if (session->timeline_ == nullptr || session->track_ == nullptr || !reserve_for_messages())
    return nullptr;
  session->mouth_.emplace(*session->timeline_, *session->track_, options.sample_rate,
                          session->lead_,
                          MouthSources{.phones = &session->phones_,
                                       .policy = options.source_policy,
                                       .closure_overlay = options.closure_overlay,
                                       .constraints = options.constraints});
  session->order_watch_.emplace(columns, options.known_orders);
  error = Errc::ok;
  return session;
}

Session::Session(const SessionOptions& options)
    : own_pictures_(options.idle_seed, options.sample_rate),
      options_(options),
      lead_(samples_of_ticks(options.mouth_lead_ticks, options.sample_rate)),
      max_waiting_(static_cast<int64_t>(options.max_buffered_seconds * options.sample_rate)),
      phones_(
          options.sample_rate,
          static_cast<size_t>(options.max_buffered_seconds * kSegmentsPerSecond) + kFewSegments),
      loudness_(options.sample_rate),
      life_(options.idle_seed, options.sample_rate) {
  own_pictures_.life = &life_;
}

void Session::begin(std::string_view request_id) {
  if (open_) end();
  request_id_.assign(request_id);
  open_ = true;
  generation_ += 1;
  clause_known_ = false;
  utterance_start_ = source_end();
  zero_ = Zero::unknown;
  start_buffer_.restart();
  dry_ = false;
  // What waits of the utterance before is complete.
  flowing_ = ready() > 0;
  if (flowing_) place_from(Timeline::kNothingHeld);
  // A cloud that is too slow stays so; one that kept up with a whole utterance is not.
  falls_behind_ = fell_behind_;
  fell_behind_ = false;
  resting_since_ = kNoTick;
  life_.begin(std::max(committed(), pictures_->shown));
}

PushReport Session::push(std::span<const uint8_t> bytes, Message& message,
                         int64_t arrival) noexcept {
  const PushReport report = read(bytes, message, arrival);
  count(report);
  return report;
}

PushReport Session::push_parsed(const ParsedMessage& message) noexcept {
  const PushReport report = read(message);
  count(report);
  return report;
}

void Session::count(const PushReport& report) noexcept {
  if (report.kind == kKindStale) counter(Counter::stale_messages) += 1;
  if (report.kind == kKindRefused) counter(Counter::refused_messages) += 1;
  if (report.kind != static_cast<int32_t>(MessageKind::speech)) return;
  const bool damaged = !report.result && report.result.error != Errc::bad_features;
  counter(damaged ? Counter::damaged_messages : Counter::messages) += 1;
}

PushReport Session::read(std::span<const uint8_t> bytes, Message& message,
                         int64_t arrival) noexcept {
  PushReport report;
  message = {};
  report.clause_start = clause_start_;
  report.source_end = source_end();
  if (bytes.size() > options_.max_message_bytes) {
    report.kind = kKindRefused;
    report.result = {Errc::message_too_large, options_.max_message_bytes};
    return report;
  }
  report.result = read_message(bytes, options_.max_message_bytes, message);
  // The track says these of whole rows that it took, whoever took the message apart.
  report.warnings =
      message.warnings & ~static_cast<uint32_t>(kWarnFeatureNotFinite | kWarnFeatureOutOfRange |
                                                kWarnFeatureLengthNotMultiple);
  if (!report.result && report.result.error != Errc::malformed_base64) {
    report.kind = kKindRefused;
    return report;
  }
  report.kind = static_cast<int32_t>(message.kind);
  if (message.kind == MessageKind::other || message.kind == MessageKind::pong) return report;
  const std::string_view id(reinterpret_cast<const char*>(bytes.data()) + message.request_id.begin,
                            message.request_id.end - message.request_id.begin);
  // An error that names no request is about the connection, and concerns whoever runs.
  if (message.kind == MessageKind::error && id.empty()) return report;
  if (!open_ || (!request_id_.empty() && id != request_id_)) {
    report.kind = kKindStale;
    return report;
  }
  if (message.kind != MessageKind::speech) return report;
  if (!report.result) {
    // Bad audio: the message is left out, but what it says about the end counts.
    if (message.final) end();
    return report;
  }
  take({arrival,
        message.pcm,
        message.features,
        message.sample_rate,
        message.feature_dimension,
        message.clause,
        message.final,
        message.sentence_start,
        message.family_known,
        {},
        bytes,
        message.phones},
       report);
  return report;
}

PushReport Session::read(const ParsedMessage& message) noexcept {
  PushReport report;
  report.clause_start = clause_start_;
  report.source_end = source_end();
  report.kind = static_cast<int32_t>(MessageKind::speech);
  if (!open_) {
    report.kind = kKindStale;
    return report;
  }
  if (message.base64.size() > options_.max_message_bytes) {
    report.kind = kKindRefused;
    report.result = {Errc::message_too_large, options_.max_message_bytes};
    return report;
  }
  const std::span<const uint8_t> text(reinterpret_cast<const uint8_t*>(message.base64.data()),
                                      message.base64.size());
  if (!grow(decoded_, text.size() / 4 * 3 + 3)) {
    report.kind = kKindRefused;
    report.result = {Errc::out_of_memory, 0};
    return report;
  }
  const Result decoded = decode_base64(kernels(), text, decoded_);
  if (!decoded) {
    report.result = decoded;
    if (message.final) end();
    return report;
  }
  take({message.arrival,
        std::span(decoded_).first(decoded.count),
        message.features,
        message.sample_rate,
        message.feature_dimension,
        message.clause,
        message.final,
        message.sentence_start,
        true,
        message.phones,
        {},
        {}},
       report);
  return report;
}

void Session::take(const Media& media, PushReport& report) noexcept {
  pictures_->stretch = {};
  const uint32_t known = resampler_ != nullptr ? resampler_->input_rate() : kDefaultRate;
  report.sample_rate = media.sample_rate != 0 ? media.sample_rate : known;
  const size_t bytes = media.pcm.size() + (odd_ ? 1 : 0);
  const auto frames = static_cast<int64_t>(bytes / 2);

  // Everything that can be refused is looked at before anything is taken.
  if (!Resampler::supports(report.sample_rate)) {
    report.result = {Errc::unsupported_rate, 0};
    if (media.final) end();
    return;
  }
  const double needed =
      static_cast<double>(frames) * options_.sample_rate / report.sample_rate + 2.0;
  if (needed > static_cast<double>(max_waiting_)) {
    report.kind = kKindRefused;
    report.result = {Errc::message_too_large, 0};
    return;
  }
  track_->trim(timeline_->oldest_source());
  phones_.trim(timeline_->oldest_source());
  const bool new_clause = !clause_known_ || media.clause != clause_ || media.sentence_start;
  const size_t rows =
      media.family_known ? track_->rows_in(media.features.size(), media.feature_dimension) : 0;
  const bool rows_fit = rows <= track_->free_rows();
  const int64_t ahead = source_end() - timeline_->source_committed();
  if (static_cast<double>(ahead) + needed > static_cast<double>(max_waiting_) ||
      (!rows_fit && ahead > 0)) {
    report.kind = kKindRefused;
    report.result = {Errc::buffer_full, 0};
    return;
  }
  // The room to spare is for what converters hold back at the end of a stream.
  Resampler* converter = converter_for(report.sample_rate);
  const auto room = static_cast<int64_t>(needed) + options_.sample_rate / 4;
  if (converter == nullptr || !timeline_->reserve(room) || (rows_fit && !track_->reserve(rows))) {
    report.kind = kKindRefused;
    report.result = {Errc::out_of_memory, 0};
    return;
  }

  watch();
  if (converter != resampler_ && frames > 0) {
    if (wire_frames_ > 0) {
      report.warnings |= kWarnRateChanged;
      counter(Counter::rate_changes) += 1;
      change_rate(*converter, media.pcm);
    }
    resampler_ = converter;
  }
  if (media.arrival != kNoTick && frames > 0) {
    start_buffer_.arrived(media.arrival, ticks_of_samples(source_end(), options_.sample_rate));
  }
  if (new_clause) {
    counter(Counter::clauses) += 1;
    clause_known_ = true;
    clause_ = media.clause;
    clause_start_ = source_end();
    track_->begin_clause(clause_start_);
    // Phones of the clause before that went on for longer than its sound.
    phones_.truncate(clause_start_);
  }
  if (bytes % 2 != 0) report.warnings |= kWarnOddPcmByte;
  const int64_t before = wire_frames_;
  take_audio(media.pcm);
  report.audio_frames = static_cast<uint32_t>(wire_frames_ - before);

  take_features(media, report);
  take_phones(media);
  report.clause_start = clause_start_;
  report.source_end = source_end();
  life_.hear(loudness_);
  if (order_watch_->look(*track_, loudness_, report.source_end))
    report.warnings |= kWarnFeatureOrder;
  if (media.final) end();
  settle();
  place_words();
}

void Session::take_features(const Media& media, PushReport& report) noexcept {
  const size_t rows = track_->rows_in(media.features.size(), media.feature_dimension);
  const int64_t shown = pictures_->shown;
  const int64_t seen = shown < 0 ? -1 : mouth_->position(shown);
  const int64_t before = track_->late_rows(seen);
  Result added = {Errc::bad_features, 0};
  if (!media.family_known) {
    report.warnings |= kWarnFeatureFamilyUnknown;
  } else if (rows > track_->free_rows()) {
    // Nothing waits, so no waiting would ever make room for these.
    report.warnings |= kWarnFeaturesDropped;
    report.result = added;
  } else {
    added = track_->append(media.features, media.feature_dimension, report.warnings);
    if (!added) report.result = {added.error, 0};
  }
  if (!added) {
    counter(Counter::dropped_feature_rows) += static_cast<int64_t>(rows);
    return;
  }
  report.feature_frames = static_cast<uint32_t>(added.count);
  counter(Counter::feature_rows) += static_cast<int64_t>(added.count);
  counter(Counter::late_feature_rows) += track_->late_rows(seen) - before;
}

void Session::take_phones(const Media& media) noexcept {
  const auto list = media.message.subspan(media.list.begin, media.list.end - media.list.begin);
  const auto braces = static_cast<size_t>(std::count(list.begin(), list.end(), uint8_t{'{'}));
  const size_t most = std::min(media.phones.size() + braces, kMostPhones);
  if (most == 0) return;
  // Where there is no room for all, as many as fit are taken.
  for (size_t room = most; room > 0 && !phones_.reserve(room); room /= 2) {
  }
  for (const PhoneItem& phone : media.phones.first(std::min(media.phones.size(), kMostPhones)))
    take_phone(phone);
  const TakePhone take = [](void* session, const PhoneItem& phone) {
    static_cast<Session*>(session)->take_phone(phone);
  };
  read_phones(media.message, media.list, take, this);
}

void Session::take_phone(const PhoneItem& phone) noexcept {
  // No sound goes on for longer than what a session holds.
  constexpr int64_t kLatest = kTicksPerSecond * 3600 * 24;
  const int64_t start =
      samples_of_ticks(std::min(phone.start_ticks, kLatest), options_.sample_rate);
  const int64_t end = samples_of_ticks(std::min(phone.end_ticks, kLatest), options_.sample_rate);
  const int64_t before = clause_start_ - utterance_start_;
  if (zero_ == Zero::unknown && before > 0) {
    const int64_t frame = samples_of_ticks(options_.feature_hop_ticks, options_.sample_rate);
    zero_ = start < before - frame ? Zero::clause : Zero::utterance;
  }
  const int64_t zero = zero_ == Zero::utterance ? utterance_start_ : clause_start_;
  const bool taken = phones_.append({phone.symbol(), zero + start, zero + end});
  counter(taken ? Counter::phones : Counter::dropped_phones) += 1;
}

void Session::end() noexcept {
  if (!open_) return;
  open_ = false;
  flush();
  track_->drop_carry();
  life_.end(loudness_, source_end());
}

}  // namespace facewire
