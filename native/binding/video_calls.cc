#include "video_calls.h"

#include <memory>
#include <new>
#include <string>

#include "arguments.h"
#include "facewire/drawer.h"
#include "facewire/kernels.h"
#include "facewire/yuv_picture.h"
#include "objects.h"

namespace facewire {
namespace {

constexpr int64_t kMostPixels = 16384;
constexpr int64_t kMostDrawn = 4096;

// What a NativeDrawer of src/media/video-binding.ts stands for.
struct DrawerBox : External {
  static constexpr ExternalKind kKind = ExternalKind::drawer;

  explicit DrawerBox(std::unique_ptr<Drawer> made) noexcept
      : External{kKind}, drawer(std::move(made)) {}

  const std::unique_ptr<Drawer> drawer;
};

size_t even(const Value& value, const char* name) {
  const int64_t number = value.integer(name, 2, kMostPixels);
  if (number % 2 != 0) value.refuse(name, "an even number");
  return static_cast<size_t>(number);
}

size_t within(const Value& value, const char* name, size_t most) {
  return static_cast<size_t>(value.integer(name, 0, static_cast<int64_t>(most)));
}

// Four arguments: x, y, columns, rows.
template <size_t kCount>
PictureArea area_at(const Arguments<kCount>& arguments, size_t first, size_t width, size_t height) {
  PictureArea area;
  area.x = within(arguments[first], "x", width);
  area.y = within(arguments[first + 1], "y", height);
  area.width = within(arguments[first + 2], "columns", width - area.x);
  area.height = within(arguments[first + 3], "rows", height - area.y);
  return area;
}

// (rgba, width, height, x, y, columns, rows, out, table?)
napi_value to_yuv420(napi_env env, napi_callback_info info) {
  const Arguments<9> arguments(env, info);
  const size_t width = even(arguments[1], "width");
  const size_t height = even(arguments[2], "height");
  const PictureArea area = area_at(arguments, 3, width, height);
  const auto rgba = arguments[0].bytes("rgba", 4 * width * height);
  const auto out = arguments[7].bytes("out", yuv420_bytes(width, height));
  const KernelTable* table = &kernels();
  if (!arguments[8].is_undefined()) {
    table = find_kernels(arguments[8].string("table", 32));
    if (table == nullptr) arguments[8].refuse("table", "one of availableKernels");
  }
  convert_to_yuv420(*table, rgba, width, height, area, out);
  return nullptr;
}

// (width, height, backdrop, overlay)
napi_value make_drawer(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const auto width = static_cast<size_t>(arguments[0].integer("width", 1, kMostDrawn));
  const auto height = static_cast<size_t>(arguments[1].integer("height", 1, kMostDrawn));
  const auto backdrop = arguments[2].bytes("backdrop", 4 * width * height);
  const auto overlay = arguments[3].bytes("overlay", 4 * width * height);
  auto drawer = Drawer::create(width, height, backdrop, overlay);
  if (drawer == nullptr) throw std::bad_alloc();
  return make_external(env, std::make_unique<DrawerBox>(std::move(drawer)));
}

// (drawer, list, count, x, y, columns, rows, out)
napi_value draw(napi_env env, napi_callback_info info) {
  const Arguments<8> arguments(env, info);
  Drawer& drawer = *arguments[0].external<DrawerBox>("drawer").drawer;
  const auto list = arguments[1].floats("list");
  const size_t count = within(arguments[2], "count", list.size());
  const PictureArea area = area_at(arguments, 3, drawer.width(), drawer.height());
  const auto out = arguments[7].bytes("out", 4 * drawer.width() * drawer.height());
  const Result drawn = drawer.draw(list.first(count), area, out);
  if (!drawn)
    arguments[1].refuse("list", "steps of drawer.h, not what is at " + std::to_string(drawn.count));
  return nullptr;
}

}  // namespace

napi_value make_video_calls(napi_env env) {
  return make_functions(env, {{"toYuv420", guarded<to_yuv420>},
                              {"makeDrawer", guarded<make_drawer>},
                              {"draw", guarded<draw>}});
}

}  // namespace facewire
