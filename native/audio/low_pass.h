#pragma once

#include <cstdint>
#include <vector>

namespace facewire {

// Coefficients of a low-pass that goes down by phases / step (phases < step), a row for every
// phase, see FirBank. `archive` asks for everything but the tone below -128 dB instead of -100 dB.
// Sets `tap_count`, a multiple of 8. Throws std::bad_alloc.
std::vector<float> design_low_pass(uint32_t phases, uint32_t step, bool archive,
                                   uint32_t& tap_count);

}  // namespace facewire
