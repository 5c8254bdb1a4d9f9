// The message reader on broken input: which error, at which byte, and what is kept.
#include "../message/json_check.h"
#include "message_reading.h"

using facewire::Errc;
using facewire::Message;
using facewire::MessageKind;
using facewire::Result;

TEST(bad_audio_keeps_everything_else) {
  struct Row {
    const char* audio;
    size_t position;  // In the text of the string.
  };
  const Row rows[] = {{"AAA", 3},          {"AA*A", 2},        {"AA\\/*", 4},
                      {"\\u0041AA\\n", 8}, {"AAAA\\u00e9", 4}, {"\xe5\x9c\xa8", 0},
                      {"AAAAAA", 6},       {"AB==", 1},        {"\\/\\/\\/A=", 7}};
  for (const Row& row : rows) {
    const std::string text = speech(R"("SeqNo":4,"Audio":")" + std::string(row.audio) +
                                    R"(","ThFeat":[1,0.5],"Phn":[1])");
    const Reading r = read(text);
    check::context() = row.audio;
    CHECK(r.result.error == Errc::malformed_base64);
    CHECK_EQUAL(r.result.count, text.find("Audio\":\"") + 8 + row.position);
    CHECK(r.message.pcm.empty());
    CHECK(r.message.kind == MessageKind::speech);
    CHECK_EQUAL(r.message.clause, 4);
    CHECK_EQUAL(r.message.features.size(), 2u);
    CHECK(r.text(r.message.phones) == "[1]");
    CHECK(r.text(r.message.request_id) == "r");
  }
}

TEST(malformed_messages_are_refused_with_the_position) {
  struct Row {
    std::string text;
    size_t position;
    Errc error = Errc::malformed_json;
  };
  const std::string deep_open(facewire::kMaxJsonDepth + 1, '[');
  const std::string many_open(100000, '[');
  std::string many_objects;
  for (int i = 0; i < 50000; ++i) many_objects += R"({"a":)";
  const Row rows[] = {
      {"", 0},
      {"   ", 3},
      {"{", 1},
      {"}", 0},
      {"{}x", 2},
      {"{}{}", 2},
      {"{} ,", 3},
      {R"({"a")", 4},
      {R"({"a":)", 5},
      {R"({"a" 1})", 5},
      {R"({"a"::1})", 5},
      {R"({"a":1,})", 7},
      {R"({"a":1 "b":2})", 7},
      {R"({"a":1,,"b":2})", 7},
      {R"({,})", 1},
      {R"({a:1})", 1},
      {R"({1:1})", 1},
      {R"({'a':1})", 1},
      {R"({"a":1]})", 6},
      {R"({"a":[1})", 7},
      {R"({"a":[1,]})", 8},
      {R"({"a":[1 2]})", 8},
      {R"({"a":[,1]})", 6},
      {R"({"a":tru})", 5},
      {R"({"a":nulll})", 9},
      {R"({"a":True})", 5},
      {R"({"a":undefined})", 5},
      {R"({"a":01})", 6},
      {R"({"a":+1})", 5},
      {R"({"a":-})", 6},
      {R"({"a":.5})", 5},
      {R"({"a":1.})", 7},
      {R"({"a":1e})", 7},
      {R"({"a":1e+})", 8},
      {R"({"a":0x10})", 6},
      {R"({"a":1"x"})", 6},
      {R"({"a":"x"1})", 8},
      {R"({"a":"x)", 7},
      {R"({"a":"\x"})", 6},
      {R"({"a":"\u12"})", 6},
      {R"({"a":"\u12G4"})", 6},
      {R"({"a\q":1})", 3},
      {"{\"a\":\"x\ny\"}", 7},
      {std::string("{\"a\":\"x\0y\"}", 11), 7},
      {std::string("{\"a\":1}\0", 8), 7},
      {"{\"a\":1 // note\n}", 7},
      {"{\"a\":\"\xff\"}", 6, Errc::malformed_utf8},
      {"{\"a\":\"\xc0\x80\"}", 6, Errc::malformed_utf8},
      {"{\"a\":\"\xed\xa0\x80\"}", 6, Errc::malformed_utf8},
      {"{\"a\":\"\xf4\x90\x80\x80\"}", 6, Errc::malformed_utf8},
      {"{\"a\":\"\xe5\x9c\"}", 6, Errc::malformed_utf8},
      {"{\"a\":1}\x80", 7, Errc::malformed_utf8},
      {"{\"a\":\xe5\x9c\xa8}", 5},
      {deep_open, facewire::kMaxJsonDepth},
      {many_open, facewire::kMaxJsonDepth},
      {"{\"a\":" + many_open, 5 + facewire::kMaxJsonDepth - 1},
      {many_objects, 5 * facewire::kMaxJsonDepth},
      {R"({"Payload":{"SpeechRsp":{"ThFeat":[1,2,x]}}})", 39},
      {R"({"Payload":{"SpeechRsp":{"ThFeat":[1,2})", 38},
      {R"({"Payload":{"SpeechRsp":{"Audio":"AAAA)", 38},
      {R"({"Payload":{"SpeechRsp":{"Phn":[{"Phn":1,}]}}})", 41},
      {R"({"Payload":{"SpeechRsp":{"Final":truth}}})", 33},
      {R"({"Payload":{"SpeechRsp":{"SeqNo":1-2}}})", 34},
      {R"({"Header":{"Code":0,"Message":"\z"}})", 31},
  };
  for (const Row& row : rows) {
    const Reading r = read(row.text);
    CHECK(r.result.error == row.error);
    CHECK_EQUAL(r.result.count, row.position);
    CHECK(r.message.kind == MessageKind::other && r.message.pcm.empty());
  }
}

TEST(depth_up_to_the_limit_is_fine) {
  std::string text = R"({"a":)";
  for (size_t i = 1; i < facewire::kMaxJsonDepth; ++i) text += '[';
  for (size_t i = 1; i < facewire::kMaxJsonDepth; ++i) text += ']';
  CHECK(read(text + "}").result.error == Errc::ok);
}

// However well-formed, and so deep that recursion without a limit would end the process.
TEST(depth_over_the_limit_is_refused_where_it_begins) {
  for (const size_t depth : {facewire::kMaxJsonDepth, size_t{200}, size_t{2'000'000}}) {
    const std::string arrays = R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    const Reading r = read(arrays);
    CHECK(r.result.error == Errc::malformed_json);
    CHECK_EQUAL(r.result.count, 5 + facewire::kMaxJsonDepth - 1);
    std::string objects;
    for (size_t i = 0; i <= depth; ++i) objects += R"({"a":)";
    objects += "1" + std::string(depth + 1, '}');
    const Reading o = read(objects);
    CHECK(o.result.error == Errc::malformed_json);
    CHECK_EQUAL(o.result.count, 5 * facewire::kMaxJsonDepth);
  }
}

TEST(every_cut_of_a_message_is_refused_at_its_end) {
  const std::string whole = speech(
      R"("Audio":"AAAAAA==","ThFeat":[0.5,1e-2,true],"Phn":[{"Phn":"\u0061"}],"Final":true)");
  for (size_t n = 0; n < whole.size(); ++n) {
    const Reading r = read(std::string_view(whole).substr(0, n));
    check::context() = "cut at " + std::to_string(n);
    CHECK(r.result.error == Errc::malformed_json);
    // A cut word or escape is bad from its beginning, which is at most 5 bytes before.
    CHECK(r.result.count <= n && r.result.count + 5 >= n);
  }
}

TEST(a_message_over_the_limit_is_refused) {
  const std::vector<uint8_t> spaces(101, ' ');
  Message message;
  const Result result = facewire::read_message(spaces, 100, message);
  CHECK(result.error == Errc::message_too_large);
  CHECK_EQUAL(result.count, 100u);
}

// One changed byte anywhere: never a crash, and the fast way and the slow check agree.
TEST(every_single_byte_change_agrees_with_the_check) {
  const std::string whole =
      speech(R"("Audio":"AA\/A","ThFeat":[0.5,-1e-2,NaN],"Phn":[{"P\u0068n":"在"}],"Final":true)");
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char c : std::string_view("\0 \"\\{}[]:,0-.eEtnN/u\x80\xff\n", 24)) {
      std::string text = whole;
      text[at] = c;
      const Reading r = read(text);
      const bool json = r.result.error == Errc::ok || r.result.error == Errc::malformed_base64;
      const Result checked = facewire::check_json(r.bytes);
      check::context() = text;
      if (!CHECK(json == static_cast<bool>(checked))) return;
      if (!json && !CHECK_EQUAL(r.result.count, checked.count)) return;
    }
  }
}
