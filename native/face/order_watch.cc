#include "facewire/order_watch.h"

#include <algorithm>
#include <cmath>

namespace facewire {
namespace {

constexpr uint8_t kMissing = 0xff;
// Sound below this says nothing about a mouth.
constexpr double kSilence = -60.0;
constexpr double kLoud = 20.0;  // Above it.
// Nothing is decided before so many rows of 40 ms were loud, nor between two of kEvery.
constexpr int64_t kLeastLoud = 75;
constexpr int64_t kEvery = 25;
// After so many, older rows count half.
constexpr int64_t kForget = 3000;
// Sources are waited for no longer than this, in rows.
constexpr int64_t kPatience = 100;

// A right order is never as bad as the first, a wrong one never as good as the second: on
// synthetic speech in two languages right ones have a symmetry of 1.00 and wrong ones of at
// most 0.39; people's faces have more than 0.85. The jaw must follow the voice better, too.
constexpr double kStrange = 0.75;
constexpr double kLikely = 0.93;
constexpr double kJawGain = 0.10;
// For an order that is not known: nothing fits, and eyes or brows follow the voice.
constexpr double kVeryStrange = 0.60;
constexpr double kDeafJaw = 0.20;
constexpr double kTalkingEyes = 0.40;

}  // namespace

OrderWatch::OrderWatch(std::span<const uint8_t> columns,
                       const std::vector<std::vector<std::string>>& known) {
  std::array<uint8_t, kWeightCount> column_of_name;
  column_of_name.fill(kMissing);
  for (const uint8_t column : columns) column_of_name[column] = column;
  add_order(kNone, column_of_name);
  for (size_t i = 0; i < known.size(); ++i) {
    column_of_name.fill(kMissing);
    bool fits = known[i].size() >= columns.size();
    for (size_t place = 0; place < columns.size() && fits; ++place) {
      const size_t name = facewire::column_of(known[i][place]);
      fits = name < kWeightCount;
      if (fits) column_of_name[name] = columns[place];
    }
    if (fits) add_order(static_cast<int>(i) + 1, column_of_name);
  }
  for (size_t i = 0; i < kWeightCount; ++i) {
    if (kArkitNames[i].starts_with("eye") || kArkitNames[i].starts_with("brow"))
      still_.push_back(static_cast<uint8_t>(i));
  }
}

void OrderWatch::add_order(int name, std::span<const uint8_t, kWeightCount> column_of_name) {
  Order order{.name = name, .jaw = column_of_name[kJawOpen], .pairs = {}, .products = {}};
  for (size_t i = 0; i < kWeightCount; ++i) {
    const std::string_view left = kArkitNames[i];
    // What looks in with one eye looks out with the other.
    if (!left.ends_with("Left") || left.starts_with("eyeLookIn") ||
        left.starts_with("eyeLookOut") || left == "jawLeft" || left == "mouthLeft")
      continue;
    const std::string right = std::string(left.substr(0, left.size() - 4)) + "Right";
    const uint8_t one = column_of_name[i];
    const uint8_t other = column_of_name[facewire::column_of(right)];
    if (one != kMissing && other != kMissing)
      order.pairs.push_back({std::min(one, other), std::max(one, other)});
  }
  std::sort(order.pairs.begin(), order.pairs.end());
  // Orders that differ in left and right alone behave alike: the first of them stands for all.
  const bool known = std::any_of(orders_.begin(), orders_.end(), [&](const Order& before) {
    return before.jaw == order.jaw && before.pairs == order.pairs;
  });
  if (known) return;
  order.products.resize(order.pairs.size());
  if (order.jaw != kMissing) orders_.push_back(std::move(order));
}

bool OrderWatch::look(const FeatureTrack& track, const Loudness& loudness, int64_t end) noexcept {
  if (suspect_ != kNone || orders_.empty() || orders_[0].name != kNone) return false;
  const int64_t block = loudness.block_samples();
  const int64_t step = 2 * block;
  // On the grid of rows, so that it does not matter how the stream was cut into messages.
  next_ = std::max(next_, (loudness.first() + 1) / 2 * step);
  const int64_t heard = std::min(end, (loudness.next() - 1) * block);
  std::array<float, kWeightCount> weights;
  bool found = false;
  while (next_ + step <= heard) {
    const bool waits = heard - next_ < kPatience * step;
    if (!track.covers(next_)) {
      // Its rows may still come.
      if (waits && track.is_latest(next_)) break;
      next_ += step;
      continue;
    }
    track.evaluate(track.clause_at(next_), next_, end, weights);
    const int64_t at = next_ / block;
    const double level = (static_cast<double>(loudness.decibels(at - 1)) +
                          static_cast<double>(loudness.decibels(at)) +
                          static_cast<double>(loudness.decibels(at + 1))) /
                         3.0;
    take(weights, std::max(level - kSilence, 0.0));
    next_ += step;
    if (loud_ >= kLeastLoud && rows_ % kEvery == 0) found = decide();
    if (found) break;
  }
  return found;
}

void OrderWatch::take(std::span<const float, kWeightCount> weights, double level) noexcept {
  rows_ += 1;
  if (level > kLoud) loud_ += 1;
  level_ += level;
  level_squared_ += level * level;
  for (size_t i = 0; i < kWeightCount; ++i) {
    const auto weight = static_cast<double>(weights[i]);
    sum_[i] += weight;
    squared_[i] += weight * weight;
    with_level_[i] += weight * level;
  }
  for (Order& order : orders_) {
    for (size_t i = 0; i < order.pairs.size(); ++i)
      order.products[i] += static_cast<double>(weights[order.pairs[i].one]) *
                           static_cast<double>(weights[order.pairs[i].other]);
  }
  if (rows_ < kForget) return;
  rows_ /= 2;
  loud_ /= 2;
  level_ /= 2;
  level_squared_ /= 2;
  for (size_t i = 0; i < kWeightCount; ++i) {
    sum_[i] /= 2;
    squared_[i] /= 2;
    with_level_[i] /= 2;
  }
  for (Order& order : orders_) {
    for (double& product : order.products) product /= 2;
  }
}

double OrderWatch::correlation(size_t column) const noexcept {
  const auto n = static_cast<double>(rows_);
  if (rows_ < 2) return 0.0;
  const double spread = squared_[column] - sum_[column] * sum_[column] / n;
  const double level_spread = level_squared_ - level_ * level_ / n;
  // What hardly moves follows nothing.
  if (spread < 1e-4 * n || level_spread < 1.0 * n) return 0.0;
  return (with_level_[column] - sum_[column] * level_ / n) / std::sqrt(spread * level_spread);
}

OrderWatch::Likeness OrderWatch::likeness(size_t index) const noexcept {
  const Order& order = orders_[index];
  double together = 0.0, alone = 0.0;
  for (size_t i = 0; i < order.pairs.size(); ++i) {
    together += 2.0 * order.products[i];
    alone += squared_[order.pairs[i].one] + squared_[order.pairs[i].other];
  }
  const bool moves = alone > 1e-3 * static_cast<double>(rows_);
  return {.jaw = correlation(order.jaw), .symmetry = moves ? together / alone : 1.0};
}

bool OrderWatch::decide() noexcept {
  const Likeness read = likeness(0);
  if (read.symmetry >= kStrange) return false;
  const Order* best = nullptr;
  Likeness most = read;
  for (size_t i = 1; i < orders_.size(); ++i) {
    const Likeness like = likeness(i);
    if (like.symmetry < kLikely || like.jaw < read.jaw + kJawGain) continue;
    if (best != nullptr && like.symmetry + like.jaw <= most.symmetry + most.jaw) continue;
    best = &orders_[i];
    most = like;
  }
  if (best != nullptr) {
    suspect_ = best->name;
    return true;
  }
  if (read.symmetry >= kVeryStrange || read.jaw >= kDeafJaw) return false;
  const bool eyes_talk = std::any_of(still_.begin(), still_.end(), [&](uint8_t column) {
    return correlation(column) >= kTalkingEyes;
  });
  if (eyes_talk) suspect_ = kUnknown;
  return eyes_talk;
}

}  // namespace facewire
