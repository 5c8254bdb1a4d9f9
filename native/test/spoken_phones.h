#pragma once

// Speech made up for the tests: words of English and syllables of Mandarin with
// durations as people speak them, pauses between phrases. No recording is behind it.

#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "facewire/phone_track.h"

namespace spoken {

inline constexpr uint32_t kRate = 48000;

struct Sound {
  std::string symbol;
  int64_t start;
  int64_t end;
};
using Speech = std::vector<Sound>;

inline double duration_ms(const std::string& symbol, std::mt19937& random) {
  const facewire::PhoneShapes shapes = facewire::shapes_of(symbol);
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const char last = symbol.back();
  const bool tone = symbol[0] >= 'a' && symbol[0] <= 'z';
  switch (facewire::shape_of(shapes.pieces[0].viseme).place) {
    case facewire::Place::bilabial:
      return between(45, 110);
    case facewire::Place::labiodental:
      return between(60, 110);
    case facewire::Place::sibilant:
      return between(70, 140);
    case facewire::Place::tongue:
      return between(40, 90);
    case facewire::Place::glide:
      if (!tone) return between(40, 80);
      [[fallthrough]];
    default:
      if (tone) return between(110, 250);
      return last == '1' ? between(90, 180) : last == '0' ? between(40, 90) : between(70, 130);
  }
}

inline const std::vector<std::string>& english_words() {
  static const std::vector<std::string> words = {"P AY1 P",
                                                 "B IY1 B IY0",
                                                 "M AA1 M AH0",
                                                 "M EH1 M ER0 IY0",
                                                 "P R AA1 B L AH0 M",
                                                 "N AH1 M B ER0",
                                                 "S IH1 M P AH0 L",
                                                 "T AH0 M AA1 R OW0",
                                                 "B Y UW1 T AH0 F AH0 L",
                                                 "M UW1 V IY0",
                                                 "F AE1 M L IY0",
                                                 "V EH1 R IY0",
                                                 "F AY1 V",
                                                 "L IH1 V IH0 NG",
                                                 "S T R UW1 P",
                                                 "S UW1 N",
                                                 "T UW1",
                                                 "D UW1 IH0 NG",
                                                 "SH UW1",
                                                 "CH UW1 Z",
                                                 "S K UW1 L",
                                                 "G OW1 IH0 NG",
                                                 "S T OW1 N",
                                                 "N OW1",
                                                 "T OW1 S T",
                                                 "L AO1",
                                                 "S IY1",
                                                 "T IY1 CH ER0",
                                                 "DH AH0",
                                                 "K AE1 T",
                                                 "HH AE1 P IY0",
                                                 "S T AA1 P",
                                                 "S P IY1 K",
                                                 "JH AH1 M P",
                                                 "L AE1 M P",
                                                 "AH1 P",
                                                 "W AH1 N",
                                                 "W UH1 D",
                                                 "G UH1 D",
                                                 "B UH1 K",
                                                 "P UH1 T",
                                                 "TH IH1 NG K",
                                                 "DH IH1 S",
                                                 "IH1 Z",
                                                 "Y EH1 S",
                                                 "R AY1 T",
                                                 "HH AW1 S",
                                                 "B OY1",
                                                 "V OY1 S",
                                                 "S IH1 K S",
                                                 "M IH1 L K",
                                                 "W EH1 DH ER0",
                                                 "P IY1 P AH0 L",
                                                 "AH0 B AW1 T",
                                                 "B IH0 K AH1 Z",
                                                 "K AH0 M P Y UW1 T ER0",
                                                 "S AH1 M",
                                                 "M AY1",
                                                 "EH1 V R IY0",
                                                 "S T R IY1 T S",
                                                 "Z UW1",
                                                 "D R IY1 M",
                                                 "HH OW1 M",
                                                 "N Y UW1",
                                                 "AE1 N D"};
  return words;
}

inline std::string mandarin_syllable(std::mt19937& random) {
  static const std::vector<std::string> syllables = {
      "b a",    "b ai",  "b an",   "b ei",  "b u",    "b iao", "b ian",  "p ao",  "p eng",
      "p ing",  "m a",   "m en",   "m ing", "m ei",   "m u",   "m ian",  "f a",   "f ei",
      "f u",    "f ang", "d a",    "d e",   "d u",    "d ui",  "d ong",  "t a",   "t ian",
      "t ong",  "n i",   "n ian",  "n v",   "l ai",   "l e",   "l v",    "l iou", "g uo",
      "g ong",  "g e",   "k ai",   "k uai", "h ao",   "h ua",  "h ui",   "h en",  "j ia",
      "j iou",  "j v",   "q i",    "q v",   "q ian",  "x ie",  "x iang", "x ve",  "zh iii",
      "zh ong", "zh uo", "ch iii", "ch u",  "sh iii", "sh uo", "sh ang", "r en",  "r iii",
      "z ai",   "z uo",  "z ii",   "c ong", "s an",   "s ii",  "s uei",  "uo",    "ie",
      "ve",     "uei",   "iou",    "er",    "an",     "iii"};
  const auto pick = std::uniform_int_distribution<size_t>(0, syllables.size() - 1)(random);
  const auto tone = static_cast<char>('1' + std::uniform_int_distribution<int>(0, 4)(random));
  std::string text;
  for (const char c : syllables[pick]) {
    if (c == ' ') text += tone;
    text += c;
  }
  return text + tone;
}

// `words` words or syllables at `speed` times the usual rate.
inline Speech make(bool mandarin, int words, double speed, uint32_t seed = 1) {
  std::mt19937 random(seed);
  Speech speech;
  double at = 0;
  const auto add = [&](const std::string& symbol, double ms) {
    const double end = at + ms / speed;
    const auto sample = [](double time) { return static_cast<int64_t>(time * kRate / 1000); };
    // On the grid of 10 ms that the wire's documents have.
    speech.push_back({symbol, sample(10 * std::round(at / 10)), sample(10 * std::round(end / 10))});
    at = end;
  };
  const std::string silence = mandarin ? "sil0" : "SIL";
  add(silence, 300);
  const auto& english = english_words();
  for (int i = 0; i < words; ++i) {
    const auto index = std::uniform_int_distribution<size_t>(0, english.size() - 1)(random);
    std::istringstream word(mandarin ? mandarin_syllable(random) : english[index]);
    for (std::string symbol; word >> symbol;) add(symbol, duration_ms(symbol, random));
    if (i % 9 == 8) add(silence, std::uniform_real_distribution<double>(60, 700)(random));
  }
  add(silence, 500);
  return speech;
}

inline facewire::PhoneTrack track_of(const Speech& speech) {
  facewire::PhoneTrack track(kRate, 6 * speech.size() + 12);
  static_cast<void>(track.reserve(speech.size()));
  for (const Sound& sound : speech)
    static_cast<void>(track.append({sound.symbol, sound.start, sound.end}));
  return track;
}

}  // namespace spoken
