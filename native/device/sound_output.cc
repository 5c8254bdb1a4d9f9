#include "facewire/sound_output.h"

#include <algorithm>
#include <cmath>
#include <new>

namespace facewire {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// What a card may take at once when it starts, before its pace is judged.
constexpr double kHeadStartSeconds = 0.5;
constexpr double kMostPace = 2.0;
constexpr double kFollowSlackMs = 40.0;
// -60 dBFS: what may be left out to catch up.
constexpr float kSilence = 0.001f;

int16_t to_s16(float value) noexcept {
  return static_cast<int16_t>(std::lrint(std::clamp(value * 32768.0f, -32768.0f, 32767.0f)));
}

// Only one thread writes each of the counters.
void add(std::atomic<int64_t>& counter, int64_t count) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

std::unique_ptr<SoundOutput> SoundOutput::create(const SoundOutputOptions& options,
                                                 Errc& error) noexcept {
  error = Errc::ok;
  const bool converts = options.sample_rate != options.card_rate;
  const auto in_range = [](uint32_t rate) { return rate >= 8000 && rate <= 192000; };
  if (!in_range(options.sample_rate) || !in_range(options.card_rate) ||
      (converts &&
       !(Resampler::supports(options.sample_rate) && Resampler::supports(options.card_rate)))) {
    error = Errc::unsupported_rate;
    return nullptr;
  }
  if (options.ring_ms < 20 || options.ring_ms > 10'000 || options.follow_ms > options.ring_ms / 2) {
    error = Errc::bad_option;
    return nullptr;
  }
  std::unique_ptr<SoundOutput> output(new (std::nothrow) SoundOutput(options));
  if (output != nullptr && output->prepare()) return output;
  error = Errc::out_of_memory;
  return nullptr;
}

bool SoundOutput::prepare() noexcept {
  const uint32_t rate = options_.card_rate;
  ring_ = SoundRing::create(size_t{rate} * options_.ring_ms / 1000, rate * kRampMs / 1000);
  if (ring_ == nullptr) return false;
  size_t longest = kPiece;
  try {
    if (options_.sample_rate != rate) {
      resampler_ = Resampler::create(options_.sample_rate, rate);
      if (resampler_ == nullptr) return false;
      longest = std::max(resampler_->max_output_frames(kPiece), resampler_->max_output_frames(0));
      converted_.resize(longest);
    }
    if (options_.follow_ms > 0) {
      drift_ = DriftResampler::create(1);
      if (drift_ == nullptr) return false;
      longest = std::max(drift_->max_output_frames(longest), drift_->max_output_frames(0));
      drifted_.resize(longest);
    }
    shorts_.resize(longest);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

int64_t SoundOutput::source_of(int64_t card_frame) const noexcept {
  const Anchor& anchor = card_frame >= anchor_.card ? anchor_ : before_;
  const double ratio = static_cast<double>(options_.sample_rate) / options_.card_rate;
  if (drift_ == nullptr) {
    const auto passed = static_cast<double>(card_frame - anchor.card);
    return anchor.source + std::llround(passed * ratio);
  }
  // The ratio changes all the time, so from the end that both counts have in common.
  const auto waiting = static_cast<double>(ring_->written() - card_frame);
  const size_t inside =
      drift_->delay_frames() + (resampler_ == nullptr ? 0 : resampler_->delay_frames());
  const auto end = static_cast<double>(source_written_ - static_cast<int64_t>(inside));
  return std::max<int64_t>(anchor.source, std::llround(end - waiting * ratio));
}

size_t SoundOutput::room() const noexcept {
  const size_t room = ring_->room();
  if (resampler_ == nullptr && drift_ == nullptr) return room;
  // Converters round up by a few frames in each piece.
  constexpr size_t kSlack = 256;
  if (room < kSlack) return 0;
  const double ratio = static_cast<double>(options_.sample_rate) / options_.card_rate;
  return static_cast<size_t>(static_cast<double>(room - kSlack) * ratio * 0.98);
}

int64_t SoundOutput::position(int64_t now_ns) const noexcept {
  return std::min(source_of(clock_.position(now_ns, options_.card_rate)), source_written_);
}

Result SoundOutput::write(std::span<const float> in, int64_t now_ns, bool flows) noexcept {
  if (in.size() > room()) return {Errc::buffer_full, 0};
  const bool skips = drift_ != nullptr && follow(in, now_ns);
  source_written_ += static_cast<int64_t>(in.size());
  if (skips) {
    skipped_ += static_cast<int64_t>(in.size());
    return {Errc::ok, in.size()};
  }
  for (size_t at = 0; at < in.size(); at += kPiece)
    put(in.subspan(at, std::min(kPiece, in.size() - at)));
  expects_sound_.store(flows, std::memory_order_release);
  return {Errc::ok, in.size()};
}

// Decides before a write what keeps the queue at its length. True when `in` is to be left out.
bool SoundOutput::follow(std::span<const float> in, int64_t now_ns) noexcept {
  if (begins_anew_ || ring_->consumed() == ring_->written()) {
    put_silence(options_.follow_ms);
    begins_anew_ = false;
    control_.restart();
    return false;
  }
  const int64_t heard = clock_.position(now_ns, options_.card_rate);
  const auto waiting = static_cast<double>(ring_->written() - heard);
  if (control_.observe(1000.0 * waiting / options_.card_rate, now_ns)) {
    // Within its range, so it cannot be refused.
    (void)drift_->set_drift(control_.ppm());
  }
  if (control_.error_ms() < kFollowSlackMs) return false;
  if (1000.0 * waiting / options_.card_rate < options_.follow_ms) return false;
  return std::all_of(in.begin(), in.end(), [](float value) { return std::abs(value) < kSilence; });
}

void SoundOutput::put_silence(double ms) noexcept {
  auto left = static_cast<size_t>(ms * options_.card_rate / 1000.0);
  std::fill(shorts_.begin(), shorts_.end(), int16_t{0});
  while (left > 0) {
    const size_t count = std::min(left, shorts_.size());
    ring_->write(std::span(shorts_).first(count));
    left -= count;
  }
}

void SoundOutput::put(std::span<const float> piece) noexcept {
  std::span<const float> frames = piece;
  // The buffers are made for the longest piece.
  if (resampler_ != nullptr)
    frames = std::span(converted_).first(resampler_->process(frames, converted_).count);
  to_ring(frames);
}

void SoundOutput::to_ring(std::span<const float> frames) noexcept {
  if (drift_ != nullptr)
    frames = std::span(drifted_).first(drift_->process(frames, drifted_).count);
  std::transform(frames.begin(), frames.end(), shorts_.begin(), to_s16);
  ring_->write(std::span(shorts_).first(frames.size()));
}

int64_t SoundOutput::flush() noexcept {
  expects_sound_.store(false, std::memory_order_release);
  if (ring_->written() == ring_->consumed()) return source_written_;
  const int64_t card_stop = ring_->flush();
  if (card_stop == ring_->written()) return source_written_;
  if (resampler_ != nullptr) resampler_->reset();
  if (drift_ != nullptr) (void)drift_->flush(drifted_);
  begins_anew_ = true;
  const int64_t before = source_written_;
  // Of what was written since the last cut nothing was heard yet: the ramp is that of the last one.
  const bool was_heard = card_stop > anchor_.card;
  const int64_t stop = was_heard ? std::min(source_of(card_stop), before) : anchor_.source;
  if (was_heard) before_ = anchor_;
  source_written_ = was_heard ? stop + options_.sample_rate * kRampMs / 1000 : stop;
  anchor_ = {ring_->written(), source_written_};
  voided_ += before - stop;
  return stop;
}

bool SoundOutput::finish() noexcept {
  const bool converts = resampler_ != nullptr || drift_ != nullptr;
  if (converts && ring_->room() < 2 * shorts_.size()) return false;
  expects_sound_.store(false, std::memory_order_release);
  if (!converts) return true;
  if (resampler_ != nullptr)
    to_ring(std::span(converted_).first(resampler_->flush(converted_).count));
  if (drift_ != nullptr) {
    const auto rest = std::span(drifted_).first(drift_->flush(drifted_).count);
    std::transform(rest.begin(), rest.end(), shorts_.begin(), to_s16);
    ring_->write(std::span(shorts_).first(rest.size()));
  }
  before_ = anchor_;
  anchor_ = {ring_->written(), source_written_};
  return true;
}

bool SoundOutput::is_drained(int64_t now_ns) const noexcept {
  const int64_t end = ring_->written();
  return ring_->consumed() >= end && clock_.position(now_ns, options_.card_rate) >= end;
}

void SoundOutput::begin_card() noexcept {
  has_card_ = true;
  card_since_ns_ = 0;
  card_frames_ = 0;
  next_heard_ns_ = 0;
  silent_since_ns_ = 0;
  has_no_clock_.store(false, std::memory_order_relaxed);
  last_block_ns_.store(0, std::memory_order_relaxed);
}

void SoundOutput::pass_silently(int64_t now_ns, int64_t since_ns) noexcept {
  // One that has not begun is not waited for here.
  const int64_t last_block_ns = last_block_ns_.load(std::memory_order_relaxed);
  if (has_card_ && (last_block_ns == 0 || now_ns - last_block_ns < kStallMs * 1'000'000)) return;
  // The card is back.
  if (is_taken_.exchange(true, std::memory_order_acquire)) return;
  const double rate = options_.card_rate;
  if (silent_since_ns_ == 0) {
    silent_since_ns_ = std::min(since_ns, now_ns);
    silent_frames_ = 0;
  }
  const auto due =
      static_cast<int64_t>(static_cast<double>(now_ns - silent_since_ns_) * 1e-9 * rate);
  // After a sleep of the machine what is long past need not be gone through.
  silent_frames_ = std::max(silent_frames_, due - static_cast<int64_t>(2 * ring_->capacity()));
  std::array<int16_t, kPiece> nowhere;
  while (silent_frames_ < due) {
    const size_t count = std::min(nowhere.size(), static_cast<size_t>(due - silent_frames_));
    const int64_t heard =
        silent_since_ns_ + static_cast<int64_t>(static_cast<double>(silent_frames_) / rate * 1e9);
    const RenderedBlock block = ring_->render(std::span(nowhere).first(count));
    clock_.add({heard, block.first, block.played});
    passed_ += block.played;
    silent_frames_ += static_cast<int64_t>(count);
  }
  is_taken_.store(false, std::memory_order_release);
}

bool SoundOutput::is_ahead_of_time(uint32_t frames, int64_t now_ns) noexcept {
  if (card_since_ns_ == 0) card_since_ns_ = now_ns;
  card_frames_ += frames;
  const double seconds = static_cast<double>(now_ns - card_since_ns_) * 1e-9;
  const double taken = static_cast<double>(card_frames_) / options_.card_rate;
  return taken > kHeadStartSeconds + kMostPace * seconds;
}

void SoundOutput::play_piece(std::span<int16_t> out, int64_t heard_ns) noexcept {
  const bool expects_sound = expects_sound_.load(std::memory_order_acquire);
  const RenderedBlock block = ring_->render(out);
  clock_.add({heard_ns, block.first, block.played});
  add(played_, block.played);
  add(quiet_, block.silent);
  if (block.dry > 0 && expects_sound) {
    if (!was_dry_) add(starved_events_, 1);
    add(starved_frames_, block.dry);
  }
  was_dry_ = block.dry > 0;
}

bool SoundOutput::render(int16_t* out, uint32_t frames, uint32_t channels, int64_t now_ns,
                         int64_t heard_ns, bool was_late) noexcept {
  add(blocks_, 1);
  last_block_ns_.store(now_ns, std::memory_order_relaxed);
  const int64_t latency = latency_ns_.load(std::memory_order_relaxed);
  latency_ns_.store(latency == 0 ? heard_ns - now_ns : latency + (heard_ns - now_ns - latency) / 16,
                    std::memory_order_relaxed);
  if (is_ahead_of_time(frames, now_ns)) {
    has_no_clock_.store(true, std::memory_order_relaxed);
    std::fill_n(out, size_t{frames} * channels, int16_t{0});
    return false;
  }
  if (was_late) {
    add(underruns_, 1);
    const int64_t gap = next_heard_ns_ == 0 ? 0 : heard_ns - next_heard_ns_;
    if (gap > 0) add(underrun_frames_, gap * options_.card_rate / kSecond);
  }
  next_heard_ns_ = heard_ns + int64_t{frames} * kSecond / options_.card_rate;
  if (is_taken_.exchange(true, std::memory_order_acquire)) {
    std::fill_n(out, size_t{frames} * channels, int16_t{0});
    add(quiet_, frames);
    return true;
  }
  silent_since_ns_ = 0;
  play_block(out, frames, channels, heard_ns);
  is_taken_.store(false, std::memory_order_release);
  return true;
}

void SoundOutput::play_block(int16_t* out, uint32_t frames, uint32_t channels,
                             int64_t heard_ns) noexcept {
  std::array<int16_t, kPiece> mono;
  for (uint32_t at = 0; at < frames;) {
    const uint32_t count = std::min<uint32_t>(kPiece, frames - at);
    const auto piece = std::span(mono).first(count);
    play_piece(piece, heard_ns + int64_t{at} * kSecond / options_.card_rate);
    for (const int16_t sample : piece) {
      std::fill_n(out, channels, sample);
      out += channels;
    }
    at += count;
  }
}

SoundCounters SoundOutput::counters() const noexcept {
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  SoundCounters all;
  all.played_frames = read(played_);
  all.silent_frames = read(quiet_);
  all.starved_events = read(starved_events_);
  all.starved_frames = read(starved_frames_);
  all.card_underruns = read(underruns_);
  all.card_underrun_frames = read(underrun_frames_);
  all.blocks = read(blocks_);
  all.last_block_ns = read(last_block_ns_);
  all.unheard_frames = passed_;
  all.voided_frames = voided_;
  all.skipped_frames = skipped_;
  all.latency_ns = read(latency_ns_);
  all.has_no_clock = read(has_no_clock_);
  return all;
}

double SoundOutput::drift_ppm() const noexcept { return drift_ == nullptr ? 0 : drift_->drift(); }

}  // namespace facewire
