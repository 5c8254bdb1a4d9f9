#include "facewire/pool.h"

#include <algorithm>
#include <cmath>

#include "facewire/kernels.h"

namespace facewire {
namespace {

// Rows of features are far apart in memory; asking for those of the sessions
// to come hides most of the way to them.
constexpr size_t kAhead = 6;
constexpr size_t kCacheLine = 64;

void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

void prefetch_rows(const Stretch& stretch, int64_t sample) noexcept {
  if (stretch.rows == nullptr || !stretch.holds(sample)) return;
  const auto position = static_cast<double>(sample - stretch.origin) / stretch.hop;
  const auto* rows = reinterpret_cast<const char*>(stretch.row(static_cast<size_t>(position)));
  // Both rows, weights and slopes.
  for (size_t at = 0; at < 4 * kWeightCount * sizeof(float); at += kCacheLine) prefetch(rows + at);
}

// False when it is no sample number.
bool to_sample(double value, int64_t& sample) noexcept {
  constexpr double kLimit = 9007199254740992.0;
  if (!(std::abs(value) < kLimit)) return false;
  sample = static_cast<int64_t>(value);
  return static_cast<double>(sample) == value;
}

}  // namespace

SessionPool::~SessionPool() {
  for (size_t row = 0; row < sessions_.size(); ++row) remove(row);
}

size_t SessionPool::add(Session& session) {
  const auto free = std::find(sessions_.begin(), sessions_.end(), nullptr);
  const auto row = static_cast<size_t>(free - sessions_.begin());
  if (free == sessions_.end()) {
    // Room for both first, so that without memory nothing has changed.
    if (row == sessions_.capacity()) sessions_.reserve(2 * row + 16);
    const bool moves = row == pictures_.capacity();
    if (moves) pictures_.reserve(2 * row + 16);
    pictures_.push_back(session.pictures());
    sessions_.push_back(nullptr);
    if (moves) place_pictures();
  }
  session.keep_pictures_in(&pictures_[row]);
  sessions_[row] = &session;
  return row;
}

void SessionPool::place_pictures() noexcept {
  for (size_t row = 0; row < sessions_.size(); ++row) {
    if (sessions_[row] != nullptr) sessions_[row]->pictures_moved_to(&pictures_[row]);
  }
}

void SessionPool::remove(size_t row) noexcept {
  if (row >= sessions_.size() || sessions_[row] == nullptr) return;
  sessions_[row]->keep_pictures_in(nullptr);
  sessions_[row] = nullptr;
  while (!sessions_.empty() && sessions_.back() == nullptr) {
    sessions_.pop_back();
    pictures_.pop_back();
  }
}

void SessionPool::frames(std::span<const double> samples, std::span<const double> next,
                         std::span<float> out, std::span<uint8_t> flags) noexcept {
  const FaceKernels& face = *kernels().face;
  const auto at = [](std::span<const double> values, size_t row) {
    return values.size() == 1 ? values[0] : values[row];
  };
  const size_t count = sessions_.size();
  for (size_t row = 0; row < count; ++row) {
    int64_t sample = 0;
    if (row + kAhead < count && to_sample(at(samples, row + kAhead), sample))
      prefetch_rows(pictures_[row + kAhead].stretch, sample);

    const std::span<float, kFrameWidth> weights =
        out.subspan(row * kFrameWidth).first<kFrameWidth>();
    int64_t following = 0;
    if (sessions_[row] == nullptr || !to_sample(at(samples, row), sample) ||
        !to_sample(at(next, row), following)) {
      std::fill(weights.begin(), weights.end(), 0.0f);
      flags[row] = 0;
      continue;
    }
    Pictures& pictures = pictures_[row];
    bool speaking = pictures.stretch.speaking;
    if (pictures.draw_mouth(face, sample, following, weights.data())) {
      pictures.finish(sample, pictures.steady_source(), weights);
    } else {
      speaking = sessions_[row]->frame_at(sample, weights, following);
    }
    flags[row] = speaking ? kLive | kSpeaking : kLive;
  }
}

}  // namespace facewire
