#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "facewire/viseme.h"

namespace facewire {

// How the symbols of a speech are written. ARPAbet may have stress digits,
// pinyin is initials and finals with or without tones; IPA stands for espeak's
// mnemonics, too. `unknown` is told from each symbol by itself.
enum class Alphabet : uint8_t { unknown, arpabet, pinyin, ipa };

enum class Stress : uint8_t { unknown, none, secondary, primary };

// A phone seen as mouth shapes: a diphthong and a Chinese final are several.
struct PhoneShapes {
  static constexpr size_t kMost = 4;
  struct Piece {
    Viseme viseme;
    float share;  // Of the phone's time; all together 1.
  };
  std::array<Piece, kMost> pieces;
  uint8_t count = 0;
  Stress stress = Stress::unknown;
  Alphabet evidence = Alphabet::unknown;  // The alphabet that has this symbol and no other has.
  bool known = true;
};

// Never fails: of an unknown symbol the longest beginning that is known counts,
// and without one it is a small neutral opening that gives way to its
// neighbours. `alphabet` decides between readings of symbols that several
// alphabets have, as lower-case j or capital S.
PhoneShapes shapes_of(std::string_view symbol, Alphabet alphabet = Alphabet::unknown) noexcept;

}  // namespace facewire
