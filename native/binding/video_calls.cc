#include "video_calls.h"

#include <string>

#include "arguments.h"
#include "facewire/kernels.h"
#include "facewire/yuv_picture.h"
#include "objects.h"

namespace facewire {
namespace {

constexpr int64_t kMostPixels = 16384;

size_t even(const Value& value, const char* name) {
  const int64_t number = value.integer(name, 2, kMostPixels);
  if (number % 2 != 0) value.refuse(name, "an even number");
  return static_cast<size_t>(number);
}

size_t within(const Value& value, const char* name, size_t most) {
  return static_cast<size_t>(value.integer(name, 0, static_cast<int64_t>(most)));
}

// (rgba, width, height, x, y, columns, rows, out, table?)
napi_value to_yuv420(napi_env env, napi_callback_info info) {
  const Arguments<9> arguments(env, info);
  const size_t width = even(arguments[1], "width");
  const size_t height = even(arguments[2], "height");
  PictureArea area;
  area.x = within(arguments[3], "x", width);
  area.y = within(arguments[4], "y", height);
  area.width = within(arguments[5], "columns", width - area.x);
  area.height = within(arguments[6], "rows", height - area.y);
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

}  // namespace

napi_value make_video_calls(napi_env env) {
  return make_functions(env, {{"toYuv420", guarded<to_yuv420>}});
}

}  // namespace facewire
