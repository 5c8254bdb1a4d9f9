#pragma once

#include <napi.h>

#include <span>

namespace rivals {

// The elements of a typed array. The callers are the benchmarks alone, so the
// type is not checked again.
template <typename Element>
std::span<Element> elements(Napi::Value value) {
  auto array = value.As<Napi::TypedArrayOf<Element>>();
  return {array.Data(), array.ElementLength()};
}

}  // namespace rivals
