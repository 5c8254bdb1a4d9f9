#include "facewire/phones.h"

#include <algorithm>
#include <initializer_list>

namespace facewire {
namespace {

using enum Viseme;

struct Entry {
  std::string_view name;
  std::array<Viseme, 3> visemes;
  uint8_t count;

  constexpr Entry(std::string_view symbol, std::initializer_list<Viseme> shapes)
      : name(symbol), visemes{}, count(static_cast<uint8_t>(shapes.size())) {
    std::copy(shapes.begin(), shapes.end(), visemes.begin());
  }
};

// clang-format off
constexpr Entry kSilences[] = {
  {"", {sil}}, {"_", {sil}}, {"_:", {sil}}, {"sil", {sil}}, {"[sil]", {sil}}, {"<sil>", {sil}}, {"sp", {sil}},
  {"spn", {neutral}}, {"pau", {sil}}, {"pause", {sil}}, {"h#", {sil}}, {"#", {sil}}, {"<eps>", {sil}},
  {"br", {sil}}, {"ap", {sil}}, {"-", {sil}}, {".", {sil}}, {",", {sil}}, {"_|", {hold}}, {"|", {hold}}, {"||", {hold}},
};

// ARPAbet, and what TIMIT and CMU add to it.
constexpr Entry kArpabet[] = {
  {"p", {PP}}, {"b", {PP}}, {"m", {PP}}, {"em", {ax, PP}}, {"f", {FF}}, {"v", {FF}}, {"th", {TH}}, {"dh", {TH}},
  {"t", {DD}}, {"d", {DD}}, {"n", {DD}}, {"dx", {DD}}, {"nx", {DD}}, {"en", {ax, DD}}, {"l", {LL}}, {"el", {ax, LL}},
  {"s", {SS}}, {"z", {SS}}, {"sh", {SH}}, {"zh", {SH}}, {"ch", {SH}}, {"jh", {SH}},
  {"k", {KK}}, {"g", {KK}}, {"ng", {KK}}, {"eng", {ax, KK}}, {"hh", {HH}}, {"hv", {HH}}, {"h", {HH}}, {"q", {KK}},
  {"r", {RR}}, {"y", {YY}}, {"w", {WW}}, {"wh", {WW}},
  {"iy", {iy}}, {"ih", {ih}}, {"ix", {ih}}, {"ey", {eh, ih}}, {"eh", {eh}}, {"ae", {ae}}, {"aa", {aa}}, {"ao", {ao}},
  {"ah", {ah}}, {"ax", {ax}}, {"axr", {er}}, {"er", {er}}, {"uh", {uh}}, {"uw", {uw}}, {"ux", {uw}}, {"ow", {oh, uw}},
  {"ay", {aa, ih}}, {"aw", {aa, uw}}, {"oy", {ao, ih}},
};

constexpr Entry kInitials[] = {
  {"b", {PP}}, {"p", {PP}}, {"m", {PP}}, {"f", {FF}}, {"d", {DD}}, {"t", {DD}}, {"n", {DD}}, {"l", {LL}},
  {"g", {KK}}, {"k", {KK}}, {"h", {KK}}, {"j", {SH}}, {"q", {SH}}, {"x", {SH}}, {"zh", {SH}}, {"ch", {SH}},
  {"sh", {SH}}, {"r", {RR}}, {"z", {SS}}, {"c", {SS}}, {"s", {SS}}, {"y", {YY}}, {"w", {WW}}, {"ng", {KK}},
};

// With v for u with two dots.
constexpr Entry kFinals[] = {
  {"a", {aa}}, {"ai", {aa, ih}}, {"an", {aa, DD}}, {"ang", {aa, KK}}, {"ao", {aa, uw}}, {"o", {oh}}, {"ou", {oh, uw}},
  {"ong", {uh, KK}}, {"e", {ax}}, {"ei", {eh, ih}}, {"en", {ax, DD}}, {"eng", {ax, KK}}, {"er", {er}}, {"ii", {narrow}},
  {"iii", {narrow}}, {"i", {iy}}, {"ia", {YY, aa}}, {"ian", {YY, eh, DD}}, {"iang", {YY, aa, KK}}, {"iao", {YY, aa, uw}},
  {"ie", {YY, eh}}, {"iai", {YY, aa, ih}}, {"io", {YY, oh}}, {"in", {iy, DD}}, {"ing", {iy, KK}}, {"iong", {yu, KK}},
  {"iou", {YY, oh, uw}}, {"iu", {YY, oh, uw}}, {"u", {uw}}, {"ua", {WW, aa}}, {"uai", {WW, aa, ih}},
  {"uan", {WW, aa, DD}}, {"uang", {WW, aa, KK}}, {"ue", {yu, eh}}, {"uei", {WW, eh, ih}}, {"ui", {WW, eh, ih}},
  {"uen", {WW, ax, DD}}, {"un", {WW, ax, DD}}, {"ueng", {WW, ax, KK}}, {"uo", {WW, oh}}, {"v", {yu}},
  {"van", {yu, eh, DD}}, {"ve", {yu, eh}}, {"vn", {yu, DD}}, {"m", {PP}}, {"n", {DD}}, {"ng", {KK}}, {"r", {er}},
};

// IPA by its UTF-8, then what espeak writes otherwise.
constexpr Entry kIpa[] = {
  {"p", {PP}}, {"b", {PP}}, {"m", {PP}}, {"ɓ", {PP}}, {"ɸ", {PP}}, {"β", {PP}}, {"ʙ", {PP}}, {"f", {FF}}, {"v", {FF}},
  {"ɱ", {FF}}, {"ʋ", {FF}}, {"θ", {TH}}, {"ð", {TH}}, {"t", {DD}}, {"d", {DD}}, {"n", {DD}}, {"ɾ", {DD}}, {"ʈ", {DD}},
  {"ɖ", {DD}}, {"ɳ", {DD}}, {"ɗ", {DD}}, {"r", {DD}}, {"l", {LL}}, {"ɫ", {LL}}, {"ɭ", {LL}}, {"ʎ", {LL}}, {"ɬ", {LL}},
  {"s", {SS}}, {"z", {SS}}, {"ts", {SS}}, {"dz", {SS}}, {"ʃ", {SH}}, {"ʒ", {SH}}, {"ʂ", {SH}}, {"ʐ", {SH}}, {"ɕ", {SH}},
  {"ʑ", {SH}}, {"tʃ", {SH}}, {"dʒ", {SH}}, {"ʧ", {SH}}, {"ʤ", {SH}}, {"tʂ", {SH}}, {"tɕ", {SH}}, {"k", {KK}}, {"g", {KK}},
  {"ɡ", {KK}}, {"ŋ", {KK}}, {"q", {KK}}, {"x", {KK}}, {"ɣ", {KK}}, {"χ", {KK}}, {"ʁ", {KK}}, {"ɲ", {KK}}, {"c", {KK}},
  {"ɟ", {KK}}, {"ç", {KK}}, {"ɴ", {KK}}, {"ɢ", {KK}}, {"ɰ", {KK}}, {"h", {HH}}, {"ɦ", {HH}}, {"ʔ", {HH}}, {"ħ", {HH}},
  {"ʕ", {HH}}, {"ɹ", {RR}}, {"ɻ", {RR}}, {"ɽ", {RR}}, {"ʀ", {RR}}, {"j", {YY}}, {"ʝ", {YY}}, {"w", {WW}}, {"ɥ", {WW}},
  {"ʍ", {WW}}, {"i", {iy}}, {"ɪ", {ih}}, {"ᵻ", {ih}}, {"ɨ", {ih}}, {"e", {eh}}, {"ɛ", {eh}}, {"æ", {ae}}, {"a", {aa}},
  {"ɑ", {aa}}, {"ɐ", {ah}}, {"ä", {aa}}, {"ʌ", {ah}}, {"ə", {ax}}, {"ɘ", {ax}}, {"ɤ", {ax}}, {"ɵ", {ax}}, {"ɜ", {er}},
  {"ɝ", {er}}, {"ɚ", {er}}, {"ɔ", {ao}}, {"ɒ", {ao}}, {"o", {oh}}, {"ʊ", {uh}}, {"u", {uw}}, {"ɯ", {uh}}, {"y", {yu}},
  {"ʏ", {yu}}, {"ø", {yu}}, {"œ", {yu}}, {"ɿ", {narrow}}, {"ʅ", {narrow}},
  {"aɪ", {aa, ih}}, {"aʊ", {aa, uw}}, {"eɪ", {eh, ih}}, {"oʊ", {oh, uw}}, {"əʊ", {ax, uw}}, {"ɔɪ", {ao, ih}},
  {"T", {TH}}, {"D", {TH}}, {"S", {SH}}, {"Z", {SH}}, {"N", {KK}}, {"tS", {SH}}, {"dZ", {SH}}, {"X", {KK}}, {"R", {RR}},
  {"ph", {PP}}, {"th", {DD}}, {"kh", {KK}}, {"tsh", {SS}}, {"s.", {SH}}, {"z.", {RR}}, {"ts.", {SH}}, {"ts.h", {SH}},
  {"S;", {SH}}, {"tS;", {SH}}, {"tS;h", {SH}}, {"t#", {DD}}, {"?", {HH}}, {"r-", {RR}}, {"@L", {ax, LL}}, {"C", {KK}},
  {"i:", {iy}}, {"I", {ih}}, {"I2", {ih}}, {"I#", {ih}}, {"E", {eh}}, {"A", {aa}}, {"A:", {aa}}, {"a#", {ax}}, {"V", {ah}},
  {"@", {ax}}, {"@2", {ax}}, {"3", {er}}, {"3:", {er}}, {"@r", {er}}, {"O", {ao}}, {"O:", {ao}}, {"O2", {ao}},
  {"0", {ao}}, {"O@", {ao, RR}}, {"U", {uh}}, {"u:", {uw}}, {"eI", {eh, ih}}, {"aI", {aa, ih}}, {"OI", {ao, ih}},
  {"aU", {aa, uw}}, {"oU", {oh, uw}}, {"ai", {aa, ih}}, {"Au", {aa, uw}}, {"au", {aa, uw}}, {"ei", {eh, ih}},
  {"ou", {oh, uw}}, {"o-", {ax}}, {"i[", {narrow}}, {"i.", {narrow}}, {"iE", {YY, eh}}, {"iA", {YY, aa}},
  {"uo", {WW, oh}}, {"w_A", {WW, aa}}, {"y_N", {yu, KK}}, {"Y", {yu}}, {"W", {yu}}, {"Q", {KK}},
};
// clang-format on

template <size_t N>
const Entry* find(const Entry (&table)[N], std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const Entry& entry) { return entry.name == name; });
  return found == std::end(table) ? nullptr : found;
}

// The entry with the longest name that `text` begins with.
template <size_t N>
const Entry* longest(const Entry (&table)[N], std::string_view text) noexcept {
  const Entry* best = nullptr;
  for (const Entry& entry : table) {
    if (!entry.name.empty() && text.starts_with(entry.name) &&
        (best == nullptr || entry.name.size() > best->name.size()))
      best = &entry;
  }
  return best;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

// Symbols are short; what goes on for longer is cut.
constexpr size_t kLongestSymbol = 32;

struct Symbol {
  std::array<char, kLongestSymbol> room = {};
  std::string_view text;  // Without marks of stress and without blanks.
  Stress stress = Stress::unknown;
};

Symbol strip(std::string_view given) noexcept {
  Symbol symbol;
  const auto drop = [&](std::string_view mark) {
    if (!given.starts_with(mark)) return false;
    given.remove_prefix(mark.size());
    return true;
  };
  for (;;) {
    if (drop("ˈ") || (given.size() > 1 && drop("'"))) {
      symbol.stress = Stress::primary;
    } else if (drop("ˌ") || (given.size() > 1 && drop(","))) {
      symbol.stress = Stress::secondary;
    } else if (!drop(" ") && !(given.size() > 1 && (drop("%") || drop("=")))) {
      break;
    }
  }
  while (given.ends_with(' ')) given.remove_suffix(1);
  given = given.substr(0, kLongestSymbol);
  std::copy(given.begin(), given.end(), symbol.room.begin());
  return symbol;
}

// Small letters, and v for all ways to write u with two dots.
size_t fold(std::string_view text, std::array<char, kLongestSymbol>& out, bool& dots) noexcept {
  size_t size = 0;
  // Without a tone "u:" is espeak's long u.
  const bool colon = !text.empty() && is_digit(text.back());
  for (size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("ü") || text.substr(at).starts_with("Ü") ||
        (colon && text.substr(at).starts_with("u:"))) {
      out[size++] = 'v';
      dots = true;
      at += 1;
    } else {
      out[size++] = is_capital(text[at]) ? static_cast<char>(text[at] - 'A' + 'a') : text[at];
    }
  }
  return size;
}

// Shares of the time: the end of a diphthong and the coda of a final have 40 %,
// an onglide a quarter.
void put(const Entry& entry, float time, PhoneShapes& out) noexcept {
  static constexpr float kShares[2][3] = {{0.6f, 0.4f, 0.0f}, {0.25f, 0.45f, 0.3f}};
  const bool glide = entry.visemes[0] == YY || entry.visemes[0] == WW;
  for (size_t i = 0; i < entry.count && out.count < PhoneShapes::kMost; ++i) {
    float share = 1.0f;
    if (entry.count == 2) share = glide ? (i == 0 ? 0.3f : 0.7f) : kShares[0][i];
    if (entry.count == 3) share = kShares[1][i];
    out.pieces[out.count++] = {entry.visemes[i], share * time};
  }
}

bool one(const Entry* entry, Alphabet evidence, PhoneShapes& out) noexcept {
  if (entry == nullptr) return false;
  out.evidence = evidence;
  put(*entry, 1.0f, out);
  return true;
}

// A syllable as a whole, `zhong1`.
bool syllable(std::string_view text, PhoneShapes& out) noexcept {
  for (size_t length = std::min<size_t>(2, text.size()); length > 0; --length) {
    const Entry* initial = find(kInitials, text.substr(0, length));
    const Entry* final = find(kFinals, text.substr(length));
    if (initial == nullptr || final == nullptr || text.size() == length) continue;
    put(*initial, 0.35f, out);
    put(*final, 0.65f, out);
    out.evidence = Alphabet::pinyin;
    return true;
  }
  return false;
}

// IPA and espeak: as many sounds one after the other as there are, `ts.h`,
// `ɔːɹ`. Of what is longer than a phone the beginning counts.
bool ipa(std::string_view text, PhoneShapes& out) noexcept {
  std::array<const Entry*, PhoneShapes::kMost> found;
  size_t count = 0;
  size_t pieces = 0;
  bool special = false;
  while (!text.empty()) {
    const Entry* entry = longest(kIpa, text);
    if (entry == nullptr) {
      // Lengths, tones, ties and what else modifies; never half a character.
      size_t size = 1;
      while (size < text.size() && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) ++size;
      special = special || static_cast<uint8_t>(text[0]) >= 0x80;
      text.remove_prefix(size);
      continue;
    }
    special = special || static_cast<uint8_t>(entry->name[0]) >= 0x80 || entry->name[0] == '@';
    text.remove_prefix(entry->name.size());
    if (count == found.size() || pieces + entry->count > PhoneShapes::kMost) break;
    found[count++] = entry;
    pieces += entry->count;
  }
  if (count == 0) return false;
  float total = 0.0f;
  for (size_t i = 0; i < count; ++i) total += i == 0 ? 0.6f : 0.4f;
  for (size_t i = 0; i < count; ++i) put(*found[i], (i == 0 ? 0.6f : 0.4f) / total, out);
  if (special) out.evidence = Alphabet::ipa;
  return true;
}

bool read(std::string_view text, Alphabet alphabet, PhoneShapes& out) noexcept {
  std::array<char, kLongestSymbol> folded;
  bool dots = false;
  const std::string_view small(folded.data(), fold(text, folded, dots));
  size_t letters = small.size();
  while (letters > 0 && is_digit(small[letters - 1])) letters -= 1;
  const std::string_view bare = small.substr(0, letters);
  const bool digits = letters < small.size() && letters > 0;
  const char digit = digits ? small[letters] : '\0';
  const bool capitals = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_capital(c) || is_digit(c);
  });

  if (const Entry* entry = find(kSilences, letters > 0 ? bare : small)) {
    put(*entry, 1.0f, out);
    return entry->visemes[0] != neutral;
  }
  if (alphabet == Alphabet::ipa && ipa(text, out)) return true;
  const bool tone = digits && digit >= '1' && digit <= '5' && !capitals;
  const Entry* final = find(kFinals, bare);
  const Entry* initial = find(kInitials, bare);
  const Entry* arpabet = dots ? nullptr : find(kArpabet, bare);
  const bool chinese = tone || dots || alphabet == Alphabet::pinyin;
  if (chinese && alphabet != Alphabet::arpabet) {
    const bool only = tone && arpabet == nullptr;
    const Alphabet evidence = only ? Alphabet::pinyin : Alphabet::unknown;
    // What both have begins a syllable, as the n of n3.
    if (one(initial, evidence, out) || one(final, evidence, out)) return true;
  }
  if (capitals || !digits || arpabet != nullptr) {
    const bool only = final == nullptr && initial == nullptr && letters > 1;
    if (one(arpabet, only ? Alphabet::arpabet : Alphabet::unknown, out)) {
      if (digits) {
        out.stress = digit == '1'   ? Stress::primary
                     : digit == '2' ? Stress::secondary
                                    : Stress::none;
      }
      return true;
    }
  }
  if (!capitals) {
    if (one(initial, Alphabet::unknown, out) || one(final, Alphabet::unknown, out)) return true;
    if (tone && syllable(bare, out)) return true;
  }
  // IPA as a whole, or nothing: "Sta" is a misprint, "ɔːɹ" is not.
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return is_capital(c) || is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
  });
  if (!plain || (find(kIpa, text) != nullptr)) return ipa(text, out);
  return false;
}

// No symbol of ours is longer, a syllable with its tone included.
constexpr size_t kLongestKnown = 8;

// The longest beginning that is known, as long as it is a letter at least.
void read_beginning(std::string_view text, Alphabet alphabet, PhoneShapes& out) noexcept {
  out.known = false;
  for (size_t length = std::min(text.size(), kLongestKnown + 1); length-- > 1;) {
    out.count = 0;
    if (read(text.substr(0, length), alphabet, out) && !is_silent(out.pieces[0].viseme)) {
      out.evidence = Alphabet::unknown;
      return;
    }
  }
  out.count = 0;
  out.evidence = Alphabet::unknown;
  out.pieces[out.count++] = {neutral, 1.0f};
}

}  // namespace

PhoneShapes shapes_of(std::string_view given, Alphabet alphabet) noexcept {
  Symbol symbol = strip(given);
  size_t size = symbol.room.size();
  while (size > 0 && symbol.room[size - 1] == '\0') size -= 1;
  const std::string_view text(symbol.room.data(), size);
  PhoneShapes out;
  out.stress = symbol.stress;
  if (!read(text, alphabet, out)) read_beginning(text, alphabet, out);
  return out;
}

}  // namespace facewire
