// The message reader: what it takes and what it forgives.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "count_allocations.h"
#include "message_reading.h"

using facewire::Errc;
using facewire::Message;
using facewire::MessageKind;

TEST(reads_a_whole_speech_message) {
  const Reading r = read(R"({
    "Header": {"Code": 0, "Message": "", "RequestID": "fe0e", "SessionID": "gz1"},
    "Payload": {
      "ReqId": "0123456789abcdef0123456789abcdef", "StreamId": "s", "DriverRspType": "SPEECH",
      "ReplyRsp": {"ReplyType": "", "ReplyPro": "", "Uninterrupt": false, "SeqNo": 0},
      "SpeechRsp": {
        "Audio": "AAABAP9//3//fw==", "Sampling": 24000, "ThDim": 2,
        "ThFeat": [0, 0.25, 1e-3 , -0.5], "RealThType": "3D_standard", "ThFeatFinal": true,
        "Phn": [{"Phn": "z4", "Start": "0", "End": "1100000"}],
        "Word": [ ], "Subtitle": [{"Word": "\u5728 在", "PosStart": "0"}],
        "Action": null, "Expression": [1, {"a": [2]}],
        "SeqNo": 3, "SentenceStart": true, "SentenceFinal": false, "Final": true
      },
      "ErrorCode": 0, "ErrorMessage": "fine"
    }, "Extra": [true, false, null, {"x": -1.5e+3}]
  })");
  if (!CHECK(r.result.error == Errc::ok)) return;
  const Message& m = r.message;
  CHECK(m.kind == MessageKind::speech);
  CHECK_EQUAL(m.warnings, 0u);
  CHECK(r.text(m.request_id) == "0123456789abcdef0123456789abcdef");
  CHECK(r.text(m.error_message) == "fine");
  const std::vector<uint8_t> pcm(m.pcm.begin(), m.pcm.end());
  CHECK((pcm == std::vector<uint8_t>{0, 0, 1, 0, 255, 127, 255, 127, 255, 127}));
  const std::vector<float> features(m.features.begin(), m.features.end());
  CHECK((features == std::vector<float>{0, 0.25f, 1e-3f, -0.5f}));
  CHECK_EQUAL(m.sample_rate, 24000u);
  CHECK_EQUAL(m.feature_dimension, 2u);
  CHECK(m.family_known);
  CHECK_EQUAL(m.clause, 3);
  CHECK(m.final && m.sentence_start && !m.sentence_final && m.features_final);
  CHECK(r.text(m.phones) == R"([{"Phn": "z4", "Start": "0", "End": "1100000"}])");
  CHECK(r.text(m.words) == "[ ]");
  CHECK(r.text(m.subtitles) == R"([{"Word": "\u5728 在", "PosStart": "0"}])");
  CHECK(r.text(m.actions).empty());
  CHECK(r.text(m.expressions) == R"([1, {"a": [2]}])");
}

TEST(tells_the_kinds_apart) {
  struct Row {
    const char* text;
    MessageKind kind;
  };
  const Row rows[] = {
      {R"({})", MessageKind::other},
      {R"([])", MessageKind::other},
      {R"(null)", MessageKind::other},
      {R"( "text" )", MessageKind::other},
      {R"({"Payload":null,"Header":null})", MessageKind::other},
      {R"({"Payload":{"DriverRspType":"SPEECH"}})", MessageKind::speech},
      {R"({"Payload":{"DriverRspType":"speech"}})", MessageKind::speech},
      {R"({"payload":{"driverRspType":" S PEECH"}})", MessageKind::speech},
      {R"({"Payload":{"DriverRspType":"REPLY"}})", MessageKind::reply},
      {R"({"Payload":{"DriverRsp":"REPLY"}})", MessageKind::reply},
      {R"({"Payload":{"DriverRspType":"REPLYX"}})", MessageKind::other},
      {R"({"Payload":{"SpeechRsp":{"Final":true}}})", MessageKind::other},
      {R"({"Header":{"Code":1},"Payload":{"DriverRspType":"SPEECH"}})", MessageKind::error},
      {R"({"Header":{"Code":-101000}})", MessageKind::error},
      {R"({"Header":{"Code":"100005"}})", MessageKind::error},
      {R"({"Payload":{"DriverRspType":"REPLY","ErrorCode":110015}})", MessageKind::error},
      {R"({"Header":{"Code":5,"Message":"pong frame"}})", MessageKind::pong},
      {R"({"header":{"code":0,"message":"pong frame"}})", MessageKind::pong},
  };
  for (const Row& row : rows) {
    const Reading r = read(row.text);
    CHECK(r.result.error == Errc::ok);
    CHECK(r.message.kind == row.kind);
  }
  CHECK(read(R"({"Header":{"Code":-101000}})").message.header_code == -101000);
  CHECK(read(R"({"Payload":{"ErrorCode":7}})").message.payload_error_code == 7);
}

TEST(finds_the_request_id) {
  const char* rows[][2] = {
      {R"({"Header":{"RequestID":"c"},"Payload":{"ReplyRsp":{"UninterrId":"b"},"ReqId":"a"}})",
       "a"},
      {R"({"Header":{"RequestID":"c"},"Payload":{"ReplyRsp":{"UninterrId":"b"}}})", "b"},
      {R"({"Header":{"RequestID":"c"},"Payload":{"ReqId":null}})", "c"},
      {R"({"Header":{"requestID":"c"},"Payload":{"ReqId":""}})", "c"},
      {R"({"Payload":{"reqId":"a"}})", "a"},
      {R"({"Payload":{"REQID":"a"}})", ""},
      {R"({"P\u0061yload":{"R\u0065qId":"a"}})", "a"},
      {R"({})", ""},
  };
  for (const auto& row : rows) {
    const Reading r = read(row[0]);
    CHECK(r.result.error == Errc::ok);
    CHECK(r.text(r.message.request_id) == row[1]);
  }
}

// The damaged sample of the documents: SpeechRsp inside ReplyRsp.
TEST(takes_a_nested_speech_only_when_there_is_no_other) {
  const std::string nested = R"("ReplyRsp":{"SpeechRsp":{"SeqNo":5,"ThFeat":[5,5,5]}})";
  const std::string direct = R"("SpeechRsp":{"SeqNo":6,"ThFeat":[6]})";
  const std::string head = R"({"Payload":{"DriverRspType":"SPEECH",)";
  for (const auto& [text, clause, features] :
       {std::tuple{head + nested + "}}", 5, size_t{3}},
        std::tuple{head + nested + "," + direct + "}}", 6, size_t{1}},
        std::tuple{head + direct + "," + nested + "}}", 6, size_t{1}},
        std::tuple{head + R"("SpeechRsp":null,)" + nested + "}}", 5, size_t{3}}}) {
    const Reading r = read(text);
    CHECK(r.result.error == Errc::ok);
    CHECK_EQUAL(r.message.clause, clause);
    if (!CHECK_EQUAL(r.message.features.size(), features)) continue;
    CHECK(r.message.features[0] == static_cast<float>(clause));
  }
}

TEST(reads_other_types_with_a_warning) {
  struct Row {
    const char* fields;
    bool warns;
    bool final;
    int clause;
    uint32_t rate;
    size_t features;
  };
  const Row rows[] = {
      {R"("Final":true,"SeqNo":2,"Sampling":16000,"ThFeat":[1])", false, true, 2, 16000, 1},
      {R"("Final":null,"SeqNo":null,"Sampling":null,"ThFeat":null,"Audio":null,"Phn":null)", false,
       false, 0, 0, 0},
      {R"("Final":"true","SeqNo":2)", true, true, 2, 0, 0},
      {R"("Final":1)", true, true, 0, 0, 0},
      {R"("Final":0)", true, false, 0, 0, 0},
      {R"("Final":[1])", true, false, 0, 0, 0},
      {R"("SeqNo":"12","Sampling":"24000")", true, false, 12, 24000, 0},
      {R"("SeqNo":"12x")", true, false, 0, 0, 0},
      {R"("SeqNo":3.0,"Sampling":2.4e4)", false, false, 3, 24000, 0},
      {R"("SeqNo":1.5)", true, false, 0, 0, 0},
      {R"("SeqNo":1e300)", true, false, 0, 0, 0},
      {R"("SeqNo":4294967296)", true, false, 0, 0, 0},
      {R"("SeqNo":-3)", false, false, -3, 0, 0},
      {R"("Sampling":-1)", true, false, 0, 0, 0},
      {R"("SeqNo":{"a":1})", true, false, 0, 0, 0},
      {R"("ThFeat":{"0":1})", true, false, 0, 0, 0},
      {R"("ThFeat":"")", true, false, 0, 0, 0},
      {R"("Audio":5)", true, false, 0, 0, 0},
      {R"("Phn":"")", true, false, 0, 0, 0},
      {R"("Phn":{})", true, false, 0, 0, 0},
      {R"("Unknown":{"Deep":[[["x"]]]},"seqNo":4)", false, false, 4, 0, 0},
      {R"("Final":true,"final":false,"SeqNo":1,"SeqNo":9)", false, false, 9, 0, 0},
  };
  for (const Row& row : rows) {
    const Reading r = read(speech(row.fields));
    check::context() = row.fields;
    CHECK(r.result.error == Errc::ok);
    CHECK_EQUAL((r.message.warnings & facewire::kWarnFieldType) != 0, row.warns);
    CHECK_EQUAL(r.message.final, row.final);
    CHECK_EQUAL(r.message.clause, row.clause);
    CHECK_EQUAL(r.message.sample_rate, row.rate);
    CHECK_EQUAL(r.message.features.size(), row.features);
  }
  const Reading other = read(speech(R"("RealThType":"2D")"));
  CHECK(!other.message.family_known);
  CHECK((other.message.warnings & facewire::kWarnFeatureFamilyUnknown) != 0);
  CHECK(read(speech(R"("RealThType":"")")).message.family_known);
}

TEST(features_that_are_not_finite_numbers_become_nan) {
  const Reading r = read(speech(
      R"("ThFeat":[0.5,null,NaN,Infinity,-Infinity,1e999,-1e999,1e39,"x",[1],{},true,-0,2])"));
  if (!CHECK(r.result.error == Errc::ok)) return;
  if (!CHECK_EQUAL(r.message.features.size(), 14u)) return;
  for (size_t i = 0; i < 14; ++i) {
    const bool number = i == 0 || i >= 12;
    check::context() = "item " + std::to_string(i);
    CHECK(std::isnan(r.message.features[i]) != number);
  }
  CHECK(std::signbit(r.message.features[12]));
  CHECK((r.message.warnings & facewire::kWarnFeatureNotFinite) != 0);
  CHECK((r.message.warnings & facewire::kWarnFieldType) != 0);
}

// Math.fround(JSON.parse(text)) is the nearest double, then the nearest float.
TEST(features_round_like_javascript) {
  std::vector<std::string> texts = {
      "0.1", "0.30000001192092896", "1.00000005960464477", "1.000000059604644775390625",
      "1.0000000596046447753906250000000001", "1.1754943508222875e-38", "1e-45", "7.006492e-46",
      "7.0064923216240862e-46", "3.4028234663852886e38", "1e-400", "123456789012345678901234567890",
      "0.000000000000000000000000000000000000000000001", "-1E+2", "5e-324", "16777217",
      // Exponents of more than 19 digits, and numbers of many more.
      "1.5e00000000000000000000000000000025", "1.5e-00000000000000000000000000000025",
      "25e-00000000000000000000000000000000000000000040", "-0e99999999999999999999999999999999",
      "1e-99999999999999999999999999999999", "0." + std::string(900, '0') + "125e901",
      "125" + std::string(2000, '0') + "e-2003",
      // A hair above the tie of two floats, and the tie itself.
      "0.500000029802322387695312500" + std::string(1500, '0') + "1",
      "0.500000029802322387695312500" + std::string(1500, '0')};
  std::uniform_real_distribution<double> value(-1, 1);
  char text[64];
  for (int i = 0; i < 20000; ++i) {
    const double x = value(check::random());
    const int digits = 1 + i % 19;
    std::snprintf(text, sizeof text, i % 2 == 0 ? "%.*f" : "%.*e", digits, x);
    texts.emplace_back(text);
  }
  std::string fields = R"("ThFeat":[)";
  for (const std::string& number : texts) fields += number + (fields.size() % 3 == 0 ? ", " : ",");
  fields.pop_back();
  if (fields.back() == ',') fields.pop_back();
  const Reading r = read(speech(fields + "]"));
  if (!CHECK(r.result.error == Errc::ok)) return;
  if (!CHECK_EQUAL(r.message.features.size(), texts.size())) return;
  for (size_t i = 0; i < texts.size(); ++i) {
    const float expected = static_cast<float>(std::strtod(texts[i].c_str(), nullptr));
    check::context() = texts[i];
    if (!CHECK(std::bit_cast<uint32_t>(r.message.features[i]) ==
               std::bit_cast<uint32_t>(expected))) {
      return;
    }
  }
}

TEST(audio_may_hold_escapes) {
  const Reading r = read(speech(R"("Audio":"\/\/\/\/AA\u003d\u003D")"));
  if (!CHECK(r.result.error == Errc::ok)) return;
  const std::vector<uint8_t> pcm(r.message.pcm.begin(), r.message.pcm.end());
  CHECK((pcm == std::vector<uint8_t>{255, 255, 255, 0}));
}

TEST(a_byte_order_mark_is_skipped_and_counted) {
  const Reading r = read("\xef\xbb\xbf{\"Payload\":{\"ReqId\":\"abc\"}}");
  CHECK(r.result.error == Errc::ok);
  CHECK(r.text(r.message.request_id) == "abc");
}

TEST(reading_allocates_nothing_after_the_largest) {
  std::string features;
  for (int i = 0; i < 5000; ++i) features += i % 3 == 0 ? "0," : "0.123456789,";
  features.pop_back();
  const std::string large = speech(R"("Audio":")" + std::string(200000, 'A') + R"(","ThFeat":[)" +
                                   features + R"(],"Phn":[{"Phn":"a"}])");
  const std::string escaped = speech(R"("Audio":"\/\/\/\/")");
  const std::string broken = large.substr(0, large.size() - 3);
  std::vector<std::vector<uint8_t>> frames;
  for (const std::string& text : {large, escaped, broken})
    frames.emplace_back(text.begin(), text.end());
  Message message;
  for (const auto& frame : frames) (void)facewire::read_message(frame, kLimit, message);
  const size_t before = check::allocations;
  for (int i = 0; i < 10; ++i) {
    for (const auto& frame : frames) (void)facewire::read_message(frame, kLimit, message);
  }
  CHECK_EQUAL(check::allocations - before, 0u);
  CHECK(facewire::read_message(frames[0], kLimit, message));
  CHECK_EQUAL(message.pcm.size(), 150000u);
  CHECK_EQUAL(message.features.size(), 5000u);
}

// What was read of one message must not show in the next.
TEST(nothing_stays_from_the_message_before) {
  (void)read(speech(R"("Audio":"AAAA","ThFeat":[1],"SeqNo":7,"Final":true,"Phn":[1])"));
  const Reading r = read(speech(""));
  CHECK(r.message.kind == MessageKind::speech);
  CHECK(r.message.pcm.empty() && r.message.features.empty());
  CHECK(!r.message.final && r.message.clause == 0 && r.text(r.message.phones).empty());
}
