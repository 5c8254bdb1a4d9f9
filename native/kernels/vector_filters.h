// Included by the files of one instruction set each, inside their unnamed
// namespace, like fast_upsample.h. Filters whose every output has a row of its own: the lanes of a
// register take neighbouring taps, and as many outputs as there are lanes are added up together.
//
// Vec gives, besides what fast_upsample.h asks for: load_any, store_any (no
// alignment), multiply, spread (a value to all lanes), add_lanes(Type (&)[kLanes]) (total of
// register i to lane i) and total (the same sum of one register).

// Sum over the taps, still in lanes.
template <class Vec>
typename Vec::Type products(const float* input, const float* row, size_t taps) {
  typename Vec::Type sum = Vec::multiply(Vec::load_any(input), Vec::load_any(row));
  for (size_t k = Vec::kLanes; k < taps; k += Vec::kLanes)
    sum = Vec::multiply_add(Vec::load_any(input + k), Vec::load_any(row + k), sum);
  return sum;
}

// Walks the rows of a bank: where the next output reads and with which row.
// kTaps is the length of the rows, or 0 when only the bank knows it.
template <class Vec, uint32_t kTaps>
struct RowWalk {
  const float* input;
  const float* row;
  const float* end;
  size_t taps;
  size_t whole;
  size_t part;
  size_t around;

  RowWalk(const float* from, const FirBank& bank, uint32_t phase)
      : input(from),
        row(bank.taps + size_t{phase} * bank.tap_count),
        end(bank.taps + size_t{bank.phases} * bank.tap_count),
        taps(bank.tap_count),
        whole(bank.step / bank.phases),
        part(size_t{bank.step % bank.phases} * bank.tap_count),
        around(size_t{bank.phases} * bank.tap_count) {}

  typename Vec::Type next() {
    const typename Vec::Type sum = products<Vec>(input, row, kTaps > 0 ? kTaps : taps);
    row += part;
    const bool wraps = row >= end;
    input += whole + (wraps ? 1 : 0);
    row -= wraps ? around : 0;
    return sum;
  }
};

// As RowWalk, between two rows of a DriftBank.
template <class Vec>
struct DriftWalk {
  const float* input;
  const DriftBank& bank;
  uint64_t position;
  uint64_t step;

  typename Vec::Type next() {
    constexpr uint64_t kPerRow = (uint64_t{1} << 32) / kDriftRows;
    const float* from = input + (position >> 32);
    const uint64_t fraction = position & 0xffffffffu;
    const size_t row = static_cast<size_t>(fraction / kPerRow) * kDriftTaps;
    const typename Vec::Type between =
        Vec::spread(static_cast<float>(fraction % kPerRow) * (1.0f / static_cast<float>(kPerRow)));
    typename Vec::Type sum = Vec::zero();
    for (size_t k = 0; k < kDriftTaps; k += Vec::kLanes) {
      const typename Vec::Type tap = Vec::multiply_add(
          between, Vec::load_any(bank.slopes + row + k), Vec::load_any(bank.rows + row + k));
      sum = Vec::multiply_add(Vec::load_any(from + k), tap, sum);
    }
    position += step;
    return sum;
  }
};

template <class Vec, class Walk>
void filter_along(Walk walk, size_t count, float* out) {
  size_t i = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) {
    typename Vec::Type sums[Vec::kLanes];
    for (typename Vec::Type& sum : sums) sum = walk.next();
    Vec::store_any(out + i, Vec::add_lanes(sums));
  }
  for (; i < count; ++i) out[i] = Vec::total(walk.next());
}

template <class Vec>
void vector_fir(const float* input, const FirBank* bank, uint32_t phase, size_t count, float* out) {
  // The short rows behind a doubling are worth a loop of their own.
  if (bank->tap_count == kDriftTaps)
    return filter_along<Vec>(RowWalk<Vec, kDriftTaps>(input, *bank, phase), count, out);
  filter_along<Vec>(RowWalk<Vec, 0>(input, *bank, phase), count, out);
}

template <class Vec>
void vector_drift(const float* input, const DriftBank* bank, uint64_t position, uint64_t step,
                  size_t count, float* out) {
  filter_along<Vec>(DriftWalk<Vec>{input, *bank, position, step}, count, out);
}
