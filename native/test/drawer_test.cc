// The drawer: areas known from geometry, and lists of anything.
#include "facewire/drawer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "check.h"
#include "count_allocations.h"
#include "pictures.h"

using facewire::Drawer;
using facewire::Errc;
using facewire::PictureArea;

namespace {

constexpr size_t kWidth = 96;
constexpr size_t kHeight = 80;
constexpr PictureArea kWhole = {0, 0, kWidth, kHeight};
using Picture = std::vector<uint8_t>;

std::unique_ptr<Drawer> make(uint8_t alpha = 255) {
  Picture backdrop(4 * kWidth * kHeight, 255);
  for (size_t i = 3; i < backdrop.size(); i += 4) backdrop[i] = alpha;
  return Drawer::create(kWidth, kHeight, backdrop, Picture(backdrop.size()));
}

Picture draw(const std::vector<float>& list, const PictureArea& area = kWhole) {
  Picture out(4 * kWidth * kHeight);
  const auto done = make()->draw(list, area, out);
  CHECK(static_cast<bool>(done));
  return out;
}

// How many pixels black on white covers.
double covered(const Picture& picture) {
  double sum = 0;
  for (size_t i = 0; i < picture.size(); i += 4) sum += (255 - picture[i]) / 255.0;
  return sum;
}

float random_between(float low, float high) {
  return std::uniform_real_distribution<float>(low, high)(check::random());
}

// A polygon around (cx, cy), begun and filled black.
std::vector<float> star(float cx, float cy, size_t corners, float& area) {
  std::vector<float> list = {0};
  std::vector<float> xs, ys;
  for (size_t i = 0; i < corners; ++i) {
    const float angle = 6.2831853f * static_cast<float>(i) / static_cast<float>(corners);
    const float radius = random_between(3, 30);
    xs.push_back(cx + radius * std::cos(angle));
    ys.push_back(cy + radius * std::sin(angle));
    list.insert(list.end(), {i == 0 ? 1.0f : 2.0f, xs.back(), ys.back()});
  }
  area = 0;
  for (size_t i = 0; i < corners; ++i) {
    const size_t j = (i + 1) % corners;
    area += (xs[i] * ys[j] - xs[j] * ys[i]) / 2;
  }
  list.insert(list.end(), {5, 0, 0, 0, 0, 1});
  return list;
}

}  // namespace

TEST(a_filled_polygon_covers_its_area) {
  for (int round = 0; round < 300; ++round) {
    float area;
    const auto list = star(48, 40, 3 + static_cast<size_t>(round) % 9, area);
    // Each pixel of the edge is rounded to one of 256 levels.
    if (!CHECK(std::abs(covered(draw(list)) - area) < 0.5)) return;
  }
}

TEST(what_lies_outside_the_picture_changes_nothing_inside) {
  // Half of a square is to the left, half of another below.
  CHECK(
      std::abs(covered(draw({0, 1, -10, 10, 2, 10, 10, 2, 10, 30, 2, -10, 30, 5, 0, 0, 0, 0, 1})) -
               200) < 0.1);
  CHECK(std::abs(covered(draw({0, 1, 10, 70, 2, 30, 70, 2, 30, 90, 2, 10, 90, 5, 0, 0, 0, 0, 1})) -
                 200) < 0.1);
  // A triangle from far left to far right: at height y it is 2 (80 - y) * 96 / 80 wide.
  CHECK(std::abs(covered(draw({0, 1, -48, 0, 2, 144, 0, 2, 48, 80, 5, 0, 0, 0, 0, 1})) -
                 (96 * 40 + 96 * 40 / 2)) < 1);
  // Edges that go right through, from far below on the left to far above on the right.
  CHECK(std::abs(covered(draw(
                     {0, 1, -96, 160, 2, 192, -80, 2, 192, 400, 2, -96, 400, 5, 0, 0, 0, 0, 1})) -
                 96 * 40) < 1);
}

TEST(a_shape_over_itself_counts_once) {
  const std::vector<float> once = {1, 20, 20, 2, 60, 20, 2, 60, 60, 2, 20, 60, 4};
  std::vector<float> twice = {0};
  twice.insert(twice.end(), once.begin(), once.end());
  twice.insert(twice.end(), once.begin(), once.end());
  twice.insert(twice.end(), {5, 0, 0, 0, 0, 1});
  CHECK(std::abs(covered(draw(twice)) - 1600) < 0.01);
}

TEST(a_stroke_is_as_wide_as_asked_with_round_ends) {
  for (const float width : {0.5f, 1.0f, 2.6f, 8.0f}) {
    const auto picture = draw({0, 1, 20.3f, 20.7f, 2, 70, 61, 6, width, 0, 0, 0, 0, 1});
    const double length = std::hypot(49.7, 40.3);
    const double area = length * width + (width > 1 ? std::numbers::pi * width * width / 4 : 0);
    CHECK(std::abs(covered(picture) - area) < 0.04 * area + 1.2);
  }
}

TEST(parts_of_a_picture_are_those_of_the_whole) {
  for (int round = 0; round < 100; ++round) {
    float ignored;
    const auto list = star(random_between(-5, 100), random_between(-5, 85), 9, ignored);
    const Picture whole = draw(list);
    const PictureArea area = pictures::random_area(kWidth, kHeight);
    const Picture part = draw(list, area);
    for (size_t y = 0; y < kHeight; ++y) {
      for (size_t x = 0; x < kWidth; ++x) {
        const size_t i = 4 * (y * kWidth + x);
        const bool is_inside = x - area.x < area.width && y - area.y < area.height;
        // Sums of floats may round the other way.
        if (!CHECK(is_inside ? std::abs(part[i] - whole[i]) <= 1 : part[i] == 0)) return;
      }
    }
  }
}

TEST(pictures_may_lie_anywhere) {
  float ignored;
  const auto list = star(48, 40, 9, ignored);
  const Picture expected = draw(list);
  for (size_t offset = 1; offset < 4; ++offset) {
    Picture out(expected.size() + offset);
    CHECK(static_cast<bool>(make()->draw(list, kWhole, std::span(out).subspan(offset))));
    CHECK(std::equal(expected.begin(), expected.end(), out.begin() + static_cast<long>(offset)));
  }
}

TEST(a_clear_ground_keeps_colours_apart_from_alpha) {
  Picture out(4 * kWidth * kHeight);
  const std::vector<float> list = {0, 1, 0,  0, 2, 10,  0,   2,  10,  10,
                                   2, 0, 10, 5, 0, 200, 100, 50, 0.5f};
  CHECK(static_cast<bool>(make(0)->draw(list, kWhole, out)));
  CHECK(std::abs(out[0] - 200) <= 1 && std::abs(out[1] - 100) <= 1 && std::abs(out[2] - 50) <= 1);
  CHECK_EQUAL(out[3], 128);
  CHECK_EQUAL(out[4 * 20 + 3], 0);
}

TEST(lists_of_anything_are_drawn_or_refused) {
  const auto drawer = make();
  Picture out(4 * kWidth * kHeight);
  const float odd[] = {std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity(),
                       1e30f,
                       -1e30f,
                       1e-40f,
                       65536.0f,
                       0.0f};
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<float> list;
    auto& random = check::random();
    const auto number = [&] {
      return random() % 8 == 0 ? odd[random() % 8] : random_between(-60, 160);
    };
    const size_t arguments[] = {0, 2, 2, 6, 0, 0, 0, 0, 0, 0};
    const size_t steps = random() % 40;
    for (size_t i = 0; i < steps; ++i) {
      const size_t step = random() % 40 == 0 ? 11 : random() % 10;
      list.push_back(static_cast<float>(step));
      for (size_t k = 0; step < 10 && k < arguments[step]; ++k) list.push_back(number());
      if (step == 6) list.push_back(random_between(0, 40));
      if (step != 5 && step != 6) continue;
      const size_t kind = random() % 3;
      list.push_back(static_cast<float>(kind));
      if (kind == 2) list.insert(list.end(), {number(), number(), 1, random_between(0, 2)});
      if (kind == 1) list.insert(list.end(), {number(), number(), number(), number()});
      if (kind == 2) list.insert(list.end(), {0, 0, random_between(0, 5), 1, 1, number()});
      if (kind > 0) list.insert(list.end(), {2, 0, 255, 0, 0, 1, random_between(0, 1)});
      list.insert(list.end(), {random_between(0, 255), 0, 0, random_between(0, 1)});
    }
    const size_t before = check::allocations;
    const auto done = drawer->draw(list, kWhole, out);
    CHECK_EQUAL(check::allocations.load(), before);
    if (!done) {
      ++refused;
      CHECK(done.error == Errc::bad_option && done.count < list.size());
    }
  }
  CHECK(refused > 0 && refused < 2900);
}
