#include "read_message.h"

#include <cstring>

#include "arguments.h"
#include "facewire/message.h"
#include "objects.h"

namespace facewire {

napi_value read_message(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const auto bytes = arguments[0].bytes("bytes");
  Message message;
  const Result result = read_message(bytes, bytes.size(), message);
  napi_value out;
  require_ok(napi_create_object(env, &out));
  const auto number = [&](const char* name, auto value) {
    set_property(env, out, name, make_number(env, static_cast<double>(value)));
  };
  const auto boolean = [&](const char* name, bool value) {
    napi_value made;
    require_ok(napi_get_boolean(env, value, &made));
    set_property(env, out, name, made);
  };
  const auto range = [&](const char* name, ByteRange where) {
    napi_value made;
    require_ok(napi_create_string_utf8(env,
                                       reinterpret_cast<const char*>(bytes.data()) + where.begin,
                                       where.end - where.begin, &made));
    set_property(env, out, name, made);
  };
  const auto array = [&](const char* name, napi_typedarray_type type, const auto& values) {
    const size_t size = values.size_bytes();
    void* data = nullptr;
    napi_value buffer;
    napi_value made;
    require_ok(napi_create_arraybuffer(env, size, &data, &buffer));
    if (size > 0) std::memcpy(data, values.data(), size);
    require_ok(napi_create_typedarray(env, type, values.size(), buffer, 0, &made));
    set_property(env, out, name, made);
  };
  number("error", result.error);
  number("errorPosition", result.error == Errc::ok ? 0 : result.count);
  number("kind", message.kind);
  number("warnings", message.warnings);
  number("headerCode", message.header_code);
  number("payloadErrorCode", message.payload_error_code);
  number("sampleRate", message.sample_rate);
  number("featureDimension", message.feature_dimension);
  number("clause", message.clause);
  boolean("familyKnown", message.family_known);
  boolean("final", message.final);
  boolean("sentenceStart", message.sentence_start);
  boolean("sentenceFinal", message.sentence_final);
  boolean("featuresFinal", message.features_final);
  range("requestId", message.request_id);
  range("headerMessage", message.header_message);
  range("errorMessage", message.error_message);
  range("phones", message.phones);
  range("words", message.words);
  range("subtitles", message.subtitles);
  range("actions", message.actions);
  range("expressions", message.expressions);
  array("features", napi_float32_array, message.features);
  array("pcm", napi_uint8_array, message.pcm);
  return out;
}

}  // namespace facewire
