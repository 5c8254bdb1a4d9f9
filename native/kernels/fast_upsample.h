// Included by the files of one instruction set each, inside their unnamed
// namespace, so that every one of them gets a copy of its own.
//
// The fast FIR algorithm (Z.-J. Mou and P. Duhamel, "Short-length FIR filters and their use in fast
// nonrecursive filtering", IEEE Trans. Signal Processing 39, 1991), twice nested: a filter h on the
// even samples x0 and the odd samples x1 needs, instead of four filters of half the length,
//   A = h0 * (x0 - x1),  B = (h0 + h1) * x1,  C = h1 * (x0 of the next - x1),
//   even outputs A + B, odd outputs B + C.
// Done to A, B and C again, four outputs take 9 filters of a quarter of the length:
// 36 multiplications an output of a filter of 64.
//
// The block is cut into as many stretches as a register has lanes, lane s
// working on stretch s. Thus neighbouring instants are neighbouring registers,
// every load is aligned, and the transposition that parts the stream into four costs nothing extra.
//
// Vec gives: Type, kLanes, zero, broadcast, load, store, add, sub,
// multiply_add (a * b + c), transpose, load_quads and store_quads (see there).

// What the sums of R neighbouring groups of outputs are added up in; recursive, so that
// every compiler keeps them in registers.
template <class Vec, int R>
struct Sums {
  typename Vec::Type here;
  Sums<Vec, R - 1> rest;
  void clear() {
    here = Vec::zero();
    rest.clear();
  }
  void load(const float* from) {
    here = Vec::load(from);
    rest.load(from + Vec::kLanes);
  }
  void load_sum(const float* a, const float* b) {
    here = Vec::add(Vec::load(a), Vec::load(b));
    rest.load_sum(a + Vec::kLanes, b + Vec::kLanes);
  }
  void store(float* to) const {
    Vec::store(to, here);
    rest.store(to + Vec::kLanes);
  }
  void tap(typename Vec::Type coefficient, const float* stream) {
    here = Vec::multiply_add(coefficient, Vec::load(stream), here);
    rest.tap(coefficient, stream + Vec::kLanes);
  }
};

template <class Vec>
struct Sums<Vec, 0> {
  void clear() {}
  void load(const float*) {}
  void load_sum(const float*, const float*) {}
  void store(float*) const {}
  void tap(typename Vec::Type, const float*) {}
};

// Groups of four input samples that one lane works through at a time, so that all
// streams stay in the first-level cache.
constexpr size_t kMaxStretch = 32;
constexpr size_t kMaxQuarter = kMaxUpsampleTaps / 4;

template <class Vec>
struct Streams {
  // The nine streams that are filtered; then the first three of the four
  // samples of a group (the fourth is stream 4).
  alignas(64) float at[12][(kMaxStretch + kMaxQuarter) * Vec::kLanes];
};

// Streams 9 to 11 are only made from instant `centre` on, for `stretch` and one more.
template <class Vec>
void split(const float* input, size_t stretch, size_t instants, size_t centre,
           Streams<Vec>& streams) {
  using Type = typename Vec::Type;
  Type x[4];
  Vec::load_quads(input, 4 * stretch, x);
  Type a0 = Vec::sub(x[0], x[1]);
  Type c0 = Vec::sub(x[2], x[1]);
  for (size_t i = 0; i < instants; ++i) {
    Type next[4];
    Vec::load_quads(input + 4 * (i + 1), 4 * stretch, next);
    const Type a1 = Vec::sub(x[2], x[3]);
    const Type c1 = Vec::sub(next[0], x[3]);
    const Type next_a0 = Vec::sub(next[0], next[1]);
    const Type next_c0 = Vec::sub(next[2], next[1]);
    const size_t to = i * Vec::kLanes;
    Vec::store(streams.at[0] + to, Vec::sub(a0, a1));
    Vec::store(streams.at[1] + to, a1);
    Vec::store(streams.at[2] + to, Vec::sub(next_a0, a1));
    Vec::store(streams.at[3] + to, Vec::sub(x[1], x[3]));
    Vec::store(streams.at[4] + to, x[3]);
    Vec::store(streams.at[5] + to, Vec::sub(next[1], x[3]));
    Vec::store(streams.at[6] + to, Vec::sub(c0, c1));
    Vec::store(streams.at[7] + to, c1);
    Vec::store(streams.at[8] + to, Vec::sub(next_c0, c1));
    if (i >= centre && i <= centre + stretch) {
      Vec::store(streams.at[9] + to, x[0]);
      Vec::store(streams.at[10] + to, x[1]);
      Vec::store(streams.at[11] + to, x[2]);
    }
    for (size_t k = 0; k < 4; ++k) x[k] = next[k];
    a0 = next_a0;
    c0 = next_c0;
  }
}

// The four outputs of one row for R instants from `instant` on: out[q][r].
template <class Vec, int R>
void filter_row(const Streams<Vec>& streams, size_t instant, const float* parts, size_t quarter,
                float* out) {
  constexpr size_t kRow = R * Vec::kLanes;
  alignas(64) float even[kRow], odd[kRow], shared[kRow];
  Sums<Vec, R> sums;
  const auto run = [&](size_t which) {
    const float* stream = streams.at[which] + instant * Vec::kLanes;
    const float* part = parts + which * quarter;
    for (size_t k = 0; k < quarter; ++k, stream += Vec::kLanes)
      sums.tap(Vec::broadcast(part + k), stream);
  };
  sums.clear();
  run(4);
  sums.store(shared);
  run(1);
  sums.store(even);
  sums.load(shared);
  run(7);
  sums.store(odd);
  sums.clear();
  run(3);
  sums.store(shared);
  sums.load_sum(even, shared);
  run(0);
  sums.store(out);
  sums.load_sum(odd, shared);
  run(6);
  sums.store(out + kRow);
  sums.clear();
  run(5);
  sums.store(shared);
  sums.load_sum(even, shared);
  run(2);
  sums.store(out + 2 * kRow);
  sums.load_sum(odd, shared);
  run(8);
  sums.store(out + 3 * kRow);
}

// Where a block lies in the output: its first sample is `first` before `out`
// and only [first, end) of it is written. No lane but the first begins before
// `first`, and the first `whole` lanes end before `end`.
struct Window {
  float* out;
  size_t first;
  size_t end;
  size_t whole;
};

// Stores what lies in the window of four transposed registers, lane s from output `at` + s *
// `apart` on.
template <class Vec>
void store_clipped(const Window& window, size_t at, size_t apart,
                   const typename Vec::Type (&four)[4]) {
  size_t lane = 0;
  if (at >= window.first) {
    Vec::store_quads(window.out + (at - window.first), apart, four, window.whole);
    lane = window.whole;
    if (at + lane * apart >= window.end) return;
  }
  float quads[4 * Vec::kLanes];
  Vec::store_quads(quads, 4, four, Vec::kLanes);
  for (; lane < Vec::kLanes; ++lane) {
    for (size_t i = 0; i < 4; ++i) {
      const size_t place = at + lane * apart + i;
      if (place >= window.first && place < window.end)
        window.out[place - window.first] = quads[4 * lane + i];
    }
  }
}

template <class Vec, int R>
void upsample_instants(const Streams<Vec>& streams, const UpsampleBank& bank, size_t instant,
                       size_t stretch, const Window& window) {
  constexpr size_t kRow = R * Vec::kLanes;
  const size_t factor = bank.factor;
  const size_t quarter = bank.tap_count / 4;
  alignas(64) float rows[(kMaxUpsampleFactor - 1) * 4 * kRow];
  for (size_t row = 0; row + 1 < factor; ++row) {
    filter_row<Vec, R>(streams, instant, bank.parts + row * 9 * quarter, quarter,
                       rows + row * 4 * kRow);
  }
  // The 4 x factor outputs of a group, in their order.
  const float* from[4 * kMaxUpsampleFactor];
  for (size_t sample = 0; sample < 4; ++sample) {
    const size_t centre = sample + bank.centre;
    const size_t stream = centre % 4 == 3 ? 4 : 9 + centre % 4;
    from[sample * factor] = streams.at[stream] + (instant + centre / 4) * Vec::kLanes;
    for (size_t row = 0; row + 1 < factor; ++row)
      from[sample * factor + row + 1] = rows + (row * 4 + sample) * kRow;
  }
  const size_t group = 4 * factor;
  const size_t apart = group * stretch;
  for (size_t r = 0; r < static_cast<size_t>(R); ++r) {
    const size_t at = group * (instant + r);
    const bool inside = at >= window.first && window.whole == Vec::kLanes;
    for (size_t quad = 0; quad < factor; ++quad) {
      typename Vec::Type four[4];
      for (size_t k = 0; k < 4; ++k) four[k] = Vec::load(from[4 * quad + k] + r * Vec::kLanes);
      Vec::transpose(four);
      if (inside) {
        Vec::store_quads(window.out + (at + 4 * quad - window.first), apart, four, Vec::kLanes);
      } else {
        store_clipped<Vec>(window, at + 4 * quad, apart, four);
      }
    }
  }
}

// All instants, R at a time; what is left over is made up with some that were done already.
template <class Vec, int R>
void upsample_stretch(const Streams<Vec>& streams, const UpsampleBank& bank, size_t stretch,
                      const Window& window) {
  constexpr size_t kStep = R;
  for (size_t instant = 0; instant < stretch; instant += kStep) {
    const size_t last = stretch - kStep;
    upsample_instants<Vec, R>(streams, bank, instant < last ? instant : last, stretch, window);
  }
}

template <class Vec>
void fast_upsample(const float* input, const UpsampleBank* bank, size_t first, size_t count,
                   float* out) {
  Streams<Vec> streams;
  const size_t group = 4 * bank->factor;  // Outputs of four input samples.
  const size_t quarter = bank->tap_count / 4;
  while (count > 0) {
    const size_t wanted = (first + count + group - 1) / group;
    size_t stretch = (wanted + Vec::kLanes - 1) / Vec::kLanes;
    if (stretch > kMaxStretch) stretch = kMaxStretch;
    const size_t groups = stretch * Vec::kLanes;
    size_t written = groups * group - first;
    if (written > count) written = count;
    const size_t end = first + written;
    const Window window = {out, first, end, end / (stretch * group)};
    split<Vec>(input, stretch, stretch + quarter - 1, bank->centre / 4, streams);
    if (stretch >= 8) {
      upsample_stretch<Vec, 8>(streams, *bank, stretch, window);
    } else if (stretch >= 4) {
      upsample_stretch<Vec, 4>(streams, *bank, stretch, window);
    } else if (stretch >= 2) {
      upsample_stretch<Vec, 2>(streams, *bank, stretch, window);
    } else {
      upsample_stretch<Vec, 1>(streams, *bank, stretch, window);
    }
    input += 4 * groups;
    out += written;
    count -= written;
    first = 0;
  }
}
