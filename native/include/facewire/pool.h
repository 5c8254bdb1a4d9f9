#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "facewire/session.h"

namespace facewire {

// Draws the due pictures of many sessions in one call. It owns none of them: a
// session must be removed before it goes, and is in one pool at most. What it
// reads for a picture lies here, side by side, as long as it is a member. Not
// thread-safe: a pool and its sessions belong to one thread.
class SessionPool {
 public:
  // Bits of a flag.
  static constexpr uint8_t kLive = 1;      // The row was drawn.
  static constexpr uint8_t kSpeaking = 2;  // There is speech at this instant.

  SessionPool() = default;
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  // Returns the session's row, which it keeps: the lowest that is free. Throws std::bad_alloc.
  size_t add(Session& session);
  void remove(size_t row) noexcept;
  // One past the highest row in use.
  size_t rows() const noexcept { return sessions_.size(); }

  // Draws every session at its own output sample: samples[row], or samples[0]
  // for all when there is one. `next` likewise says where the picture after it
  // is, see Session::frame_at(). `out` takes rows() rows of kFrameWidth, `flags`
  // rows() flags. A row without a session, or whose sample is not an integer
  // below 2^53, is all 0, and so is its flag.
  void frames(std::span<const double> samples, std::span<const double> next, std::span<float> out,
              std::span<uint8_t> flags) noexcept;

 private:
  void place_pictures() noexcept;

  std::vector<Session*> sessions_;  // By row; null where a row is free.
  std::vector<Pictures> pictures_;  // By row.
};

}  // namespace facewire
