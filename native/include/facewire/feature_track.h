#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "facewire/channels.h"
#include "facewire/grow_ring.h"
#include "facewire/result.h"
#include "facewire/stretch.h"

namespace facewire {

// Mouth-shape features of an utterance, as rows in ARKit order on the source
// time line. Rows come in clauses; each clause is anchored to the source sample
// where its audio starts, and row i stands for anchor + i * hop. Between rows
// every channel follows a monotone cubic; clauses are never mixed.
// Not thread-safe. create() takes all memory, lazily touched.
class FeatureTrack {
 public:
  static constexpr size_t kMaxDimension = 1024;

  struct Options {
    uint32_t sample_rate = 48000;
    uint32_t hop_ticks = 400000;       // 100 ns each
    std::span<const uint8_t> columns;  // ARKit column of each wire column, at most 52.
    size_t max_rows = 0;
  };
  static std::unique_ptr<FeatureTrack> create(const Options& options);
  ~FeatureTrack();

  // Rows of the message from now on belong to a new clause. Values of an
  // unfinished row are dropped.
  void begin_clause(int64_t anchor) noexcept;
  bool has_clause() const noexcept { return !clauses_.empty(); }

  // Rows that append() would make of `values`; dimension 0 = not stated.
  size_t rows_in(size_t values, size_t dimension) const noexcept;
  size_t free_rows() const noexcept {
    return rows_.most() - static_cast<size_t>(next_row_ - first_row_);
  }
  // Makes room for that many more. False when memory is short; then nothing has changed.
  bool reserve(size_t rows) noexcept { return rows_.reserve(first_row_, next_row_, rows); }
  // Adds values in wire order; what does not fill a row waits for the next
  // call. A row with a value that is not a number repeats the row before.
  // Sets MessageWarning bits. count = rows added. Fails with bad_features when
  // the dimension is too large, buffer_full without room, taking nothing.
  Result append(std::span<const float> values, size_t dimension, uint32_t& warnings) noexcept;

  // Forgets what lies before `oldest`.
  void trim(int64_t oldest) noexcept;
  // Forgets what lies after `newest`: it was interrupted and will not be shown.
  void truncate(int64_t newest) noexcept;
  // Drops the values of an unfinished row: the utterance is over.
  void drop_carry() noexcept { carried_ = 0; }

  // Index of the clause that `source` lies in, -1 when none does.
  int clause_at(int64_t source) const noexcept;
  int64_t anchor(int clause) const noexcept { return clauses_[static_cast<size_t>(clause)].anchor; }

  // True when rows on both sides of `source`, or one at it, are there.
  bool covers(int64_t source) const noexcept;
  // True when no clause begins after `source` yet, so that rows for it may still come.
  bool is_latest(int64_t source) const noexcept {
    return clause_at(source) + 1 == static_cast<int>(clauses_.size());
  }

  // Rows of the latest clause that stand for instants up to `source`.
  int64_t late_rows(int64_t source) const noexcept;
  // Rows ever added that were not all numbers.
  int64_t repeated_rows() const noexcept { return repeated_rows_; }

  // The 52 weights of `clause` at `source`. Nothing at or past `end` is used:
  // after the last row or `end`, whichever comes first, the shape is held for
  // kHoldMs and eased to rest over kEaseMs.
  void evaluate(int clause, int64_t source, int64_t end,
                std::span<float, kWeightCount> out) const noexcept;

  // Narrows `stretch` around `source` to where evaluate() with these arguments
  // is the curve between two rows and nothing else, and puts the rows into it;
  // or to where it is rest. Between the two it ends empty. The stretch counts
  // output samples, which are source samples and `shift`.
  void steady(int clause, int64_t source, int64_t end, int64_t shift,
              Stretch& stretch) const noexcept;
  // Where the clause after this one (-1: the first) begins.
  int64_t next_anchor(int clause) const noexcept {
    const auto next = static_cast<size_t>(clause + 1);
    return next < clauses_.size() ? clauses_[next].anchor : Stretch::kFar;
  }

  // Source sample of the latest row of `clause`, -1 when it has none.
  int64_t last_row(int clause) const noexcept {
    const Clause& of = clauses_[static_cast<size_t>(clause)];
    if (of.rows == 0) return -1;
    return of.anchor + static_cast<int64_t>(static_cast<double>(of.rows - 1) * hop_);
  }
  // Up to where the rows of `clause` tell the shape: the last one, or the clause that follows
  // within a hop of it.
  int64_t told_until(int clause) const noexcept {
    const int64_t last = last_row(clause);
    const int64_t next = next_anchor(clause);
    return last >= 0 && static_cast<double>(next - last) <= hop_ ? next : last;
  }
  // Calls look(before, after, t) for the rows of `clause` in [from, to] and for both ends: t of the
  // way between two rows. Nothing where there are no rows.
  template <typename Look>
  void for_rows(int clause, int64_t from, int64_t to, Look&& look) const noexcept {
    const Clause& of = clauses_[static_cast<size_t>(clause)];
    if (of.rows == 0) return;
    const int64_t oldest = oldest_row(of);
    const int64_t newest = of.first_row + of.rows - 1;
    const auto place = [&](int64_t source) {
      const double at = static_cast<double>(source - of.anchor) / hop_;
      return std::clamp(at, static_cast<double>(oldest - of.first_row),
                        static_cast<double>(of.rows - 1));
    };
    const double first = place(from), last = place(to);
    for (const double at : {first, last}) {
      const double whole = std::floor(at);
      const int64_t before = of.first_row + static_cast<int64_t>(whole);
      look(row(before), row(std::min(before + 1, newest)), static_cast<float>(at - whole));
    }
    for (int64_t i = of.first_row + static_cast<int64_t>(std::ceil(first));
         i <= of.first_row + static_cast<int64_t>(last); ++i)
      look(row(i), row(i), 0.0f);
  }

  // Of the rows that stand for an instant in [from, to), the one with the lips
  // nearest to each other. Without such a row the aperture is infinite.
  struct Closure {
    int64_t source = 0;
    float aperture = std::numeric_limits<float>::infinity();
  };
  Closure most_closed(int64_t from, int64_t to) const noexcept;

  size_t memory_bytes() const noexcept;

 private:
  static constexpr size_t kRowWidth = 2 * kWeightCount;

  struct Clause {
    int64_t anchor;
    int64_t first_row;  // Counts all rows ever added.
    int64_t rows;
    size_t dimension;  // 0 = not known yet.
  };

  FeatureTrack(const Options& options);
  // A row is kWeightCount weights, then the slope of each, per hop.
  float* row(int64_t index) const noexcept { return rows_.item(index); }
  size_t stated_or_known(size_t dimension) const noexcept;
  int64_t oldest_row(const Clause& clause) const noexcept;
  void set_slopes(const Clause& clause) noexcept;
  bool is_steep(int64_t row) const noexcept;
  void add_row(const float* values, size_t dimension, Clause& clause, uint32_t& warnings) noexcept;

  GrowRing rows_;
  const double hop_;   // Samples.
  const double hold_;  // Samples.
  const double ease_;  // Samples.
  const double step_;  // A weight changes by so much from row to row, at most, if it is not steep.
  const size_t columns_count_;
  std::array<int32_t, kWeightCount> wire_columns_;  // By ARKit column; -1 where the wire has none.
  int64_t first_row_ = 0;
  int64_t next_row_ = 0;
  int64_t steep_row_ = -1;  // The latest that the weights may come to faster than kMaxSpeed.
  int64_t repeated_rows_ = 0;
  std::vector<Clause> clauses_;
  std::vector<float> carry_;
  size_t carried_ = 0;
};

}  // namespace facewire
