#pragma once

#include <cstddef>
#include <cstdint>

namespace facewire {

// Coefficients of a polyphase FIR that turns `step` input samples into `phases`
// output samples. Row p holds `tap_count` values (a multiple of 8).
struct FirBank {
  const float* taps = nullptr;       // phases x tap_count
  const int32_t* impulse = nullptr;  // per phase: index of its only tap (which is 1), or -1.
  uint32_t tap_count = 0;
  uint32_t phases = 1;
  uint32_t step = 1;
};

// The kernels, by stage. Every table gives the same bits: integer kernels are
// exact, and float kernels do the same operations in the same order (no fused
// multiply-add, sums in the order written here). No alignment is required
// anywhere. Ranges must not overlap unless it says so.
struct TextKernels {
  // Decodes whole groups of four base64 characters from the front of `text`
  // and returns how many characters it took: a multiple of 4, possibly 0,
  // always stopping before a character that is not of the alphabet ('='
  // included). Writes 3 bytes for every 4 characters and may write anything
  // up to byte length / 4 * 3 - 2 of `out`. Use decode_base64() of kernels.h.
  size_t (*base64_groups)(const uint8_t* text, size_t length, uint8_t* out);
};

struct AudioKernels {
  // out[i] = in[i] / 32768, exact.
  void (*s16_to_f32)(const int16_t* in, size_t count, float* out);

  // Writes `count` outputs. The first uses row `phase` of the bank on
  // input[0 .. tap_count); from one output to the next the phase grows by
  // `step`, and every `phases` of it move the input by one sample.
  // Sum: lane l (0..7) adds input[8k + l] * row[8k + l] for k = 0, 1, ..., and
  // the result is ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)).
  void (*fir)(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out);
};

struct FaceKernels {
  // Slopes of a monotone cubic at `row`, per distance between two rows, from
  // the rows before and after (Steffen 1990, A&A 239:443, equal spacing): the
  // mean of both rises, limited to twice the smaller one, and 0 where they are
  // not of one sign. Inputs are finite. `out` overlaps no input.
  void (*monotone_slopes)(const float* before, const float* row, const float* after, size_t width,
                          float* out);

  // The cubic from row `from` (t = 0) to row `to` (t = 1) with these slopes:
  // from + (rise * w0 + (from_slopes * w1 + to_slopes * w2)), where
  // w1 = (t * (1 - t)) * (1 - t), w2 = (t * t) * (t - 1), w0 = (t * t) * (3 - 2 * t).
  // Never leaves the range of from[i]..to[i]; t = 0 gives `from` and t = 1
  // gives `to` exactly. Inputs are finite, t is in [0, 1]. `out` may be `from` or `to`.
  void (*hermite)(const float* from, const float* from_slopes, const float* to,
                  const float* to_slopes, size_t width, float t, float* out);

  // Clamps to [0, 1], NaN to 0, and returns how many values were outside or
  // NaN. `out` may be `in`.
  size_t (*clamp01)(const float* in, size_t count, float* out);

  // out[i] = in[index[i]], or 0 when index[i] is not in [0, in_count).
  void (*gather)(const float* in, size_t in_count, const int32_t* index, size_t count, float* out);
};

// The kernels of one instruction set. A table may point at another's part where
// no kernel of its own pays.
struct KernelTable {
  const char* name;
  const TextKernels* text;
  const AudioKernels* audio;
  const FaceKernels* face;
};

}  // namespace facewire
