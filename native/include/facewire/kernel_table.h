#pragma once

#include <cstddef>
#include <cstdint>

namespace facewire {

// A filter that puts factor - 1 new samples after every input sample. Output n * factor + p is,
// for p = 0, the sample input[n + centre] itself, and for the others
// the sum over k of input[n + k] * row[p - 1][k].
struct UpsampleBank {
  const float* rows = nullptr;  // (factor - 1) x tap_count
  // The same rows for the fast algorithm of fast_upsample.h: per row 9 filters of tap_count / 4.
  const float* parts = nullptr;
  uint32_t tap_count = 0;  // A multiple of 4, at most kMaxUpsampleTaps.
  uint32_t centre = 0;     // At most tap_count - 1.
  uint32_t factor = 0;     // 2 to kMaxUpsampleFactor.
};
inline constexpr uint32_t kMaxUpsampleTaps = 96;
inline constexpr uint32_t kMaxUpsampleFactor = 12;
// Floats past the last one that counts which AudioKernels::upsample may read. They must be finite.
inline constexpr size_t kUpsampleOverread = 64;

// Coefficients of a polyphase FIR that turns `step` input samples into `phases`
// output samples. Row p holds `tap_count` values (a multiple of 8).
struct FirBank {
  const float* taps = nullptr;  // phases x tap_count
  uint32_t tap_count = 0;
  uint32_t phases = 1;
  uint32_t step = 1;
};

// Rows of a fractional delay: row r of `rows` delays by r / kDriftRows of an input sample, and
// `slopes` holds the difference to the next row.
inline constexpr uint32_t kDriftRows = 256;
inline constexpr uint32_t kDriftTaps = 16;
struct DriftBank {
  const float* rows = nullptr;    // kDriftRows x kDriftTaps
  const float* slopes = nullptr;  // kDriftRows x kDriftTaps
};

// The kernels, by stage. No alignment is required anywhere. Ranges must not overlap unless it says
// so. Every table gives the same bits, with one exception: the filters of AudioKernels may sum in
// another order and fuse multiplications with additions. Between tables they differ by at most
// kFilterTolerance times the largest input and the sum of the magnitudes of the row; within one
// table an output depends on its own inputs and its place in the stream alone, however
// the stream is cut into calls.
inline constexpr float kFilterTolerance = 1.0f / (1 << 20);

struct TextKernels {
  // Decodes whole groups of four base64 characters from the front of `text`
  // and returns how many characters it took: a multiple of 4, possibly 0,
  // always stopping before a character that is not of the alphabet ('='
  // included). Writes 3 bytes for every 4 characters and may write anything
  // up to byte length / 4 * 3 - 2 of `out`. Use decode_base64() of kernels.h.
  size_t (*base64_groups)(const uint8_t* text, size_t length, uint8_t* out);

  // Reads the items of a JSON array of numbers from the front of `text`, which
  // is what follows a '[' or a ',' of the array, and returns how many
  // characters it took: whole items, each with the ',' behind it. Adds one
  // float for each to `out` and sets `count`. Values are those of
  // Math.fround(JSON.parse(text)): the nearest double, then the nearest float.
  // Stops, maybe early, before an item that is malformed, not a number, the
  // last of the array, longer than common or too near to a tie for its
  // arithmetic; when fewer than 4 of the `capacity` items are left; and at the
  // end of the text. May write anything to the rest of `out`.
  size_t (*number_list)(const uint8_t* text, size_t length, float* out, size_t capacity,
                        size_t* count);
};

struct AudioKernels {
  // out[i] = in[i] / 32768, exact.
  void (*s16_to_f32)(const int16_t* in, size_t count, float* out);

  // Outputs first .. first + count of the stream that `bank` makes of `input`, where output 0
  // belongs to n = 0. `input` must begin at an n of the stream that is a multiple of 4.
  void (*upsample)(const float* input, const UpsampleBank* bank, size_t first, size_t count,
                   float* out);

  // Writes `count` outputs. The first uses row `phase` of the bank on
  // input[0 .. tap_count); from one output to the next the phase grows by
  // `step`, and every `phases` of it move the input by one sample.
  void (*fir)(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out);

  // Output i is taken at `position` + i * `step`, in 2^-32 input samples; its filter reads
  // kDriftTaps samples from the whole part of that on. Between rows the coefficients are linear.
  void (*drift)(const float* input, const DriftBank* bank, uint64_t position, uint64_t step,
                size_t count, float* out);
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

// BT.709, limited range, in 2^-15: what one step of red, green or blue adds to luma (above 16)
// and to each chroma (around 128). Rows of chroma sum to 0, so that grey has none.
inline constexpr int16_t kLumaWeights[3] = {5983, 20127, 2032};
inline constexpr int16_t kBlueWeights[3] = {-3298, -11094, 14392};
inline constexpr int16_t kRedWeights[3] = {14392, -13073, -1319};

struct VideoKernels {
  // Two rows of `width` RGBA pixels, an even number, to two rows of luma and one of each chroma
  // with half as many samples: luma is the weighted sum of a pixel, chroma that of a square of
  // four, each rounded once, halves upwards. Alpha is ignored.
  void (*rgba_to_yuv420)(const uint8_t* top, const uint8_t* bottom, size_t width, uint8_t* luma_top,
                         uint8_t* luma_bottom, uint8_t* blue, uint8_t* red);
};

// The kernels of one instruction set. A table may point at another's part where
// no kernel of its own pays.
struct KernelTable {
  const char* name;
  const TextKernels* text;
  const AudioKernels* audio;
  const FaceKernels* face;
  const VideoKernels* video;
};

}  // namespace facewire
