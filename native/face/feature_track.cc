#include "facewire/feature_track.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

#include "facewire/ease.h"
#include "facewire/kernels.h"
#include "facewire/message.h"

namespace facewire {
namespace {

// More clauses than this are never alive at once; beyond it the oldest goes.
constexpr size_t kMaxClauses = 1024;

}  // namespace

std::unique_ptr<FeatureTrack> FeatureTrack::create(const Options& options) {
  if (options.columns.size() > kWeightCount || options.columns.empty() || options.max_rows == 0)
    return nullptr;
  return std::unique_ptr<FeatureTrack>(new FeatureTrack(options));
}

FeatureTrack::FeatureTrack(const Options& options)
    : rows_(kRowWidth, options.max_rows),
      hop_(static_cast<double>(options.sample_rate) * options.hop_ticks / 1e7),
      hold_(options.sample_rate * kHoldMs / 1000.0),
      ease_(options.sample_rate * kEaseMs / 1000.0),
      step_(kMaxSpeed / 1.5 * options.hop_ticks / 1e7),
      columns_count_(options.columns.size()) {
  wire_columns_.fill(-1);
  for (size_t i = 0; i < columns_count_; ++i) {
    wire_columns_[options.columns[i]] = static_cast<int32_t>(i);
  }
  clauses_.reserve(kMaxClauses);
  carry_.resize(kMaxDimension);
}

FeatureTrack::~FeatureTrack() = default;

void FeatureTrack::begin_clause(int64_t anchor) noexcept {
  if (clauses_.size() == kMaxClauses) {
    clauses_.erase(clauses_.begin(), clauses_.begin() + kMaxClauses / 2);
    first_row_ = clauses_.front().first_row;
  }
  clauses_.push_back({anchor, next_row_, 0, 0});
  carried_ = 0;
}

size_t FeatureTrack::stated_or_known(size_t dimension) const noexcept {
  if (dimension != 0) return dimension;
  const size_t known = clauses_.empty() ? 0 : clauses_.back().dimension;
  return known != 0 ? known : columns_count_;
}

int64_t FeatureTrack::oldest_row(const Clause& clause) const noexcept {
  return std::max(first_row_, clause.first_row);
}

size_t FeatureTrack::rows_in(size_t values, size_t dimension) const noexcept {
  const size_t width = stated_or_known(dimension);
  const bool carries = !clauses_.empty() && clauses_.back().dimension == width;
  return ((carries ? carried_ : 0) + values) / width;
}

Result FeatureTrack::append(std::span<const float> values, size_t dimension,
                            uint32_t& warnings) noexcept {
  if (values.empty()) return {};
  if (dimension > kMaxDimension) return {Errc::bad_features, 0};
  if (clauses_.empty()) return {Errc::bad_order, 0};
  const size_t width = stated_or_known(dimension);
  if (rows_in(values.size(), width) > free_rows()) return {Errc::buffer_full, 0};
  if (!reserve(rows_in(values.size(), width))) return {Errc::out_of_memory, 0};
  Clause& clause = clauses_.back();
  if (clause.dimension != width) carried_ = 0;
  clause.dimension = width;

  size_t rows = 0;
  size_t at = 0;
  if (carried_ > 0) {
    at = std::min(width - carried_, values.size());
    std::copy_n(values.begin(), at, carry_.begin() + static_cast<ptrdiff_t>(carried_));
    carried_ += at;
    if (carried_ < width) {
      warnings |= kWarnFeatureLengthNotMultiple;
      return {};
    }
    add_row(carry_.data(), width, clause, warnings);
    carried_ = 0;
    rows += 1;
  }
  for (; at + width <= values.size(); at += width, rows += 1)
    add_row(values.data() + at, width, clause, warnings);
  if (at < values.size()) {
    carried_ = values.size() - at;
    std::copy(values.begin() + static_cast<ptrdiff_t>(at), values.end(), carry_.begin());
    warnings |= kWarnFeatureLengthNotMultiple;
  }
  return {Errc::ok, rows};
}

void FeatureTrack::add_row(const float* values, size_t dimension, Clause& clause,
                           uint32_t& warnings) noexcept {
  float* to = row(next_row_);
  kernels().face->gather(values, dimension, wire_columns_.data(), kWeightCount, to);
  if (std::all_of(to, to + kWeightCount, [](float value) { return std::isfinite(value); })) {
    if (kernels().face->clamp01(to, kWeightCount, to) > 0) warnings |= kWarnFeatureOutOfRange;
  } else {
    warnings |= kWarnFeatureNotFinite;
    repeated_rows_ += 1;
    if (clause.rows > 0) {
      std::copy_n(row(next_row_ - 1), kWeightCount, to);
    } else {
      std::fill_n(to, kWeightCount, 0.0f);
    }
  }
  next_row_ += 1;
  clause.rows += 1;
  if (clause.rows > 1 && is_steep(next_row_ - 1)) steep_row_ = next_row_ - 1;
  set_slopes(clause);
}

// Of the clause's last row, which is flat for want of a row after it, and of
// the row before, which has got one. Once here, not with every picture.
void FeatureTrack::set_slopes(const Clause& clause) noexcept {
  const int64_t last = clause.first_row + clause.rows - 1;
  std::fill_n(row(last) + kWeightCount, kWeightCount, 0.0f);
  if (last - 2 < oldest_row(clause)) return;  // The first row is flat, too.
  kernels().face->monotone_slopes(row(last - 2), row(last - 1), row(last), kWeightCount,
                                  row(last - 1) + kWeightCount);
}

// Between two rows a cubic that is flat at both is half as fast again as the straight line.
bool FeatureTrack::is_steep(int64_t index) const noexcept {
  const float* before = row(index - 1);
  const float* now = row(index);
  const auto most = static_cast<float>(step_);
  int over = 0;
  for (size_t i = 0; i < kWeightCount; ++i)
    over |=
        static_cast<int>(now[i] - before[i] > most) | static_cast<int>(before[i] - now[i] > most);
  return over != 0;
}

void FeatureTrack::trim(int64_t oldest) noexcept {
  size_t dead = 0;
  while (dead + 1 < clauses_.size() && clauses_[dead + 1].anchor <= oldest) dead += 1;
  if (dead > 0) clauses_.erase(clauses_.begin(), clauses_.begin() + static_cast<ptrdiff_t>(dead));
  if (clauses_.empty()) return;
  Clause& clause = clauses_.front();
  // Two rows more than lie in time: the cubic needs a neighbour on either side.
  const double past = std::floor(static_cast<double>(oldest - clause.anchor) / hop_) - 2.0;
  const auto keep_from =
      static_cast<int64_t>(std::clamp(past, 0.0, static_cast<double>(clause.rows)));
  first_row_ = std::max(first_row_, clause.first_row + keep_from);
}

void FeatureTrack::truncate(int64_t newest) noexcept {
  carried_ = 0;
  while (!clauses_.empty() && clauses_.back().anchor > newest) {
    next_row_ = clauses_.back().first_row;
    clauses_.pop_back();
  }
  first_row_ = std::min(first_row_, next_row_);
  if (clauses_.empty()) return;
  Clause& clause = clauses_.back();
  // Two rows more, as in trim().
  const double rows = std::floor(static_cast<double>(newest - clause.anchor) / hop_) + 3.0;
  clause.rows = std::min(clause.rows, static_cast<int64_t>(rows));
  next_row_ = clause.first_row + clause.rows;
  first_row_ = std::min(first_row_, next_row_);
  steep_row_ = std::min(steep_row_, next_row_ - 1);
  if (clause.rows > 0) set_slopes(clause);
}

int64_t FeatureTrack::late_rows(int64_t source) const noexcept {
  if (clauses_.empty() || source < clauses_.back().anchor) return 0;
  const Clause& clause = clauses_.back();
  const auto past = std::floor(static_cast<double>(source - clause.anchor) / hop_);
  return std::min(clause.rows, static_cast<int64_t>(past) + 1);
}

int FeatureTrack::clause_at(int64_t source) const noexcept {
  const auto after =
      std::upper_bound(clauses_.begin(), clauses_.end(), source,
                       [](int64_t at, const Clause& clause) { return at < clause.anchor; });
  return static_cast<int>(after - clauses_.begin()) - 1;
}

bool FeatureTrack::covers(int64_t source) const noexcept {
  const int index = clause_at(source);
  if (index < 0) return false;
  const Clause& clause = clauses_[static_cast<size_t>(index)];
  const double position = static_cast<double>(source - clause.anchor) / hop_;
  return position <= static_cast<double>(clause.rows - 1) &&
         clause.first_row + static_cast<int64_t>(position) >= oldest_row(clause);
}

void FeatureTrack::evaluate(int index, int64_t source, int64_t end,
                            std::span<float, kWeightCount> out) const noexcept {
  const Clause* clause = index < 0 ? nullptr : &clauses_[static_cast<size_t>(index)];
  if (clause == nullptr || clause->rows == 0) {
    std::fill(out.begin(), out.end(), 0.0f);
    return;
  }
  const double last = static_cast<double>(clause->rows - 1) * hop_;
  const double limit = std::clamp(static_cast<double>(end - clause->anchor), 0.0, last);
  const double at = static_cast<double>(source - clause->anchor);
  const double position = std::clamp(at, 0.0, limit) / hop_;
  const double whole = std::floor(position);
  // Rows trimmed away read as the oldest one kept.
  const int64_t final_row = clause->first_row + clause->rows - 1;
  const int64_t first = std::min(oldest_row(*clause), final_row);
  const auto kept = [&](int64_t row_index) { return row(std::clamp(row_index, first, final_row)); };
  const int64_t base = clause->first_row + static_cast<int64_t>(whole);
  const float* from = kept(base);
  const float* to = kept(base + 1);
  kernels().face->hermite(from, from + kWeightCount, to, to + kWeightCount, kWeightCount,
                          static_cast<float>(position - whole), out.data());

  const double past = at - limit - hold_;
  if (past <= 0.0) return;
  const auto left = static_cast<float>(1.0 - ease(past / ease_));
  for (float& weight : out) weight *= left;
}

void FeatureTrack::steady(int index, int64_t source, int64_t end, int64_t shift,
                          Stretch& stretch) const noexcept {
  // Without rows evaluate() is at rest everywhere.
  if (index < 0 || clauses_[static_cast<size_t>(index)].rows == 0) return;
  const Clause& clause = clauses_[static_cast<size_t>(index)];
  const double last = static_cast<double>(clause.rows - 1) * hop_;
  const double limit = std::clamp(static_cast<double>(end - clause.anchor), 0.0, last);
  const auto instant = [&](double after_anchor) {
    return clause.anchor + static_cast<int64_t>(std::ceil(after_anchor));
  };
  // A sample more, because the sum is rounded.
  const int64_t rest = instant(limit + hold_ + ease_) + 1;
  if (source >= rest) {
    stretch.narrow(rest + shift, stretch.end);
    return;
  }
  const int64_t oldest = oldest_row(clause);
  stretch.oldest = static_cast<size_t>(oldest - clause.first_row);
  stretch.first = static_cast<size_t>(oldest) % rows_.capacity();
  // Again a sample more: divided by the hop it must not fall before the row.
  stretch.narrow(instant(static_cast<double>(stretch.oldest) * hop_) + 1 + shift,
                 instant(limit) + shift);
  stretch.origin = clause.anchor + shift;
  stretch.hop = hop_;
  stretch.rows = rows_.items();
  stretch.capacity = rows_.capacity();
  const auto now = static_cast<int64_t>(static_cast<double>(source - clause.anchor) / hop_);
  stretch.steep = steep_row_ > clause.first_row + now;
}

FeatureTrack::Closure FeatureTrack::most_closed(int64_t from, int64_t to) const noexcept {
  Closure found;
  for (size_t index = static_cast<size_t>(std::max(0, clause_at(from))); index < clauses_.size();
       ++index) {
    const Clause& clause = clauses_[index];
    if (clause.anchor >= to) break;
    const int64_t next = index + 1 < clauses_.size() ? clauses_[index + 1].anchor : to;
    const auto begin = static_cast<double>(std::max(from, clause.anchor) - clause.anchor);
    const auto first = static_cast<int64_t>(std::ceil(begin / hop_));
    for (int64_t i = std::max(first, oldest_row(clause) - clause.first_row); i < clause.rows; ++i) {
      const int64_t instant = clause.anchor + std::llround(static_cast<double>(i) * hop_);
      if (instant >= std::min(to, next)) break;
      const float apart = aperture(row(clause.first_row + i));
      if (apart < found.aperture) found = {instant, apart};
    }
  }
  return found;
}

size_t FeatureTrack::memory_bytes() const noexcept { return rows_.bytes(); }

}  // namespace facewire
