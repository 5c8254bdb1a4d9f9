#include "facewire/phones.h"

#include <cmath>
#include <numeric>
#include <string>

#include "check.h"

using namespace facewire;
using enum Viseme;

namespace {

struct Row {
  const char* symbol;
  std::vector<Viseme> visemes;
  Alphabet alphabet = Alphabet::unknown;
  bool known = true;
};

void check_row(const Row& row) {
  check::context() = row.symbol;
  const PhoneShapes shapes = shapes_of(row.symbol, row.alphabet);
  CHECK_EQUAL(shapes.count, row.visemes.size());
  for (size_t i = 0; i < std::min<size_t>(shapes.count, row.visemes.size()); ++i)
    CHECK_EQUAL(static_cast<int>(shapes.pieces[i].viseme), static_cast<int>(row.visemes[i]));
  CHECK_EQUAL(shapes.known, row.known);
}

}  // namespace

TEST(arpabet_with_and_without_stress) {
  for (const Row& row : std::vector<Row>{{"P", {PP}},
                                         {"b", {PP}},
                                         {"AA1", {aa}},
                                         {"aa", {aa}},
                                         {"EY2", {eh, ih}},
                                         {"OY1", {ao, ih}},
                                         {"ow0", {oh, uw}},
                                         {"AO1", {ao}},
                                         {"DH", {TH}},
                                         {"HH", {HH}},
                                         {"NG", {KK}},
                                         {"V", {FF}},
                                         {"S", {SS}},
                                         {"Y", {YY}},
                                         {"AX0", {ax}},
                                         {"em", {ax, PP}}})
    check_row(row);
  CHECK(shapes_of("AA1").stress == Stress::primary);
  CHECK(shapes_of("AA0").stress == Stress::none);
  CHECK(shapes_of("AA2").stress == Stress::secondary);
  CHECK(shapes_of("AA").stress == Stress::unknown);
}

TEST(pinyin_as_the_documents_print_it) {
  for (const Row& row : std::vector<Row>{{"z4", {SS}},
                                         {"ai4", {aa, ih}},
                                         {"zh4", {SH}},
                                         {"iii4", {narrow}},
                                         {"ii1", {narrow}},
                                         {"r2", {RR}},
                                         {"r5", {RR}},
                                         {"en2", {ax, DD}},
                                         {"ong1", {uh, KK}},
                                         {"ui2", {WW, eh, ih}},
                                         {"uei2", {WW, eh, ih}},
                                         {"iu3", {YY, oh, uw}},
                                         {"ve4", {yu, eh}},
                                         {"üe4", {yu, eh}},
                                         {"u:e4", {yu, eh}},
                                         {"lü4", {LL, yu}},
                                         {"v4", {yu}},
                                         {"ü", {yu}},
                                         {"ao3", {aa, uw}},
                                         {"er2", {er}},
                                         {"h3", {KK}},
                                         {"iang4", {YY, aa, KK}},
                                         {"x1", {SH}},
                                         {"m2", {PP}},
                                         {"p5", {PP}},
                                         {"f3", {FF}},
                                         {"zhong1", {SH, uh, KK}},
                                         {"ma1", {PP, aa}},
                                         {"sil0", {sil}},
                                         {"sp", {sil}},
                                         {"sp1", {sil}},
                                         {"[SIL]", {sil}}})
    check_row(row);
}

TEST(ipa_and_espeak) {
  for (const Row& row : std::vector<Row>{{"ʃ", {SH}},
                                         {"tʃ", {SH}},
                                         {"ɔː", {ao}},
                                         {"aɪ", {aa, ih}},
                                         {"ˈoʊ", {oh, uw}},
                                         {"ŋ", {KK}},
                                         {"ɝ", {er}},
                                         {"ɔːɹ", {ao, RR}},
                                         {"@", {ax}},
                                         {"i:", {iy}},
                                         {"u:", {uw}},
                                         {"3:", {er}},
                                         {"aI", {aa, ih}},
                                         {"'oU", {oh, uw}},
                                         {"ts.h", {SH}},
                                         {"S;", {SH}},
                                         {"i.", {narrow}},
                                         {"z.", {RR}},
                                         {"_:", {sil}},
                                         {"_|", {hold}},
                                         {"E", {eh}},
                                         {"S", {SH}, Alphabet::ipa},
                                         {"V", {ah}, Alphabet::ipa},
                                         {"j", {YY}, Alphabet::ipa},
                                         {"th", {DD}, Alphabet::ipa},
                                         {"j", {SH}, Alphabet::pinyin}})
    check_row(row);
  CHECK(shapes_of("ˈoʊ").stress == Stress::primary);
  CHECK(shapes_of("ˌoʊ").stress == Stress::secondary);
}

TEST(unknown_symbols_fall_back) {
  for (const Row& row : std::vector<Row>{{"Sta", {SS}, Alphabet::unknown, false},
                                         {"g-ng1", {KK}, Alphabet::unknown, false},
                                         {"shx", {SH}, Alphabet::unknown, false},
                                         {"好", {neutral}, Alphabet::unknown, false},
                                         {"%%%", {neutral}, Alphabet::unknown, false},
                                         {"7", {neutral}, Alphabet::unknown, false}})
    check_row(row);
}

TEST(anything_at_all_gives_shapes_whose_shares_are_one) {
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<size_t> pick(0, 23);
  static constexpr char kUsual[] = "aeiouptkszh:.;'@12345_|-";
  for (int round = 0; round < 4000; ++round) {
    std::string symbol(check::random()() % 40, ' ');
    for (char& c : symbol)
      c = round % 2 == 0 ? kUsual[pick(check::random())] : static_cast<char>(byte(check::random()));
    check::context() = symbol;
    for (const Alphabet alphabet :
         {Alphabet::unknown, Alphabet::arpabet, Alphabet::pinyin, Alphabet::ipa}) {
      const PhoneShapes shapes = shapes_of(symbol, alphabet);
      if (!CHECK(shapes.count >= 1 && shapes.count <= PhoneShapes::kMost)) return;
      float total = 0;
      for (size_t i = 0; i < shapes.count; ++i) {
        CHECK(shapes.pieces[i].share > 0.0f);
        CHECK(static_cast<size_t>(shapes.pieces[i].viseme) < kVisemeCount);
        total += shapes.pieces[i].share;
      }
      CHECK(std::abs(total - 1.0f) < 1e-5f);
    }
  }
}
