#include "pool_box.h"

#include "session_box.h"

namespace facewire {

PoolBox::~PoolBox() {
  for (SessionBox* box : members) {
    if (box != nullptr) box->pool = nullptr;
  }
}

size_t PoolBox::add(SessionBox& box) {
  // Room first: without memory the session is in no pool.
  members.resize(pool.rows() + 1);
  const size_t row = pool.add(*box.session);
  members[row] = &box;
  box.pool = this;
  box.row = row;
  return row;
}

void PoolBox::remove(SessionBox& box) noexcept {
  pool.remove(box.row);
  members[box.row] = nullptr;
  box.pool = nullptr;
}

}  // namespace facewire
