#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace facewire {

// FIR filters that delay by parts of a sample: with row r of the result,
// sum over k of x[n + k] * row[k] is x at the instant n + taps / 2 - 1 + delays[r]
// (delays in samples, 0 to 1), for everything from 0 to `edge` cycles a sample (below 0.5). What
// lies above is left free, which is where the quality for so few taps comes from.
//
// The first of `rounds` is a least-squares fit; every further one weighs up the
// frequencies where the error was largest (C. L. Lawson, "Contributions to the
// theory of linear least maximum approximation", UCLA 1961), which
// tends to the smallest possible maximum of the error. `taps` is even.
// Throws std::bad_alloc. Returns delays.size() rows of `taps`.
std::vector<double> design_fractional_delays(std::span<const double> delays, uint32_t taps,
                                             double edge, int rounds);

}  // namespace facewire
