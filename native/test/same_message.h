#pragma once

#include <algorithm>
#include <cstring>

#include "facewire/message.h"

// True when two readings of one frame agree on everything, features bit for
// bit. For tests and fuzzers that compare the ways of reading.
inline bool same_reading(const facewire::Result& a_result, const facewire::Message& a,
                         const facewire::Result& b_result, const facewire::Message& b) {
  const auto same_range = [](facewire::ByteRange x, facewire::ByteRange y) {
    return x.begin == y.begin && x.end == y.end;
  };
  return a_result.error == b_result.error && a_result.count == b_result.count && a.kind == b.kind &&
         a.warnings == b.warnings && a.header_code == b.header_code &&
         a.payload_error_code == b.payload_error_code && same_range(a.request_id, b.request_id) &&
         same_range(a.header_message, b.header_message) &&
         same_range(a.error_message, b.error_message) && std::ranges::equal(a.pcm, b.pcm) &&
         a.features.size() == b.features.size() &&
         (a.features.empty() ||
          std::memcmp(a.features.data(), b.features.data(), a.features.size_bytes()) == 0) &&
         a.sample_rate == b.sample_rate && a.feature_dimension == b.feature_dimension &&
         a.family_known == b.family_known && a.clause == b.clause && a.final == b.final &&
         a.sentence_start == b.sentence_start && a.sentence_final == b.sentence_final &&
         a.features_final == b.features_final && same_range(a.phones, b.phones) &&
         same_range(a.words, b.words) && same_range(a.subtitles, b.subtitles) &&
         same_range(a.actions, b.actions) && same_range(a.expressions, b.expressions);
}
