#include "facewire/phone_items.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "byte_cursor.h"
#include "facewire/kernels.h"
#include "field_reader.h"

namespace facewire {
namespace {

// Appends a character as UTF-8, as long as it fits as a whole.
void append_utf8(uint32_t code, PhoneItem& item) noexcept {
  std::array<char, 3> bytes;
  size_t count = 1;
  if (code < 0x80) {
    bytes[0] = static_cast<char>(code);
  } else if (code < 0x800) {
    bytes[0] = static_cast<char>(0xc0 | code >> 6);
    bytes[1] = static_cast<char>(0x80 | (code & 0x3f));
    count = 2;
  } else {
    bytes[0] = static_cast<char>(0xe0 | code >> 12);
    bytes[1] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    bytes[2] = static_cast<char>(0x80 | (code & 0x3f));
    count = 3;
  }
  if (item.size + count > PhoneItem::kLongest) return;
  std::copy_n(bytes.begin(), count, item.text.begin() + item.size);
  item.size = static_cast<uint8_t>(item.size + count);
}

// The text between the quotes of a well-formed string. No sound is written with
// what lies beyond the first 65536 characters; halves of such are left out.
void unescape(std::string_view inside, PhoneItem& item) noexcept {
  for (size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] != '\\') {
      if (item.size == PhoneItem::kLongest) return;
      item.text[item.size++] = inside[at];
      continue;
    }
    at += 1;
    if (at >= inside.size()) return;
    if (inside[at] != 'u') {
      append_utf8(static_cast<uint8_t>(inside[at]), item);
      continue;
    }
    uint32_t code = 0;
    const char* digits = inside.data() + at + 1;
    const size_t left = std::min<size_t>(4, inside.size() - at - 1);
    const auto [end, error] = std::from_chars(digits, digits + left, code, 16);
    if (error != std::errc{} || end != digits + 4) return;
    at += 4;
    if (code < 0xd800 || code > 0xdfff) append_utf8(code, item);
  }
}

// Whole ticks of 0 or more, from a number or the digits of a string; -1 for what is neither.
bool ticks(ByteCursor& cursor, int64_t& to) noexcept {
  to = -1;
  const uint8_t first = cursor.first();
  double value = -1;
  if (first == '"') {
    ByteRange range;
    if (!cursor.string(range)) return false;
    const std::string_view digits = cursor.view(range);
    int64_t whole = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, whole);
    if (error == std::errc{} && (stop == end || *stop == '.')) value = static_cast<double>(whole);
  } else if (first == '-' || (first >= '0' && first <= '9')) {
    if (!cursor.number(value)) return false;
  } else {
    return cursor.skip();
  }
  if (value >= 0 && value <= kLargestInteger) to = static_cast<int64_t>(std::llround(value));
  return true;
}

struct Item {
  PhoneItem phone;
  bool named = false;
  int64_t start = -1;
  int64_t misspelt_start = -1;
  int64_t end = -1;
};

bool read_item(ByteCursor& cursor, Item& item) noexcept {
  if (cursor.first() != '{') return cursor.skip();
  return cursor.object([&](std::string_view key) {
    if (is_key(key, "Phn")) {
      if (cursor.first() != '"') return cursor.skip();
      ByteRange range;
      if (!cursor.string(range)) return false;
      item.phone.size = 0;
      unescape(cursor.view(range), item.phone);
      item.named = true;
      return true;
    }
    if (is_key(key, "Start")) return ticks(cursor, item.start);
    // A sample of the documents has it so.
    if (is_key(key, "Sta")) return ticks(cursor, item.misspelt_start);
    if (is_key(key, "End")) return ticks(cursor, item.end);
    return cursor.skip();
  });
}

}  // namespace

void PhoneItem::set_symbol(std::string_view symbol) noexcept {
  size = static_cast<uint8_t>(std::min(symbol.size(), kLongest));
  std::copy_n(symbol.begin(), size, text.begin());
}

size_t read_phones(std::span<const uint8_t> bytes, ByteRange list, TakePhone take,
                   void* context) noexcept {
  if (list.begin >= list.end || list.end > bytes.size()) return 0;
  ByteCursor cursor(bytes.subspan(list.begin, list.end - list.begin), kernels());
  cursor.start();
  if (cursor.first() != '[') return 0;
  size_t count = 0;
  int64_t before = 0;
  static_cast<void>(cursor.array([&] {
    Item item;
    if (!read_item(cursor, item)) return false;
    if (item.start < 0) item.start = item.misspelt_start;
    if (item.start < 0) item.start = before;
    if (!item.named || item.end < 0) return true;
    item.phone.start_ticks = item.start;
    item.phone.end_ticks = before = std::max(item.start, item.end);
    take(context, item.phone);
    count += 1;
    return count < kMostPhones;
  }));
  return count;
}

}  // namespace facewire
