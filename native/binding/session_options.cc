#include "session_options.h"

#include <algorithm>

namespace facewire {

SessionOptions read_options(const Value& given) {
  const auto integer = [&](const char* name, int64_t low, int64_t high) {
    return given.property(name).integer(name, low, high);
  };
  SessionOptions options;
  options.sample_rate = static_cast<uint32_t>(integer("sampleRate", 8000, 48000));
  options.feature_hop_ticks = static_cast<uint32_t>(integer("featureHopTicks", 50'000, 10'000'000));
  options.mouth_lead_ticks = integer("mouthLeadTicks", -5'000'000, 5'000'000);
  options.max_buffered_seconds =
      given.property("maxBufferedSeconds").number("maxBufferedSeconds", 1, 3600);
  options.max_message_bytes = static_cast<size_t>(integer("maxMessageBytes", 1024, 1 << 30));
  options.idle_seed = integer("idleSeed", -1, kMaxSafeInteger);

  const Value policy = given.property("sourcePolicy");
  if (!policy.is_undefined()) {
    constexpr auto kLast = static_cast<int64_t>(SourcePolicy::phones);
    options.source_policy = static_cast<SourcePolicy>(policy.integer("sourcePolicy", 0, kLast));
  }
  const auto boolean = [&](const char* name, bool& to) {
    const Value value = given.property(name);
    if (!value.is_undefined()) to = value.boolean(name);
  };
  boolean("closureOverlay", options.closure_overlay);
  boolean("constraints", options.constraints);

  const Value order = given.property("featureOrder");
  const uint32_t count = order.array_length("featureOrder");
  if (count < 1 || count > kWeightCount) {
    throw Refusal{"ERR_OPTION_INVALID", "featureOrder has a wrong length", "1 to 52 names",
                  std::to_string(count)};
  }
  for (uint32_t i = 0; i < count; ++i) {
    std::string name = order.element(i).string("featureOrder", 64);
    const auto& seen = options.feature_order;
    if (column_of(name) == kWeightCount ||
        std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw Refusal{"ERR_OPTION_INVALID", "featureOrder has a name that is unknown or stands twice",
                    "names of ARKit blend shapes, each once", name};
    }
    options.feature_order.push_back(std::move(name));
  }
  return options;
}

}  // namespace facewire
