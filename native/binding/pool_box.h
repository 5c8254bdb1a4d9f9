#pragma once

#include <vector>

#include "external.h"
#include "facewire/pool.h"

namespace facewire {

struct SessionBox;

// What a NativePool of src/media/binding.ts stands for. Pool and sessions go
// in any order: each tells the other.
struct PoolBox : External {
  static constexpr ExternalKind kKind = ExternalKind::pool;

  PoolBox() noexcept : External{kKind} {}
  ~PoolBox();
  PoolBox(const PoolBox&) = delete;
  PoolBox& operator=(const PoolBox&) = delete;

  size_t add(SessionBox& box);
  void remove(SessionBox& box) noexcept;

  SessionPool pool;
  std::vector<SessionBox*> members;  // By row; null where a row is free.
};

}  // namespace facewire
