#include "message_fields.h"

#include "byte_cursor.h"
#include "field_reader.h"
#include "json_cursor.h"

namespace facewire {

bool read_fields(JsonTokens& tokens, MediaBuffers& media, MessageFields& fields) noexcept {
  fields = {};
  JsonCursor cursor(tokens);
  return cursor.first() == '{' && FieldReader(cursor, media, fields).frame();
}

bool read_fields(std::span<const uint8_t> bytes, const KernelTable& kernels, MediaBuffers& media,
                 MessageFields& fields) noexcept {
  fields = {};
  ByteCursor cursor(bytes, kernels);
  cursor.start();
  return cursor.first() == '{' && FieldReader(cursor, media, fields).frame();
}

bool same_word(std::string_view text, std::string_view name) noexcept {
  size_t matched = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ') continue;
    if (matched == name.size()) return false;
    if (lower(static_cast<uint8_t>(text[at])) != static_cast<uint8_t>(name[matched++]))
      return false;
  }
  return matched == name.size();
}

}  // namespace facewire
