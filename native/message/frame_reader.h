#pragma once

#include <cstdint>
#include <span>

#include "facewire/kernels.h"
#include "facewire/message.h"
#include "json_tokens.h"
#include "media_buffers.h"
#include "message_fields.h"

namespace facewire {

// The two ways to read a frame, which agree on everything: fields, error and
// position. The message reader goes the first and, where that gives up, the second.
class FrameReader {
 public:
  explicit FrameReader(const KernelTable& kernels) : kernels_(kernels) {}

  // Takes the memory for common messages read in one pass. False when it is short.
  bool reserve() noexcept;

  // In one pass over the bytes, where they are. False when it is not for this
  // way to say what they are; `out` and `result` mean nothing then.
  bool read_in_one_pass(std::span<const uint8_t> bytes, Message& out, Result& result) noexcept;
  // By way of tokens, from a copy. Every frame, with the position of what is wrong.
  Result read_by_tokens(std::span<const uint8_t> bytes, Message& out) noexcept;

 private:
  Result finish(std::span<const uint8_t> bytes, const MessageFields& fields, Message& out) noexcept;
  void fill_speech(const SpeechFields& from, Message& out) const noexcept;
  Result decode_audio(std::span<const uint8_t> bytes, ByteRange range, Message& out) noexcept;

  const KernelTable& kernels_;
  JsonTokens tokens_;
  MediaBuffers media_;
  GrowBuffer<uint8_t> unescaped_;
};

}  // namespace facewire
