#include "facewire/sound_ring.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace facewire {
namespace {

// The word: bit 0 a flush waits, bits 1 to 16 its number, the rest the position.
constexpr uint64_t kPending = 1;
constexpr unsigned kPositionShift = 17;
constexpr uint64_t kNumberMask = 0x1fffe;

int64_t position_of(uint64_t control) noexcept {
  return static_cast<int64_t>(control >> kPositionShift);
}

int16_t scaled(int16_t sample, uint32_t gain, uint32_t full) noexcept {
  return static_cast<int16_t>(int64_t{sample} * gain / full);
}

}  // namespace

std::unique_ptr<SoundRing> SoundRing::create(size_t frames, uint32_t ramp_frames) noexcept {
  try {
    std::unique_ptr<SoundRing> ring(new SoundRing);
    const size_t capacity = std::bit_ceil(std::max<size_t>(frames, 1));
    ring->samples_ = std::make_unique<int16_t[]>(capacity);
    ring->mask_ = capacity - 1;
    ring->ramp_frames_ = std::max<uint32_t>(ramp_frames, 1);
    return ring;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

int64_t SoundRing::consumed() const noexcept {
  return position_of(control_.load(std::memory_order_acquire));
}

size_t SoundRing::room() const noexcept {
  return capacity() - static_cast<size_t>(written() - consumed());
}

size_t SoundRing::write(std::span<const int16_t> frames) noexcept {
  const int64_t at = written();
  const size_t count = std::min(frames.size(), room());
  const size_t begin = static_cast<size_t>(at) & mask_;
  const size_t first = std::min(count, capacity() - begin);
  std::copy_n(frames.data(), first, samples_.get() + begin);
  std::copy_n(frames.data() + first, count - first, samples_.get());
  written_.store(at + static_cast<int64_t>(count), std::memory_order_release);
  return count;
}

int64_t SoundRing::flush() noexcept {
  const int64_t end = written();
  if (end == voided_) return stop_;
  void_until_.store(end, std::memory_order_release);
  uint64_t control = control_.load(std::memory_order_acquire);
  uint64_t next;
  do {
    // Another number each time, or the callback could overlook the second of two.
    const uint64_t number = (control + 2) & kNumberMask;
    next = (control >> kPositionShift << kPositionShift) | number | kPending;
  } while (!control_.compare_exchange_weak(control, next, std::memory_order_acq_rel,
                                           std::memory_order_acquire));
  // What an earlier flush voided is not played, even if the callback has not come past it yet.
  stop_ = std::max(position_of(control), voided_);
  voided_ = end;
  return stop_;
}

RenderedBlock SoundRing::render(std::span<int16_t> out) noexcept {
  uint64_t control = control_.load(std::memory_order_acquire);
  for (;;) {
    Voice voice = voice_;
    if ((control & kPending) != 0) take_flush(voice);
    const RenderedBlock block = render_voice(voice, out);
    const uint64_t next =
        static_cast<uint64_t>(voice.position) << kPositionShift | (control & kNumberMask);
    // Only now may the writer overwrite what was copied.
    if (control_.compare_exchange_strong(control, next, std::memory_order_acq_rel,
                                         std::memory_order_acquire)) {
      voice_ = voice;
      return block;
    }
  }
}

void SoundRing::take_flush(Voice& voice) const noexcept {
  voice.cut_to = std::max(voice.position, void_until_.load(std::memory_order_acquire));
  voice.fading = voice.gain > 0;
  voice.ran_dry = false;
  if (!voice.fading) voice.position = voice.cut_to;
}

RenderedBlock SoundRing::render_voice(Voice& voice, std::span<int16_t> out) const noexcept {
  const int64_t written = written_.load(std::memory_order_acquire);
  const auto sample_at = [this](int64_t position) {
    return samples_[static_cast<size_t>(position) & mask_];
  };
  RenderedBlock block;
  block.first = voice.position;
  size_t at = 0;
  while (at < out.size()) {
    if (voice.fading) {
      while (at < out.size() && voice.gain > 0) {
        if (voice.position < voice.cut_to) {
          voice.held = sample_at(voice.position++);
          ++block.played;
        } else if (voice.ran_dry) {
          ++block.dry;
        }
        out[at++] = scaled(voice.held, --voice.gain, ramp_frames_);
      }
      if (voice.gain > 0) break;
      voice.fading = false;
      voice.position = voice.cut_to;
    } else if (voice.position == written) {
      if (voice.gain > 0) {
        voice.fading = true;
        voice.ran_dry = true;
        voice.cut_to = voice.position;
      } else {
        block.dry += static_cast<uint32_t>(out.size() - at);
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), int16_t{0});
        at = out.size();
      }
    } else {
      const size_t count = std::min(out.size() - at, static_cast<size_t>(written - voice.position));
      const size_t end = at + count;
      for (; at < end && voice.gain < ramp_frames_; ++at)
        out[at] = scaled(sample_at(voice.position++), ++voice.gain, ramp_frames_);
      const size_t begin = static_cast<size_t>(voice.position) & mask_;
      const size_t rest = end - at;
      const size_t first = std::min(rest, capacity() - begin);
      std::copy_n(samples_.get() + begin, first, out.data() + at);
      std::copy_n(samples_.get(), rest - first, out.data() + at + first);
      at = end;
      voice.position += static_cast<int64_t>(rest);
      voice.held = sample_at(voice.position - 1);
      block.played += static_cast<uint32_t>(count);
    }
  }
  block.end = voice.position;
  block.silent = static_cast<uint32_t>(out.size()) - block.played;
  return block;
}

}  // namespace facewire
