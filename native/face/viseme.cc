#include "facewire/viseme.h"

namespace facewire {
namespace {

// Targets by name; what is not named is 0.
struct Targets {
  float jaw = 0, funnel = 0, pucker = 0, smile = 0, stretch = 0, lower_down = 0, upper_up = 0,
        roll_lower = 0, roll_upper = 0, press = 0, shrug_upper = 0, tongue = 0;
};

// jaw, round, spread, lip, tongue.
using Dominance = std::array<float, kArticulatorCount>;

constexpr VisemeShape shape(Place place, const Targets& t, const Dominance& dominance) {
  VisemeShape made;
  made.target = {t.jaw,      t.funnel,     t.pucker,     t.smile, t.stretch,     t.lower_down,
                 t.upper_up, t.roll_lower, t.roll_upper, t.press, t.shrug_upper, t.tongue};
  made.dominance = dominance;
  made.place = place;
  const float lips = t.funnel > t.pucker ? t.funnel : t.pucker;
  made.spread = place == Place::vowel && lips == 0.0f;
  made.rounds = (place == Place::vowel || place == Place::glide) && lips >= 0.3f;
  made.takes = (place == Place::tongue || place == Place::sibilant) && lips < 0.3f;
  return made;
}

constexpr Dominance kTongueOnly = {0.5f, 0.4f, 0.3f, 0.4f, 1.0f};
constexpr Dominance kOpenVowel = {1.0f, 1.2f, 1.0f, 1.0f, 0.6f};
constexpr Dominance kRoundVowel = {1.0f, 1.4f, 1.1f, 1.0f, 0.6f};

using enum Place;

// Sounds made by the tongue alone leave the lips to their neighbours; rounded
// ones take them over; p b m f v decide jaw and lips, but not rounding.
constexpr std::array<VisemeShape, kVisemeCount> kShapes = {
    /* sil */ shape(silence, {}, {1.4f, 0.8f, 1.0f, 1.0f, 1.0f}),
    /* relaxed */ shape(silence, {.jaw = 0.05f}, {0.8f, 0.5f, 0.6f, 0.7f, 1.0f}),
    /* hold */ shape(silence, {.jaw = 0.12f}, {0.15f, 0.15f, 0.15f, 0.15f, 0.15f}),
    /* neutral */
    shape(tongue, {.jaw = 0.16f, .lower_down = 0.06f}, {0.3f, 0.3f, 0.2f, 0.3f, 0.5f}),
    /* PP */
    shape(bilabial, {.jaw = 0.1f, .roll_lower = 0.12f, .roll_upper = 0.1f, .press = 0.15f},
          {1.5f, 0.5f, 0.6f, 1.8f, 0.6f}),
    /* FF */
    shape(labiodental, {.jaw = 0.07f, .upper_up = 0.12f, .roll_lower = 0.36f, .shrug_upper = 0.08f},
          {1.8f, 0.5f, 0.6f, 1.8f, 0.6f}),
    /* TH */
    shape(tongue, {.jaw = 0.14f, .lower_down = 0.12f, .upper_up = 0.06f, .tongue = 0.18f},
          {0.7f, 0.4f, 0.3f, 0.7f, 1.5f}),
    /* DD */
    shape(tongue, {.jaw = 0.12f, .stretch = 0.04f, .lower_down = 0.1f, .upper_up = 0.05f},
          kTongueOnly),
    /* LL */ shape(tongue, {.jaw = 0.16f, .lower_down = 0.1f, .upper_up = 0.04f}, kTongueOnly),
    /* SS */
    shape(sibilant,
          {.jaw = 0.085f, .smile = 0.05f, .stretch = 0.14f, .lower_down = 0.16f, .upper_up = 0.08f},
          {1.8f, 0.5f, 0.6f, 0.9f, 1.0f}),
    /* SH */
    shape(sibilant,
          {.jaw = 0.085f, .funnel = 0.36f, .pucker = 0.2f, .lower_down = 0.1f, .upper_up = 0.1f},
          {1.8f, 1.4f, 1.0f, 1.0f, 1.0f}),
    /* RR */
    shape(tongue, {.jaw = 0.13f, .funnel = 0.22f, .pucker = 0.2f}, {0.7f, 0.9f, 0.7f, 0.6f, 1.0f}),
    /* KK */ shape(tongue, {.jaw = 0.16f, .lower_down = 0.08f}, {0.4f, 0.4f, 0.3f, 0.35f, 1.0f}),
    /* HH */ shape(tongue, {.jaw = 0.2f}, {0.15f, 0.3f, 0.2f, 0.2f, 0.3f}),
    /* WW */
    shape(glide, {.jaw = 0.1f, .funnel = 0.22f, .pucker = 0.54f}, {1.1f, 1.6f, 1.3f, 1.0f, 0.6f}),
    /* YY */
    shape(glide, {.jaw = 0.11f, .smile = 0.2f, .stretch = 0.22f}, {0.7f, 0.8f, 1.0f, 0.6f, 1.0f}),
    /* aa */ shape(vowel, {.jaw = 0.45f, .lower_down = 0.26f, .upper_up = 0.1f}, kOpenVowel),
    /* ae */
    shape(vowel,
          {.jaw = 0.4f, .smile = 0.1f, .stretch = 0.16f, .lower_down = 0.25f, .upper_up = 0.12f},
          kOpenVowel),
    /* ah */ shape(vowel, {.jaw = 0.38f, .lower_down = 0.22f, .upper_up = 0.08f}, kOpenVowel),
    /* ax */
    shape(vowel, {.jaw = 0.24f, .lower_down = 0.12f, .upper_up = 0.04f},
          {0.7f, 0.8f, 0.6f, 0.7f, 0.6f}),
    /* ao */
    shape(vowel, {.jaw = 0.35f, .funnel = 0.36f, .pucker = 0.16f, .lower_down = 0.1f}, kRoundVowel),
    /* eh */
    shape(vowel,
          {.jaw = 0.29f, .smile = 0.12f, .stretch = 0.2f, .lower_down = 0.18f, .upper_up = 0.06f},
          kOpenVowel),
    /* er */
    shape(vowel, {.jaw = 0.2f, .funnel = 0.22f, .pucker = 0.2f}, {1.0f, 1.0f, 1.0f, 1.0f, 0.8f}),
    /* ih */
    shape(vowel,
          {.jaw = 0.18f, .smile = 0.12f, .stretch = 0.2f, .lower_down = 0.12f, .upper_up = 0.04f},
          {0.9f, 1.2f, 0.9f, 0.8f, 0.6f}),
    /* iy */
    shape(vowel,
          {.jaw = 0.14f, .smile = 0.3f, .stretch = 0.34f, .lower_down = 0.14f, .upper_up = 0.06f},
          {1.1f, 1.3f, 1.2f, 1.0f, 0.6f}),
    /* oh */ shape(vowel, {.jaw = 0.29f, .funnel = 0.4f, .pucker = 0.34f}, kRoundVowel),
    /* uh */ shape(vowel, {.jaw = 0.17f, .funnel = 0.3f, .pucker = 0.36f}, kRoundVowel),
    /* uw */
    shape(vowel, {.jaw = 0.12f, .funnel = 0.3f, .pucker = 0.54f}, {1.1f, 1.5f, 1.2f, 1.0f, 0.6f}),
    /* yu */
    shape(vowel, {.jaw = 0.12f, .funnel = 0.24f, .pucker = 0.52f}, {1.1f, 1.5f, 1.2f, 1.0f, 0.6f}),
    /* narrow */
    shape(vowel, {.jaw = 0.08f, .stretch = 0.16f, .lower_down = 0.14f, .upper_up = 0.05f},
          {1.5f, 1.2f, 1.0f, 1.0f, 0.8f}),
};

struct PartChannels {
  Articulator articulator;
  std::array<uint8_t, 2> channels;
};

constexpr uint8_t kNone = kWeightCount;

constexpr std::array<PartChannels, kPartCount> kParts = {{
    {Articulator::jaw, {17, kNone}},
    {Articulator::round, {19, kNone}},
    {Articulator::round, {20, kNone}},
    {Articulator::spread, {23, 24}},
    {Articulator::spread, {29, 30}},
    {Articulator::lip, {37, 38}},
    {Articulator::lip, {39, 40}},
    {Articulator::lip, {31, kNone}},
    {Articulator::lip, {32, kNone}},
    {Articulator::lip, {35, 36}},
    {Articulator::lip, {34, kNone}},
    {Articulator::tongue, {51, kNone}},
}};

}  // namespace

const VisemeShape& shape_of(Viseme viseme) noexcept { return kShapes[static_cast<size_t>(viseme)]; }

Articulator articulator_of(Part part) noexcept {
  return kParts[static_cast<size_t>(part)].articulator;
}

std::array<uint8_t, 2> channels_of(Part part) noexcept {
  return kParts[static_cast<size_t>(part)].channels;
}

}  // namespace facewire
