#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "facewire/channels.h"
#include "facewire/feature_track.h"
#include "facewire/loudness.h"

namespace facewire {

// Whether the columns of a stream are what they are taken for. Values of a wrong
// order look like right ones, but they do not behave like a face: a jaw opens when
// it is loud, and what stands on both sides moves together. Compares how well the
// columns do so as they are read and in each of the orders that are known. Looks
// at what comes in, 25 times for each second of sound. Not thread-safe; allocates
// nothing after its construction.
class OrderWatch {
 public:
  // Of suspect().
  static constexpr int kNone = 0;      // Nothing is wrong, or too little was heard to tell.
  static constexpr int kUnknown = -1;  // Wrong, and no known order would be right.

  // `columns` is the weight column of each column of the wire; `known` are orders
  // by name, of which those with other lengths or names are left out.
  OrderWatch(std::span<const uint8_t> columns, const std::vector<std::vector<std::string>>& known);

  // Takes what has come in up to source sample `end`. Returns true once, when it begins to suspect.
  bool look(const FeatureTrack& track, const Loudness& loudness, int64_t end) noexcept;
  // 1 + the place of the order that the stream seems to have.
  int suspect() const noexcept { return suspect_; }

  // How like a face the columns move, for tests and reports.
  struct Likeness {
    double jaw = 0.0;       // Correlation of jawOpen with loudness, -1 to 1.
    double symmetry = 1.0;  // Of left and right, 0 to 1; 1 when neither ever moves.
  };
  Likeness likeness(size_t order) const noexcept;  // 0 is as they are read.
  int64_t rows() const noexcept { return rows_; }

 private:
  // Left and right, whichever.
  struct Pair {
    uint8_t one, other;
    auto operator<=>(const Pair&) const = default;
  };
  // Of one way to read the columns; columns are those of a row as it is read.
  struct Order {
    int name;  // Of suspect().
    uint8_t jaw;
    std::vector<Pair> pairs;
    std::vector<double> products;  // Of the two of each pair.
  };

  void add_order(int name, std::span<const uint8_t, kWeightCount> column_of_name);
  void take(std::span<const float, kWeightCount> weights, double level) noexcept;
  double correlation(size_t column) const noexcept;
  bool decide() noexcept;

  std::vector<Order> orders_;
  std::vector<uint8_t> still_;  // Columns of eyes and brows.
  int64_t next_ = 0;            // Source sample.
  int suspect_ = kNone;
  // Sums over rows. Levels are in dB above silence.
  int64_t rows_ = 0;
  int64_t loud_ = 0;
  double level_ = 0.0;
  double level_squared_ = 0.0;
  std::array<double, kWeightCount> sum_ = {};
  std::array<double, kWeightCount> squared_ = {};
  std::array<double, kWeightCount> with_level_ = {};
};

}  // namespace facewire
