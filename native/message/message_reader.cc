#include <algorithm>
#include <new>

#include "facewire/kernels.h"
#include "facewire/message.h"
#include "frame_reader.h"

namespace facewire {
namespace {

// Positions are 32 bits wide, and simdjson reads less than 4 GiB.
constexpr size_t kLargestMessage = size_t{1} << 30;

// What only one message at a time needs. All sessions of a thread share it, so that it stays in
// the caches and a session more takes up nothing. Null when memory is short.
FrameReader* reader_of_thread() noexcept {
  try {
    thread_local FrameReader reader{kernels()};
    return &reader;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

bool reserve_for_messages() noexcept {
  FrameReader* const reader = reader_of_thread();
  return reader != nullptr && reader->reserve();
}

Result read_message(std::span<const uint8_t> bytes, size_t max_bytes, Message& out) noexcept {
  out = {};
  max_bytes = std::min(max_bytes, kLargestMessage);
  if (bytes.size() > max_bytes) return {Errc::message_too_large, max_bytes};
  FrameReader* const reader = reader_of_thread();
  if (reader == nullptr) return {Errc::out_of_memory, 0};
  Result result;
  if (reader->read_in_one_pass(bytes, out, result)) return result;
  return reader->read_by_tokens(bytes, out);
}

}  // namespace facewire
