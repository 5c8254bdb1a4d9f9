#include <algorithm>
#include <new>

#include "facewire/kernels.h"
#include "facewire/message.h"
#include "frame_reader.h"

namespace facewire {
namespace {

// Positions are 32 bits wide, and simdjson reads less than 4 GiB.
constexpr size_t kLargestMessage = size_t{1} << 30;

}  // namespace

struct MessageReader::State {
  explicit State(size_t max_bytes) : max_message_bytes(std::min(max_bytes, kLargestMessage)) {}

  size_t max_message_bytes;
  FrameReader frames{kernels()};
};

MessageReader::MessageReader() = default;
MessageReader::~MessageReader() = default;

std::unique_ptr<MessageReader> MessageReader::create(size_t max_message_bytes) {
  std::unique_ptr<MessageReader> reader(new MessageReader);
  reader->state_ = std::make_unique<State>(max_message_bytes);
  if (!reader->state_->frames.reserve()) throw std::bad_alloc();
  return reader;
}

Result MessageReader::read(std::span<const uint8_t> bytes, Message& out) noexcept {
  if (bytes.size() > state_->max_message_bytes) {
    out = {};
    return {Errc::message_too_large, state_->max_message_bytes};
  }
  Result result;
  if (state_->frames.read_in_one_pass(bytes, out, result)) return result;
  return state_->frames.read_by_tokens(bytes, out);
}

Result MessageReader::decode_base64(std::span<const uint8_t> text,
                                    std::span<uint8_t> out) noexcept {
  return facewire::decode_base64(kernels(), text, out);
}

}  // namespace facewire
