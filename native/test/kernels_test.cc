// Every kernel of every table this CPU can run, over lengths and
// misalignments, against an oracle written here and bit for bit against the
// scalar table. Bytes around the output must stay as they were.
#include "facewire/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "check.h"
#include "facewire/upsample_parts.h"

using facewire::FirBank;
using facewire::KernelTable;
using facewire::UpsampleBank;

namespace {

constexpr size_t kOffsets[] = {0, 1, 3};  // In items of the input and output.
constexpr float kPoison = -7777.25f;

std::vector<size_t> lengths() {
  std::vector<size_t> list;
  for (size_t n = 0; n <= 40; ++n) list.push_back(n);
  for (const size_t n : {51u, 52u, 55u, 61u, 63u, 64u, 65u, 127u, 128u, 129u, 255u, 1000u})
    list.push_back(n);
  return list;
}

const KernelTable& scalar() { return *facewire::find_kernels("scalar"); }

bool same_bits(const float* a, const float* b, size_t count) {
  return count == 0 || std::memcmp(a, b, count * sizeof(float)) == 0;
}

// An output with poison before and after it.
struct Guarded {
  static constexpr size_t kMargin = 16;
  std::vector<float> memory;
  size_t offset;
  size_t count;

  Guarded(size_t items, size_t misalignment)
      : memory(items + 2 * kMargin + misalignment, kPoison),
        offset(kMargin + misalignment),
        count(items) {}
  float* data() { return memory.data() + offset; }
  bool intact() const {
    for (size_t i = 0; i < memory.size(); ++i) {
      if ((i < offset || i >= offset + count) && memory[i] != kPoison) return false;
    }
    return true;
  }
};

std::vector<float> random_floats(size_t count, float low, float high) {
  std::uniform_real_distribution<float> value(low, high);
  std::vector<float> list(count);
  for (float& x : list) x = value(check::random());
  return list;
}

template <typename Body>
void for_each_case(Body&& body) {
  for (const KernelTable* table : facewire::available_kernels()) {
    for (const size_t n : lengths()) {
      for (const size_t offset : kOffsets) {
        check::context() = std::string(table->name) + ", length " + std::to_string(n) +
                           ", offset " + std::to_string(offset);
        body(*table, n, offset);
      }
    }
  }
  check::context().clear();
}

}  // namespace

TEST(tables_end_with_scalar) {
  const auto tables = facewire::available_kernels();
  if (!CHECK(!tables.empty())) return;
  CHECK(std::string(tables.back()->name) == "scalar");
  CHECK(facewire::find_kernels("no such table") == nullptr);
  for (const KernelTable* table : tables) CHECK(facewire::find_kernels(table->name) == table);
}

TEST(environment_chooses_the_table) {
  const char* forced = std::getenv("FACEWIRE_KERNELS");
  const KernelTable* named = forced == nullptr ? nullptr : facewire::find_kernels(forced);
  CHECK(&facewire::kernels() == (named != nullptr ? named : facewire::available_kernels().front()));
}

TEST(s16_to_f32) {
  std::vector<int16_t> in(1100);
  std::uniform_int_distribution<int> value(-32768, 32767);
  for (int16_t& x : in) x = static_cast<int16_t>(value(check::random()));
  in[3] = -32768;
  in[4] = 32767;
  for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
    Guarded out(n, offset);
    table.audio->s16_to_f32(in.data() + offset, n, out.data());
    for (size_t i = 0; i < n; ++i) {
      if (!CHECK(static_cast<double>(out.data()[i]) * 32768.0 == in[offset + i])) return;
    }
    CHECK(out.intact());
  });
}

// Within the tolerance of the sum in double precision, and of nothing else.
bool close(const float* x, const float* row, size_t taps, double got) {
  double sum = 0;
  double size = 0;
  for (size_t t = 0; t < taps; ++t) {
    sum += double{x[t]} * double{row[t]};
    size += std::abs(double{row[t]});
  }
  return std::abs(sum - got) <= size * double{facewire::kFilterTolerance};
}

TEST(fir_agrees_with_double) {
  struct Shape {
    uint32_t taps, phases, step;
  };
  for (const Shape shape :
       {Shape{8, 1, 1}, Shape{16, 147, 160}, Shape{64, 3, 1}, Shape{80, 147, 80},
        Shape{72, 160, 147}, Shape{432, 1, 6}, Shape{144, 1, 2}}) {
    const std::vector<float> taps = random_floats(size_t{shape.taps} * shape.phases, -1, 1);
    const FirBank bank{taps.data(), shape.taps, shape.phases, shape.step};
    const std::vector<float> in = random_floats(7000, -1, 1);
    for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
      const uint32_t phase = static_cast<uint32_t>(n * 7 % shape.phases);
      Guarded out(n, offset);
      table.audio->fir(in.data() + offset, &bank, phase, n, out.data());
      CHECK(out.intact());
      for (size_t k = 0; k < n; ++k) {
        const size_t position = phase + k * shape.step;
        const float* row = taps.data() + position % shape.phases * shape.taps;
        if (!CHECK(close(in.data() + offset + position / shape.phases, row, shape.taps,
                         double{out.data()[k]})))
          return;
      }
    });
  }
}

// Every factor, every place to begin within a group of four, and lengths around every block.
TEST(upsample_agrees_with_double) {
  struct Shape {
    uint32_t taps, factor;
  };
  for (const Shape shape : {Shape{64, 2}, Shape{64, 3}, Shape{84, 2}, Shape{84, 12}, Shape{96, 4},
                            Shape{8, 2}, Shape{64, 6}}) {
    const size_t rows = shape.factor - 1;
    const std::vector<float> taps = random_floats(rows * shape.taps, -1, 1);
    const std::vector<float> parts = facewire::fast_upsample_parts<float>(taps, shape.taps);
    const UpsampleBank bank{taps.data(), parts.data(), shape.taps, shape.factor};
    for (const KernelTable* table : facewire::available_kernels()) {
      for (const size_t n : {1u, 2u, 5u, 31u, 64u, 129u, 1000u, 2047u, 2048u, 2049u, 7001u}) {
        const size_t first = n * 7 % (4 * size_t{shape.factor});
        const size_t inputs = (first + n) / shape.factor + 1 + shape.taps;
        const std::vector<float> in = random_floats(inputs + facewire::kUpsampleOverread, -1, 1);
        check::context() = std::string(table->name) + ", factor " + std::to_string(shape.factor) +
                           ", " + std::to_string(n) + " from " + std::to_string(first);
        Guarded out(n, n % 4);
        table->audio->upsample(in.data(), &bank, first, n, out.data());
        CHECK(out.intact());
        for (size_t k = 0; k < n; ++k) {
          const float* x = in.data() + (first + k) / shape.factor;
          const size_t row = (first + k) % shape.factor;
          const double got = double{out.data()[k]};
          if (!CHECK(row == 0 ? got == double{x[shape.taps / 2 - 1]}
                              : close(x, taps.data() + (row - 1) * shape.taps, shape.taps, got)))
            return;
        }
      }
    }
  }
}

TEST(drift_agrees_with_double) {
  using facewire::kDriftRows;
  using facewire::kDriftTaps;
  const std::vector<float> rows = random_floats(size_t{kDriftRows} * kDriftTaps, -1, 1);
  const std::vector<float> slopes = random_floats(size_t{kDriftRows} * kDriftTaps, -0.1f, 0.1f);
  const facewire::DriftBank bank{rows.data(), slopes.data()};
  const std::vector<float> in = random_floats(3000, -1, 1);
  const uint64_t step = (uint64_t{2} << 32) + 123'456'789;
  for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
    const uint64_t position = (uint64_t{3} << 32) + n * 987'654'321;
    Guarded out(n, offset);
    table.audio->drift(in.data() + offset, &bank, position, step, n, out.data());
    CHECK(out.intact());
    for (size_t k = 0; k < n; ++k) {
      const uint64_t at = position + k * step;
      const double place = static_cast<double>(at & 0xffffffffu) / 4294967296.0 * kDriftRows;
      const size_t row = static_cast<size_t>(place) * kDriftTaps;
      float taps[kDriftTaps];
      for (size_t t = 0; t < kDriftTaps; ++t) {
        taps[t] = static_cast<float>(double{rows[row + t]} +
                                     (place - std::floor(place)) * double{slopes[row + t]});
      }
      if (!CHECK(close(in.data() + offset + (at >> 32), taps, kDriftTaps, double{out.data()[k]})))
        return;
    }
  });
}

TEST(monotone_slopes_keep_the_bits) {
  for (const float spread : {1.0f, 1e-30f, 1e30f}) {
    std::vector<float> before = random_floats(1100, -spread, spread);
    std::vector<float> row = random_floats(1100, -spread, spread);
    std::vector<float> after = random_floats(1100, -spread, spread);
    // Plateaus, equal neighbours and exact zeros are where slopes switch.
    for (size_t i = 0; i < 1100; i += 5) after[i] = row[i];
    for (size_t i = 1; i < 1100; i += 7) before[i] = row[i];
    for (size_t i = 2; i < 1100; i += 11) before[i] = row[i] = after[i] = 0.0f;
    for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
      Guarded out(n, offset);
      Guarded reference(n, offset);
      const auto run = [&](const KernelTable& with, Guarded& into) {
        with.face->monotone_slopes(before.data() + offset, row.data() + offset,
                                   after.data() + offset, n, into.data());
      };
      run(table, out);
      run(scalar(), reference);
      CHECK(same_bits(out.data(), reference.data(), n));
      CHECK(out.intact());
    });
  }
}

TEST(hermite_keeps_the_range_and_the_bits) {
  for (const float spread : {1.0f, 1e-30f, 1e30f}) {
    const std::vector<float> from = random_floats(1100, -spread, spread);
    std::vector<float> to = random_floats(1100, -spread, spread);
    const std::vector<float> from_slopes = random_floats(1100, -spread, spread);
    const std::vector<float> to_slopes = random_floats(1100, -spread, spread);
    for (size_t i = 0; i < 1100; i += 5) to[i] = from[i];
    for (const float t : {0.0f, 1e-7f, 0.25f, 0.5f, 0.75f, 0.999f, 0.99999994f, 1.0f}) {
      for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
        Guarded out(n, offset);
        Guarded reference(n, offset);
        const auto run = [&](const KernelTable& with, Guarded& into) {
          with.face->hermite(from.data() + offset, from_slopes.data() + offset, to.data() + offset,
                             to_slopes.data() + offset, n, t, into.data());
        };
        run(table, out);
        run(scalar(), reference);
        CHECK(same_bits(out.data(), reference.data(), n));
        CHECK(out.intact());
        for (size_t i = 0; i < n; ++i) {
          const float a = from[offset + i];
          const float b = to[offset + i];
          const float y = out.data()[i];
          if (!CHECK(y >= std::min(a, b) && y <= std::max(a, b))) return;
          if (t == 0.0f) CHECK(y == a);
          if (t == 1.0f) CHECK(y == b);
        }
      });
    }
  }
}

// Steffen's formulas as the paper has them, in double.
TEST(slopes_and_hermite_agree_with_the_paper) {
  const auto slope = [](double left, double right) {
    const double mean = (left + right) / 2;
    const auto sign = [](double x) { return x < 0 ? -1.0 : 1.0; };
    return (sign(left) + sign(right)) *
           std::min({std::abs(left), std::abs(right), std::abs(mean) / 2});
  };
  const auto& face = *facewire::kernels().face;
  for (int trial = 0; trial < 2000; ++trial) {
    const std::vector<float> y = random_floats(4, 0, 1);
    const float t = random_floats(1, 0, 1)[0];
    float slopes[2];
    float out = 0;
    face.monotone_slopes(&y[0], &y[1], &y[2], 1, &slopes[0]);
    face.monotone_slopes(&y[1], &y[2], &y[3], 1, &slopes[1]);
    face.hermite(&y[1], &slopes[0], &y[2], &slopes[1], 1, t, &out);
    const double s0 = double{y[1]} - double{y[0]};
    const double s1 = double{y[2]} - double{y[1]};
    const double s2 = double{y[3]} - double{y[2]};
    const double m1 = slope(s0, s1);
    const double m2 = slope(s1, s2);
    const double u = double{t};
    const double expected =
        double{y[1]} + u * m1 + u * u * (3 * s1 - 2 * m1 - m2) + u * u * u * (m1 + m2 - 2 * s1);
    if (!CHECK(std::abs(expected - double{out}) < 1e-6)) return;
  }
}

TEST(hermite_in_place) {
  for (const KernelTable* table : facewire::available_kernels()) {
    check::context() = table->name;
    for (const size_t target : {0u, 1u}) {
      std::vector<std::vector<float>> rows(4);
      for (auto& row : rows) row = random_floats(55, 0, 1);
      std::vector<float> expected(55);
      const auto run = [&](float* out) {
        table->face->hermite(rows[0].data(), rows[2].data(), rows[1].data(), rows[3].data(), 55,
                             0.3f, out);
      };
      run(expected.data());
      run(rows[target].data());
      CHECK(same_bits(rows[target].data(), expected.data(), 55));
    }
  }
}

TEST(clamp01) {
  std::vector<float> in = random_floats(1100, -0.5f, 1.5f);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const float special[] = {0.0f,       -0.0f,  1.0f,    kNan,       -kNan,      kInfinity,
                           -kInfinity, 1e-45f, -1e-45f, 1.0000001f, 0.99999994f};
  for (size_t i = 0; i < in.size(); i += 3) in[i] = special[i / 3 % std::size(special)];
  for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
    Guarded out(n, offset);
    const size_t outside = table.face->clamp01(in.data() + offset, n, out.data());
    size_t expected_outside = 0;
    for (size_t i = 0; i < n; ++i) {
      const float x = in[offset + i];
      float expected = x;
      if (std::isnan(x) || x <= 0) expected = 0.0f;
      if (x > 1) expected = 1.0f;
      if (std::isnan(x) || x < 0 || x > 1) ++expected_outside;
      if (!CHECK(std::bit_cast<uint32_t>(out.data()[i]) == std::bit_cast<uint32_t>(expected))) {
        return;
      }
    }
    CHECK_EQUAL(outside, expected_outside);
    CHECK(out.intact());
    std::vector<float> place(in.begin() + static_cast<std::ptrdiff_t>(offset),
                             in.begin() + static_cast<std::ptrdiff_t>(offset + n));
    table.face->clamp01(place.data(), n, place.data());
    CHECK(same_bits(place.data(), out.data(), n));
  });
}

TEST(gather) {
  const std::vector<float> in = random_floats(52, -2, 2);
  std::vector<int32_t> index(1100);
  std::uniform_int_distribution<int32_t> value(-3, 56);
  for (int32_t& x : index) x = value(check::random());
  index[5] = std::numeric_limits<int32_t>::max();
  index[6] = std::numeric_limits<int32_t>::min();
  for_each_case([&](const KernelTable& table, size_t n, size_t offset) {
    Guarded out(n, offset);
    table.face->gather(in.data(), in.size(), index.data() + offset, n, out.data());
    for (size_t i = 0; i < n; ++i) {
      const int32_t from = index[offset + i];
      const float expected = from < 0 || from >= 52 ? 0.0f : in[static_cast<size_t>(from)];
      if (!CHECK(out.data()[i] == expected)) return;
    }
    CHECK(out.intact());
  });
}
