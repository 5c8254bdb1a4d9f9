#include "session_options.h"

#include <algorithm>

namespace facewire {
namespace {

constexpr uint32_t kMostOrders = 16;

std::vector<std::string> read_order(const Value& given, const char* option) {
  const uint32_t count = given.array_length(option);
  if (count < 1 || count > kWeightCount) {
    throw Refusal{"ERR_OPTION_INVALID", std::string(option) + " has a wrong length",
                  "1 to 52 names", std::to_string(count)};
  }
  std::vector<std::string> order;
  for (uint32_t i = 0; i < count; ++i) {
    std::string name = given.element(i).string(option, 64);
    if (column_of(name) == kWeightCount ||
        std::find(order.begin(), order.end(), name) != order.end()) {
      throw Refusal{"ERR_OPTION_INVALID",
                    std::string(option) + " has a name that is unknown or stands twice",
                    "names of ARKit blend shapes, each once", name};
    }
    order.push_back(std::move(name));
  }
  return order;
}

}  // namespace

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

  options.feature_order = read_order(given.property("featureOrder"), "featureOrder");
  const Value known = given.property("knownOrders");
  const uint32_t count = known.is_undefined() ? 0 : known.array_length("knownOrders");
  for (uint32_t i = 0; i < std::min(count, kMostOrders); ++i)
    options.known_orders.push_back(read_order(known.element(i), "knownOrders"));
  return options;
}

}  // namespace facewire
