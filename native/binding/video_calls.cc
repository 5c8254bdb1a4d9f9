#include "video_calls.h"

#include <memory>
#include <new>
#include <string>

#include "arguments.h"
#include "facewire/compose.h"
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

const KernelTable& table_of(const Value& value) {
  if (value.is_undefined()) return kernels();
  const KernelTable* table = find_kernels(value.string("table", 32));
  if (table == nullptr) value.refuse("table", "one of availableKernels");
  return *table;
}

// (rgba, width, height, x, y, columns, rows, out, table?)
napi_value to_yuv420(napi_env env, napi_callback_info info) {
  const Arguments<9> arguments(env, info);
  const size_t width = even(arguments[1], "width");
  const size_t height = even(arguments[2], "height");
  const PictureArea area = area_at(arguments, 3, width, height);
  const auto rgba = arguments[0].bytes("rgba", 4 * width * height);
  const auto out = arguments[7].bytes("out", yuv420_bytes(width, height));
  convert_to_yuv420(table_of(arguments[8]), rgba, width, height, area, out);
  return nullptr;
}

size_t even_within(const Value& value, const char* name, size_t most) {
  const size_t number = within(value, name, most);
  if (number % 2 != 0) value.refuse(name, "an even number");
  return number;
}

RawPicture raw_picture(const Value& pixels, const Value& columns, const Value& rows) {
  RawPicture picture;
  picture.width = even(columns, "width");
  picture.height = even(rows, "height");
  picture.bytes = pixels.bytes("pixels", 4 * picture.width * picture.height);
  return picture;
}

// The target's height is that of the picture.
YuvTarget target(const RawPicture& picture, const Value& out, const Value& columns,
                 const Value& column) {
  YuvTarget target;
  target.width = even(columns, "outWidth");
  if (target.width < picture.width) columns.refuse("outWidth", "at least width");
  target.height = picture.height;
  target.column = even_within(column, "column", target.width - picture.width);
  target.bytes = out.bytes("out", yuv420_bytes(target.width, target.height));
  return target;
}

// (pixels, width, height, order, alpha, behind, out, outWidth, column, table?)
napi_value compose(napi_env env, napi_callback_info info) {
  const Arguments<10> arguments(env, info);
  RawPicture picture = raw_picture(arguments[0], arguments[1], arguments[2]);
  picture.order = static_cast<PixelOrder>(within(arguments[3], "order", 1));
  const auto alpha = static_cast<AlphaUse>(within(arguments[4], "alpha", 2));
  const size_t colour = within(arguments[5], "behind", 0xffffff);
  const Backdrop behind = {static_cast<uint8_t>(colour >> 16), static_cast<uint8_t>(colour >> 8),
                           static_cast<uint8_t>(colour)};
  const YuvTarget out = target(picture, arguments[6], arguments[7], arguments[8]);
  compose_yuv420(table_of(arguments[9]), picture, alpha, behind, out);
  return nullptr;
}

// (pixels, width, height, out, outWidth, column)
napi_value key(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const RawPicture picture = raw_picture(arguments[0], arguments[1], arguments[2]);
  key_yuv420(picture, target(picture, arguments[3], arguments[4], arguments[5]));
  return nullptr;
}

// (nv12, width, height, out)
napi_value from_nv12(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const size_t width = even(arguments[1], "width");
  const size_t height = even(arguments[2], "height");
  const size_t size = yuv420_bytes(width, height);
  nv12_to_yuv420(arguments[0].bytes("nv12", size), width, height, arguments[3].bytes("out", size));
  return nullptr;
}

// (rgba, width, height, out)
napi_value overlay(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const RawPicture picture = raw_picture(arguments[0], arguments[1], arguments[2]);
  const auto out = arguments[3].bytes("out", overlay_bytes(picture.width, picture.height));
  make_overlay(picture.bytes, picture.width, picture.height, out);
  return nullptr;
}

// (overlay, width, height, out, outWidth, outHeight, x, y, key)
napi_value put(napi_env env, napi_callback_info info) {
  const Arguments<9> arguments(env, info);
  const size_t width = even(arguments[1], "width");
  const size_t height = even(arguments[2], "height");
  YuvTarget out;
  out.width = even(arguments[4], "outWidth");
  out.height = even(arguments[5], "outHeight");
  if (out.width < width) arguments[4].refuse("outWidth", "at least width");
  if (out.height < height) arguments[5].refuse("outHeight", "at least height");
  out.column = even_within(arguments[6], "x", out.width - width);
  const size_t row = even_within(arguments[7], "y", out.height - height);
  out.bytes = arguments[3].bytes("out", yuv420_bytes(out.width, out.height));
  put_overlay(arguments[0].bytes("overlay", overlay_bytes(width, height)), width, height, out, row,
              arguments[8].boolean("key"));
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
                              {"compose", guarded<compose>},
                              {"key", guarded<key>},
                              {"fromNv12", guarded<from_nv12>},
                              {"overlay", guarded<overlay>},
                              {"put", guarded<put>},
                              {"makeDrawer", guarded<make_drawer>},
                              {"draw", guarded<draw>}});
}

}  // namespace facewire
