#include "facewire/drift_control.h"

#include <algorithm>

namespace facewire {
namespace {

constexpr double kMostPpm = 400.0;
// A queue too long by 1 ms is shortened by 0.05 ms a second.
constexpr double kPpmPerMs = 50.0;
// A quarter of the square of the above, in ppm for each ms and second.
constexpr double kPpmPerMsSecond = 0.625;
// What is further off is not drift; the caller cuts or waits, and nothing is learnt.
constexpr double kMostErrorMs = 40.0;

}  // namespace

void DriftControl::restart() noexcept {
  count_ = 0;
  error_ms_ = 0;
}

bool DriftControl::observe(double queued_ms, int64_t now_ns) noexcept {
  if (count_ == 0) {
    since_ns_ = now_ns;
    sum_ms_ = 0;
  }
  sum_ms_ += queued_ms;
  ++count_;
  const double seconds = static_cast<double>(now_ns - since_ns_) * 1e-9;
  if (seconds < 1.0) return false;
  const double mean_ms = sum_ms_ / static_cast<double>(count_);
  count_ = 0;
  if (target_ms_ < 0) target_ms_ = mean_ms;
  error_ms_ = mean_ms - target_ms_;
  if (error_ms_ > kMostErrorMs || error_ms_ < -kMostErrorMs) return true;
  // Too much waits: fewer frames must come out.
  const double step = kPpmPerMsSecond * error_ms_ * std::min(seconds, 2.0);
  integral_ppm_ = std::clamp(integral_ppm_ - step, -kMostPpm, kMostPpm);
  ppm_ = std::clamp(integral_ppm_ - kPpmPerMs * error_ms_, -kMostPpm, kMostPpm);
  return true;
}

}  // namespace facewire
