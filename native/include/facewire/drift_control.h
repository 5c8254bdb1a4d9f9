#pragma once

#include <cstdint>

namespace facewire {

// Finds the ratio at which a queue between two clocks keeps its length: the one
// that it had in the first second. It is told the length at every write and decides once a second
// from the mean, because a single length says more about the threads than about the clocks. A
// proportional and an integral part, critically damped with a time constant of 40 s: an offset of
// 300 ppm is met within minutes and moves the queue by less than 10 ms.
class DriftControl {
 public:
  // `queued_ms` waits at `now_ns`. True when there is a new ppm().
  bool observe(double queued_ms, int64_t now_ns) noexcept;
  // Output frames for 10^6 input frames, less 10^6. Within +-400.
  double ppm() const noexcept { return ppm_; }
  // Mean of the last second, less the target.
  double error_ms() const noexcept { return error_ms_; }
  // The queue begins anew; what was learnt stays.
  void restart() noexcept;

 private:
  double target_ms_ = -1;  // Not known yet.
  double sum_ms_ = 0;
  int64_t count_ = 0;
  int64_t since_ns_ = 0;
  double integral_ppm_ = 0;
  double ppm_ = 0;
  double error_ms_ = 0;
};

}  // namespace facewire
