// The two ways of reading must agree on everything, the reader must agree with
// the slow check on what is JSON and where it ends to be, and everything it
// hands out must lie inside the message. Every kernel table is tried.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../message/frame_reader.h"
#include "../message/json_check.h"
#include "../test/same_message.h"
#include "facewire/kernels.h"
#include "facewire/message.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static facewire::FrameReader patient(facewire::kernels());
  std::vector<uint8_t> bytes(data, data + size);
  bytes.shrink_to_fit();
  facewire::Message message;
  const facewire::Result result = facewire::read_message(bytes, 1 << 20, message);
  facewire::Message other;
  const facewire::Result other_result = patient.read_by_tokens(bytes, other);
  require(same_reading(result, message, other_result, other));
  for (const facewire::KernelTable* table : facewire::available_kernels()) {
    facewire::FrameReader one_pass(*table);
    facewire::Result one_result;
    if (one_pass.read_in_one_pass(bytes, other, one_result)) {
      require(same_reading(result, message, one_result, other));
    } else {
      // It may only give up on what is malformed or no object.
      require(!result || bytes[0] != '{');
    }
  }
  const facewire::Result checked = facewire::check_json(bytes);

  if (result.error == facewire::Errc::malformed_base64) {
    require(static_cast<bool>(checked));
    require(result.count <= size && message.pcm.empty());
    require(message.kind == facewire::MessageKind::speech);
  } else {
    require(result.error == checked.error);
    if (!result) require(result.count == checked.count && result.count <= size);
  }
  for (const facewire::ByteRange range :
       {message.request_id, message.header_message, message.error_message, message.phones,
        message.words, message.subtitles, message.actions, message.expressions}) {
    require(range.begin <= range.end && range.end <= size);
  }
  for (const facewire::ByteRange list :
       {message.phones, message.words, message.subtitles, message.actions, message.expressions}) {
    if (list.end == 0) continue;
    require(bytes[list.begin] == '[' && bytes[list.end - 1] == ']');
    // A list is handed on to be parsed alone, so it must be JSON by itself.
    require(static_cast<bool>(facewire::check_json(
        std::span<const uint8_t>(bytes).subspan(list.begin, list.end - list.begin))));
  }
  require(message.features.size() <= size / 2 && message.pcm.size() <= size);
  // Touch all of it, for the address sanitizer.
  volatile float sum = 0;
  for (const float x : message.features) sum = sum + x;
  for (const uint8_t x : message.pcm) sum = sum + static_cast<float>(x);
  return 0;
}
