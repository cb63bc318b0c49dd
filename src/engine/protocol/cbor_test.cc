#include "engine/protocol/cbor.h"

#include "engine/models/cloudwatch.h"
#include "engine/models/kinesis.h"
#include "engine/protocol/codec.h"
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

#include <cmath>

namespace engine {
namespace {

namespace cw = cloudwatch::api;

/// Bytes as RFC 8949 writes them: "0x83010203".
std::string bytes(std::string_view hex) { return *base::from_hex(hex.substr(2)); }

std::string text(std::string_view value) {
  std::string out;
  write_cbor_text(value, out);
  return out;
}

/// {member: value}
std::string map_of(std::string_view member, std::string_view value) {
  return "\xa1" + text(member) + std::string(value);
}

template <class T>
T read(std::string_view cbor, CborTime time = CborTime::kSeconds) {
  T value;
  Violations violations;
  read_cbor(shape_of<T>(), cbor, &value, violations, time);
  return value;
}

template <class T>
std::string written(const T& value, CborTime time = CborTime::kSeconds) {
  std::string out;
  write_cbor(shape_of<T>(), &value, out, time);
  return out;
}

double number(std::string_view hex) {
  return read<cw::PutMetricAlarmInput>(map_of("Threshold", bytes(hex))).Threshold.value();
}
std::int64_t integer(std::string_view hex) {
  return read<cw::PutMetricAlarmInput>(map_of("Period", bytes(hex))).Period.value();
}
std::string string(std::string_view hex) {
  return read<cw::PutMetricAlarmInput>(map_of("AlarmDescription", bytes(hex))).AlarmDescription.value();
}
std::vector<std::string> strings(std::string_view hex) {
  return read<cw::PutMetricAlarmInput>(map_of("OKActions", bytes(hex))).OKActions.value();
}

/// True when a map that holds this value under a name nobody knows is read, and the value passed over.
bool is_skipped(std::string_view hex) {
  return read<cw::PutMetricAlarmInput>("\xa2" + text("Unknown") + bytes(hex) + text("AlarmName") + text("a")).AlarmName ==
         "a";
}

// The examples of RFC 8949, appendix A.

TEST(Cbor, ReadsTheIntegersOfTheRfc) {
  EXPECT_EQ(integer("0x00"), 0);
  EXPECT_EQ(integer("0x17"), 23);
  EXPECT_EQ(integer("0x1818"), 24);
  EXPECT_EQ(integer("0x1903e8"), 1000);
  EXPECT_EQ(integer("0x1a000f4240"), 1000000);
  EXPECT_EQ(integer("0x1b000000e8d4a51000"), 1000000000000);
  EXPECT_EQ(integer("0x20"), -1);
  EXPECT_EQ(integer("0x3863"), -100);
  EXPECT_EQ(integer("0x3903e7"), -1000);
}

TEST(Cbor, RefusesIntegersThatDoNotFit) {
  EXPECT_THROW(integer("0x1bffffffffffffffff"), CborError);
  EXPECT_THROW(integer("0x3bffffffffffffffff"), CborError);
  EXPECT_THROW(integer("0xc249010000000000000000"), CborError);
  EXPECT_EQ(number("0x1bffffffffffffffff"), 18446744073709551615.0);
}

TEST(Cbor, ReadsTheFloatsOfTheRfc) {
  EXPECT_EQ(number("0xf90000"), 0.0);
  EXPECT_TRUE(std::signbit(number("0xf98000")));
  EXPECT_EQ(number("0xf93c00"), 1.0);
  EXPECT_EQ(number("0xfb3ff199999999999a"), 1.1);
  EXPECT_EQ(number("0xf93e00"), 1.5);
  EXPECT_EQ(number("0xf97bff"), 65504.0);
  EXPECT_EQ(number("0xfa47c35000"), 100000.0);
  EXPECT_EQ(number("0xfa7f7fffff"), 3.4028234663852886e+38);
  EXPECT_EQ(number("0xfb7e37e43c8800759c"), 1.0e+300);
  EXPECT_EQ(number("0xf90001"), 5.960464477539063e-8);
  EXPECT_EQ(number("0xf90400"), 0.00006103515625);
  EXPECT_EQ(number("0xf9c400"), -4.0);
  EXPECT_EQ(number("0xfbc010666666666666"), -4.1);
  EXPECT_EQ(number("0xf97c00"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(number("0xfaff800000"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(number("0xf97e00")));
  EXPECT_TRUE(std::isnan(number("0xfb7ff8000000000000")));
}

TEST(Cbor, ReadsTheTextOfTheRfcWholeAndInPieces) {
  EXPECT_EQ(string("0x60"), "");
  EXPECT_EQ(string("0x6449455446"), "IETF");
  EXPECT_EQ(string("0x62225c"), "\"\\");
  EXPECT_EQ(string("0x62c3bc"), "ü");
  EXPECT_EQ(string("0x63e6b0b4"), "水");
  EXPECT_EQ(string("0x64f0908591"), "𐅑");
  EXPECT_EQ(string("0x7f657374726561646d696e67ff"), "streaming");
}

TEST(Cbor, ReadsArraysOfDefiniteAndIndefiniteLength) {
  EXPECT_TRUE(strings("0x80").empty());
  EXPECT_TRUE(strings("0x9fff").empty());
  EXPECT_EQ(strings("0x8261616162"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(strings("0x9f61616162ff"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(strings("0x836161f66162"), (std::vector<std::string>{"a", "b"}));
}

TEST(Cbor, ReadsBlobsAndMapsOfIndefiniteLength) {
  const std::string record = "\xbf" + text("StreamName") + text("s") + text("Data") + bytes("0x5f42010243030405ff") +
                             text("PartitionKey") + text("k") + "\xff";
  const auto input = read<kinesis::api::PutRecordInput>(record);
  EXPECT_EQ(input.Data, bytes("0x0102030405"));
  EXPECT_EQ(input.PartitionKey, "k");
}

TEST(Cbor, PassesOverWhatItDoesNotKnow) {
  for (const char* value :
       {"0x00", "0xf4", "0xf7", "0xf0", "0xf8ff", "0xc074323031332d30332d32315432303a30343a30305a", "0xc11a514b67b0",
        "0xd74401020304", "0xd818456449455446", "0xc249010000000000000000", "0x8301820203820405", "0xa26161016162820203",
        "0x9f018202039f0405ffff", "0xbf61610161629f0203ffff", "0xbf6346756ef563416d7421ff", "0x5f42010243030405ff",
        "0xa201020304"}) {
    EXPECT_TRUE(is_skipped(value)) << value;
  }
}

TEST(Cbor, ReadsTimesByTheirTag) {
  const auto start = [](std::string_view hex, CborTime time) {
    return read<cw::GetMetricStatisticsInput>(map_of("StartTime", bytes(hex)), time).StartTime.time_since_epoch().count();
  };
  EXPECT_EQ(start("0xc11a514b67b0", CborTime::kSeconds), 1363896240000);
  EXPECT_EQ(start("0xc1fb41d452d9ec200000", CborTime::kSeconds), 1363896240500);
  EXPECT_EQ(start("0xc11b0000013d8e8dbc00", CborTime::kMilliseconds), 0x13d8e8dbc00);
  EXPECT_THROW(start("0xc0623230", CborTime::kSeconds), CborError);
  EXPECT_THROW(start("0xc1fb7e37e43c8800759c", CborTime::kSeconds), CborError);
  EXPECT_THROW(start("0xc1f97e00", CborTime::kSeconds), CborError);
}

TEST(Cbor, RefusesEveryTruncation) {
  cw::PutMetricDataInput input{.Namespace = "N"};
  input.MetricData = {{.MetricName = "M", .Timestamp = Timestamp{base::Milliseconds(1500)}, .Value = 1.5}};
  const std::string whole = written(input);
  EXPECT_NO_THROW(read<cw::PutMetricDataInput>(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(read<cw::PutMetricDataInput>(std::string_view(whole).substr(0, size)), CborError) << size;
  }
}

TEST(Cbor, ReadsOrRefusesWhateverByteIsChanged) {
  cw::PutMetricDataInput input{.Namespace = "N"};
  input.MetricData = {{.MetricName = "M", .Dimensions = {{{"d", "v"}}}, .Value = 1.5, .Values = {{1.0, 2.0}}}};
  const std::string whole = written(input);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      try {
        read<cw::PutMetricDataInput>(changed);
      } catch (const CborError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Cbor, RefusesWhatIsNotWellFormed) {
  for (const char* value : {
           "0x1c", "0x1d", "0x1e", "0x1f",        // reserved, and an integer of no length
           "0xdf00", "0xf818", "0xff",            // a tag of no length, a long simple value, a break
           "0x5f6161ff", "0x7f4161ff",            // pieces of another kind
           "0x5f5f4101ffff", "0xbf6161ff",        // pieces in pieces, a key without a value
           "0x9b7fffffffffffffff", "0xbbffffffffffffffff", "0x7b7fffffffffffffff",  // lengths nobody can hold
       }) {
    EXPECT_THROW(is_skipped(value), CborError) << value;
  }
  EXPECT_THROW(string("0x62c328"), CborError);  // not UTF-8
  EXPECT_THROW(read<cw::PutMetricAlarmInput>("\x80"), CborError);
  EXPECT_THROW(read<cw::PutMetricAlarmInput>("\xa0\xa0"), CborError);
  EXPECT_THROW(read<cw::PutMetricAlarmInput>(bytes("0xa10102")), CborError);  // a key that is no text
}

TEST(Cbor, RefusesWhatIsNestedTooDeeply) {
  const auto nested = [](char open, int depth) { return "0x" + base::to_hex(std::string(depth, open)) + "00"; };
  EXPECT_TRUE(is_skipped(nested('\x81', 60)));
  EXPECT_THROW(is_skipped(nested('\x81', 100'000)), CborError);
  EXPECT_THROW(is_skipped(nested('\xc1', 100'000)), CborError);
  EXPECT_THROW(is_skipped("0x" + base::to_hex(std::string(100'000, '\x9f'))), CborError);
}

TEST(Cbor, NamesTheTypesThatDoNotMatch) {
  const auto sentence = [](std::string_view member, std::string_view value) -> std::string {
    try {
      read<cw::PutMetricAlarmInput>(map_of(member, value));
      return {};
    } catch (const CborError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(sentence("Period", text("60")), "a text string cannot be converted to Integer");
  EXPECT_EQ(sentence("AlarmName", bytes("0x01")), "an integer cannot be converted to String");
  EXPECT_EQ(sentence("Dimensions", bytes("0xa0")), "a map cannot be converted to List");
  EXPECT_EQ(sentence("ActionsEnabled", bytes("0x01")), "an integer cannot be converted to Boolean");
}

TEST(Cbor, TellsWhatIsMissingByItsPath) {
  cw::PutMetricAlarmInput input;
  Violations violations;
  read_cbor(shape_of<cw::PutMetricAlarmInput>(), map_of("Tags", bytes("0x81a1634b65796161")), &input, violations);
  EXPECT_EQ(violations.message(),
            "2 validation errors detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must "
            "not be null; Value null at 'alarmName' failed to satisfy constraint: Member must not be null");
}

TEST(Cbor, WritesShortHeadsAndDefiniteLengths) {
  EXPECT_EQ(written(cw::Tag{"Key", "v"}), bytes("0xa2634b6579634b65796556616c75656176"));
  cw::Datapoint point;
  point.Timestamp = Timestamp{base::Milliseconds(1363896240500)};
  point.Sum = 1.1;
  EXPECT_EQ(written(point), "\xa2" + text("Timestamp") + bytes("0xc1fb41d452d9ec200000") + text("Sum") +
                                bytes("0xfb3ff199999999999a"));
  EXPECT_EQ(text(std::string(23, 'a'))[0], '\x77');
  EXPECT_EQ(text(std::string(24, 'a')).substr(0, 2), "\x78\x18");
  EXPECT_EQ(text(std::string(256, 'a')).substr(0, 3), std::string("\x79\x01\x00", 3));
}

TEST(Cbor, ReadsBackWhatItWrites) {
  kinesis::api::PutRecordsInput input;
  input.StreamName = "beers";
  input.Records = {{.Data = std::string("\0\xff", 2), .PartitionKey = "a"}, {.Data = "", .PartitionKey = "ü"}};
  const auto back = read<kinesis::api::PutRecordsInput>(written(input));
  ASSERT_EQ(back.Records.size(), 2u);
  EXPECT_EQ(back.Records[0].Data, input.Records[0].Data);
  EXPECT_EQ(back.Records[1].PartitionKey, "ü");
  EXPECT_EQ(back.StreamName, "beers");
}

ServiceDefinition rpc_service() {
  static constexpr ErrorName kNames[] = {{"InvalidParameterValue", "InvalidParameterValueException"}};
  return {.name = "cloudwatch", .signing_name = "monitoring", .protocol = Protocol::kRpcV2Cbor,
          .target_prefix = "GraniteServiceVersion20100801", .query_compatible = true, .error_names = kNames,
          .operations = {{&cw::op::DescribeAlarms::model(),
                          [] { return std::static_pointer_cast<void>(std::make_shared<cw::DescribeAlarmsInput>()); }, {}},
                         {&cw::op::SetAlarmState::model(),
                          [] { return std::static_pointer_cast<void>(std::make_shared<cw::SetAlarmStateInput>()); }, {}}}};
}

TEST(RpcV2, FindsTheOperationInThePath) {
  const auto service = rpc_service();
  const auto find = [&](std::string target) { return find_route(service, {.method = "POST", .target = std::move(target)}, {}); };
  const Route route = find("/service/GraniteServiceVersion20100801/operation/DescribeAlarms");
  ASSERT_NE(route.operation, nullptr);
  EXPECT_EQ(route.operation->model->name, "DescribeAlarms");
  EXPECT_EQ(find("/service/GraniteServiceVersion20100801/operation/Nothing").operation, nullptr);
  EXPECT_EQ(find("/service/Other/operation/DescribeAlarms").operation, nullptr);
  EXPECT_EQ(find("/").operation, nullptr);
}

TEST(RpcV2, ReadsAnEmptyBodyAsAnEmptyMap) {
  const auto service = rpc_service();
  const http::Request request{.method = "POST", .target = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"};
  cw::DescribeAlarmsInput input;
  EXPECT_NO_THROW(read_input(service, find_route(service, request, {}), request, {}, &input));
  EXPECT_FALSE(input.AlarmNames);
}

TEST(RpcV2, AnswersWithCborAndItsHeaders) {
  const auto service = rpc_service();
  const http::Request request;
  const Call call{.request = request, .request_id = "r"};
  cw::DescribeAlarmsOutput output;
  output.NextToken = "n";
  const auto answer = write_output(service, service.operations[0], call, &output);
  EXPECT_EQ(answer.headers.get("smithy-protocol"), "rpc-v2-cbor");
  EXPECT_EQ(answer.headers.get("content-type"), "application/cbor");
  EXPECT_EQ(answer.body.string(), map_of("NextToken", text("n")));
  const auto nothing = write_output(service, service.operations[1], call, nullptr);
  EXPECT_TRUE(nothing.body.empty());
  EXPECT_FALSE(nothing.headers.has("content-type"));
}

TEST(RpcV2, TellsAnErrorByItsShapeAndItsOldCode) {
  const auto answer = write_error(rpc_service(), {"InvalidParameterValue", "no"}, "r");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.get("x-amzn-query-error"), "InvalidParameterValue;Sender");
  EXPECT_EQ(answer.body.string(),
            "\xa2" + text("__type") + text("InvalidParameterValueException") + text("message") + text("no"));
}

}  // namespace
}  // namespace engine
