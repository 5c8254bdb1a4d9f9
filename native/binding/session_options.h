#pragma once

#include "arguments.h"
#include "facewire/session.h"

namespace facewire {

// Reads NativeSessionOptions of src/media/binding.ts. Throws Refusal.
SessionOptions read_options(const Value& given);

}  // namespace facewire
