#include "facewire/expressions.h"

#include <algorithm>
#include <string_view>

#include "facewire/ease.h"

namespace facewire {
namespace {

// How a channel takes an expression.
enum class Part : uint8_t {
  whole,   // Eyes, brows and cheeks: all of it.
  none,    // What opens and closes the mouth is the speech's own.
  mouth,   // As much as speech leaves.
  spread,  // The same, and rounded lips stay rounded.
  parting  // The same, and lips that touch stay together.
};

constexpr Part part_of(std::string_view name) noexcept {
  const auto is = [&](std::string_view stem) { return name.starts_with(stem); };
  if (is("jawOpen") || is("mouthClose") || is("tongueOut")) return Part::none;
  if (is("mouthLowerDown") || is("mouthUpperUp") || is("mouthFunnel") || is("mouthShrugUpper"))
    return Part::parting;
  if (is("mouthSmile") || is("mouthStretch") || is("mouthDimple")) return Part::spread;
  // On many characters the nose takes the upper lip along.
  if (is("mouth") || is("jaw") || is("noseSneer")) return Part::mouth;
  return Part::whole;
}

const std::array<Part, kWeightCount>& parts() noexcept {
  static const auto table = [] {
    std::array<Part, kWeightCount> made{};
    for (size_t i = 0; i < kWeightCount; ++i) made[i] = part_of(kArkitNames[i]);
    return made;
  }();
  return table;
}

constexpr size_t kMouthFunnel = 19;
constexpr size_t kMouthPucker = 20;

// Lips this near to each other are closed, and this far apart they are surely open.
constexpr float kTouching = 0.03f;
constexpr float kApart = 0.12f;

}  // namespace

Expressions::Expressions(uint32_t sample_rate) noexcept
    : ramp_(kRampSeconds * sample_rate), share_(kShareSeconds * sample_rate) {}

Expressions::Worn* Expressions::find(int64_t key) noexcept {
  for (Worn& worn : worn_) {
    if (worn.key == key && worn.to >= worn.from) return &worn;
  }
  return nullptr;
}

bool Expressions::wear(int64_t key, Weights weights, float intensity, int64_t from,
                       int64_t to) noexcept {
  if (Worn* known = find(key)) {
    end(key, to, known->from);
    return true;
  }
  const auto gone = static_cast<int64_t>(ramp_) + 1;
  for (Worn& worn : worn_) {
    const bool free = worn.to < worn.from || worn.to + gone <= from;
    if (!free) continue;
    worn = {.key = key, .from = from, .to = std::max(to, from)};
    for (size_t i = 0; i < kWeightCount; ++i) {
      const float weight = intensity * weights[i];
      // Also what is no number is none.
      worn.weights[i] = weight > 0.0f ? std::min(weight, 1.0f) : 0.0f;
    }
    return true;
  }
  return false;
}

void Expressions::end(int64_t key, int64_t to, int64_t shown) noexcept {
  if (Worn* worn = find(key)) worn->to = std::max({to, shown, worn->from});
}

void Expressions::cut(int64_t key, int64_t sample) noexcept {
  Worn* worn = find(key);
  if (worn == nullptr) return;
  if (worn->from > sample) {
    *worn = {};
  } else {
    worn->to = std::min(worn->to, sample);
  }
}

void Expressions::speech(int64_t sample, bool begins) noexcept {
  const float to = begins ? kSpeechShare : 1.0f;
  if (mouth_.to == to) return;
  mouth_ = {.since = sample, .from = share(sample), .to = to};
}

float Expressions::share(int64_t sample) const noexcept {
  const double progress = static_cast<double>(sample - mouth_.since) / share_;
  return mouth_.from + (mouth_.to - mouth_.from) * static_cast<float>(ease(progress));
}

float Expressions::level(const Worn& worn, int64_t sample) const noexcept {
  if (sample <= worn.from) return 0.0f;
  const double rise = ease(static_cast<double>(sample - worn.from) / ramp_);
  const double fall = ease(static_cast<double>(sample - worn.to) / ramp_);
  return static_cast<float>(rise * (1.0 - fall));
}

int64_t Expressions::until() const noexcept {
  int64_t until = INT64_MIN;
  for (const Worn& worn : worn_) {
    if (worn.to >= worn.from) until = std::max(until, worn.to + static_cast<int64_t>(ramp_) + 1);
  }
  return until;
}

void Expressions::add(int64_t sample, std::span<float, kFrameWidth> row) const noexcept {
  const float most = share(sample);
  const auto& part = parts();
  std::array<float, kWeightCount> wanted{};
  bool any = false;
  for (const Worn& worn : worn_) {
    if (worn.to < worn.from) continue;
    const float whole = level(worn, sample);
    if (whole <= 0.0f) continue;
    any = true;
    // The lower of the two, not their product, which would be as fast as both together.
    const float mouth = std::min(whole, most);
    for (size_t i = 0; i < kWeightCount; ++i) {
      const float level = part[i] == Part::whole ? whole : mouth;
      wanted[i] = std::max(wanted[i], level * worn.weights[i]);
    }
  }
  if (!any) return;

  const float apart =
      std::clamp((aperture(row.data()) - kTouching) / (kApart - kTouching), 0.0f, 1.0f);
  const float round = std::clamp(std::max(row[kMouthFunnel], row[kMouthPucker]), 0.0f, 1.0f);
  const std::array<float, 5> shares = {1.0f, 0.0f, 1.0f, 1.0f - round, apart};
  for (size_t i = 0; i < kWeightCount; ++i) {
    // The stronger of the two, because the stream's own shapes may hold the expression already.
    row[i] = std::max(row[i], shares[static_cast<size_t>(part[i])] * wanted[i]);
  }
}

}  // namespace facewire
