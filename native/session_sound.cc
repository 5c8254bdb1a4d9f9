// The sound of a session: from frames at the wire's rates to the time line.
// Where two rates meet inside an utterance, either converter would take silence
// for what lies beyond its own sound, and a sound that breaks off clicks; so it
// is shown the sound as it would have gone on.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "facewire/extrapolate.h"
#include "facewire/grow_vector.h"
#include "facewire/session.h"

namespace facewire {
namespace {

// Input frames that a converter looks ahead, and back.
size_t reach_of(const Resampler& converter) noexcept {
  const uint64_t frames = converter.latency_frames() * uint64_t{converter.input_rate()};
  return static_cast<size_t>(frames / converter.output_rate()) + 2;
}

using Frames = std::array<int16_t, 1024>;

// Output of a converter on its way to the time line: what comes of so many frames, or of its end.
// All sessions of a thread have it in the same place, the first-level cache.
using Converted = std::array<float, 4096>;

// Frames whose output has room in Converted, in groups that the filters like.
size_t block_of(const Resampler& converter) noexcept {
  constexpr size_t kRoom = std::tuple_size_v<Converted> - 64;
  const size_t most = kRoom * converter.input_rate() / converter.output_rate();
  return std::min(std::tuple_size_v<Frames>, most) / 4 * 4;
}

}  // namespace

// Null when memory is short.
Resampler* Session::converter_for(uint32_t rate) noexcept {
  for (const auto& resampler : resamplers_) {
    if (resampler->input_rate() == rate) return resampler.get();
  }
  auto created = Resampler::create(rate, options_.sample_rate);
  if (created == nullptr || !grow(resamplers_, resamplers_.size() + 1)) return nullptr;
  resamplers_.back() = std::move(created);
  return resamplers_.back().get();
}

int64_t Session::source_end() const noexcept {
  if (resampler_ == nullptr) return rate_base_;
  const int64_t in = resampler_->input_rate();
  return rate_base_ + (wire_frames_ * options_.sample_rate + in - 1) / in;
}

void Session::take_audio(std::span<const uint8_t> pcm) noexcept {
  // Half a sample before it shifts all sound, which then has to be copied into its place,
  // a block at a time that ends with half a sample again.
  while (odd_ && !pcm.empty()) {
    Frames shifted;
    auto* bytes = reinterpret_cast<uint8_t*>(shifted.data());
    const size_t count = std::min(pcm.size(), 2 * shifted.size() - 2);
    bytes[0] = odd_byte_;
    std::memcpy(bytes + 1, pcm.data(), count);
    odd_ = count % 2 == 0;
    if (odd_) odd_byte_ = pcm[count - 1];
    hear(std::span(shifted).first((count + 1) / 2));
    pcm = pcm.subspan(count);
  }
  if (pcm.empty()) return;
  if (pcm.size() % 2 != 0) {
    odd_ = true;
    odd_byte_ = pcm.back();
  }
  hear({reinterpret_cast<const int16_t*>(pcm.data()), pcm.size() / 2});
}

void Session::hear(std::span<const int16_t> frames) noexcept {
  if (frames.empty()) return;
  convert(frames);
  wire_frames_ += static_cast<int64_t>(frames.size());
  const auto newest = frames.last(std::min(frames.size(), latest_.size()));
  std::copy(latest_.begin() + static_cast<ptrdiff_t>(newest.size()), latest_.end(),
            latest_.begin());
  std::copy(newest.begin(), newest.end(), latest_.end() - static_cast<ptrdiff_t>(newest.size()));
}

// Lets out what the converter holds back and starts its stream anew.
void Session::flush() noexcept {
  pictures_->stretch = {};
  rate_base_ = source_end();
  if (resampler_ != nullptr && wire_frames_ > 0) {
    Converted out;
    append(std::span(out).first(resampler_->flush(out).count));
  }
  unheard_ = 0;
  wire_frames_ = 0;
  odd_ = false;
}

// In blocks: written straight to the time line, a lane of the filter at a time, the sound would
// miss the cache at every line.
void Session::convert(std::span<const int16_t> frames) noexcept {
  Converted out;
  const size_t block = block_of(*resampler_);
  while (!frames.empty()) {
    const size_t count = std::min(frames.size(), block);
    append(std::span(out).first(resampler_->process(frames.first(count), out).count));
    frames = frames.subspan(count);
  }
}

// Appends converted samples but those from before the first frame.
void Session::append(std::span<const float> samples) noexcept {
  const auto left_out = std::min(static_cast<size_t>(unheard_), samples.size());
  unheard_ -= static_cast<int64_t>(left_out);
  loudness_.hear(timeline_->emitted(), samples.subspan(left_out));
  timeline_->append(samples.subspan(left_out));
}

// Ends the stream of the present converter and begins that of `next`, whose first sound is `pcm`.
void Session::change_rate(Resampler& next, std::span<const uint8_t> pcm) noexcept {
  const int64_t end = source_end();
  Frames beyond;
  const size_t reach = reach_of(*resampler_);
  if (resampler_->latency_frames() > 0 && reach <= beyond.size()) {
    const auto tail = std::span(beyond).first(reach);
    const auto known = std::min(latest_.size(), static_cast<size_t>(wire_frames_));
    extrapolate(std::span<const int16_t>(latest_).last(known), tail);
    const auto due = end - timeline_->emitted() + unheard_;
    Converted out;
    const size_t count = resampler_->process(tail, out).count;
    append(std::span(out).first(std::min(count, static_cast<size_t>(due))));
    resampler_->reset();
  }
  flush();
  resampler_ = &next;
  resampler_->reset();
  prime(pcm);
}

// Shows the converter what lay before `pcm`, as far back as it looks.
void Session::prime(std::span<const uint8_t> pcm) noexcept {
  if (resampler_->latency_frames() == 0) return;
  // As many frames as make whole outputs, so that the first frame keeps its place.
  const uint32_t common = std::gcd(resampler_->input_rate(), resampler_->output_rate());
  const size_t step = resampler_->input_rate() / common;
  const size_t count = (reach_of(*resampler_) + step - 1) / step * step;
  Frames first;
  Frames before;
  if (count > before.size()) return;
  // Backwards in time, what lies before goes on from the first frames.
  const size_t known = std::min(pcm.size() / 2, first.size());
  std::memcpy(first.data(), pcm.data(), 2 * known);
  std::reverse(first.begin(), first.begin() + static_cast<ptrdiff_t>(known));
  const auto history = std::span(before).first(count);
  extrapolate(std::span<const int16_t>(first).first(known), history);
  std::reverse(history.begin(), history.end());
  unheard_ = static_cast<int64_t>(count / step * (resampler_->output_rate() / common));
  convert(history);
}

}  // namespace facewire
