#include "engine/protocol/json.h"

#include "engine/models/events.h"
#include "engine/models/kinesis.h"
#include "engine/models/lambda.h"
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace engine {
namespace {

using kinesis::api::GetShardIteratorInput;
using kinesis::api::PutRecordsInput;

template <class T>
T read(std::string_view text, Violations& violations) {
  T value;
  read_json(shape_of<T>(), text, &value, violations);
  return value;
}

TEST(Json, FillsStructuresListsAndBlobs) {
  Violations violations;
  const auto input = read<PutRecordsInput>(
      R"({"StreamName":"beers","Records":[{"Data":"aGk=","PartitionKey":"7"},{"Data":"","PartitionKey":"é"}]})", violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(input.StreamName, "beers");
  ASSERT_EQ(input.Records.size(), 2u);
  EXPECT_EQ(input.Records[0].Data, "hi");
  EXPECT_EQ(input.Records[1].PartitionKey, "é");
  EXPECT_FALSE(input.StreamARN.has_value());
}

TEST(Json, NamesEveryMissingMember) {
  Violations violations;
  read<PutRecordsInput>(R"({"Records":[{"Data":"aGk="}]})", violations);
  EXPECT_EQ(violations.message(),
            "1 validation error detected: Value null at 'records.1.member.partitionKey' failed to satisfy "
            "constraint: Member must not be null");
}

TEST(Json, IgnoresMembersItDoesNotKnow) {
  Violations violations;
  const auto input = read<PutRecordsInput>(R"({"New":{"a":[1,{"b":2}]},"StreamName":"x","Records":[]})", violations);
  EXPECT_EQ(input.StreamName, "x");
}

TEST(Json, TakesNullForAbsence) {
  Violations violations;
  EXPECT_FALSE(read<PutRecordsInput>(R"({"StreamName":null,"Records":[]})", violations).StreamName.has_value());
}

TEST(Json, RefusesAValueOfAnotherType) {
  Violations violations;
  EXPECT_THROW(read<PutRecordsInput>(R"({"StreamName":7,"Records":[]})", violations), JsonError);
  EXPECT_THROW(read<PutRecordsInput>(R"({"Records":{}})", violations), JsonError);
}

TEST(Json, RefusesWhatIsNotOneObject) {
  Violations violations;
  for (const char* text : {"", "[]", "{", R"({"a":1}})", R"({"a":1} x)", "nul", "{\"StreamName\":\"a"}) {
    EXPECT_THROW(read<PutRecordsInput>(text, violations), JsonError) << text;
  }
}

Blob blob_of(std::string_view text) {
  Violations violations;
  return read<PutRecordsInput>(fmt::format(R"({{"Records":[{{"Data":{},"PartitionKey":"7"}}]}})", text),
                               violations)
      .Records.at(0)
      .Data;
}

TEST(Json, ReadsABlobWithOrWithoutEscapes) {
  EXPECT_EQ(blob_of(R"("aGk=")"), "hi");
  EXPECT_EQ(blob_of("\"aGk=\" \n"), "hi");
  EXPECT_EQ(blob_of(R"("\/\/\/\/")"), "\xff\xff\xff");
  EXPECT_EQ(blob_of(R"("aGk\u003d")"), "hi");
  EXPECT_EQ(blob_of(R"("")"), "");
  const std::string large(5000, 'x');
  EXPECT_EQ(blob_of("\"" + base::to_base64(large) + "\""), large);
}

TEST(Json, RefusesABlobThatIsNoBase64OrNoText) {
  for (const char* text : {R"("a")", R"("aG k=")", R"("\\")", R"("aGk=\"")", "7", "[]", "{}", "true"}) {
    EXPECT_THROW(blob_of(text), JsonError) << text;
  }
}

TEST(Json, NeedsNoCopyOfATextWithRoomBehindIt) {
  const std::string text = R"({"StreamName":"beers","Records":[]})";
  const std::string behind = text + std::string(64, '}');
  PutRecordsInput input;
  Violations violations;
  read_json(shape_of<PutRecordsInput>(), std::string_view(behind).substr(0, text.size()), &input,
            violations, behind.size());
  EXPECT_EQ(input.StreamName, "beers");
}

TEST(Json, EscapesACharacterWhereverItStands) {
  for (const auto& [raw, escaped] : std::initializer_list<std::pair<char, std::string_view>>{
           {'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\x1f', "\\u001f"}, {'\0', "\\u0000"},
           {' ', " "}, {'\x7f', "\x7f"}, {'\xff', "\xff"}}) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a'), out, expected;
      text[at] = raw;
      write_json_string(text, out);
      expected = "\"" + std::string(at, 'a') + std::string(escaped) + std::string(19 - at, 'a') + "\"";
      EXPECT_EQ(out, expected);
    }
  }
}

TEST(Json, ReadsTimestampsAsSecondsOrText) {
  Violations violations;
  const auto seconds = read<GetShardIteratorInput>(
      R"({"StreamName":"a","ShardId":"s","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1767225600.25})", violations);
  const auto text = read<GetShardIteratorInput>(
      R"({"StreamName":"a","ShardId":"s","ShardIteratorType":"AT_TIMESTAMP","Timestamp":"2026-01-01T00:00:00.250Z"})", violations);
  EXPECT_EQ(seconds.Timestamp, text.Timestamp);
  EXPECT_NE(to_json(seconds).find("\"Timestamp\":1767225600.250"), std::string::npos);
}

TEST(Json, ComesBackAsItWasWritten) {
  PutRecordsInput input;
  input.StreamName = "quote \" back \\ line \n tab \t bell \a";
  input.Records.push_back({.Data = std::string("\0\xff", 2), .PartitionKey = "k"});
  const auto again = from_json<PutRecordsInput>(to_json(input));
  EXPECT_EQ(again.StreamName, input.StreamName);
  EXPECT_EQ(again.Records.at(0).Data, input.Records.at(0).Data);
}

TEST(Json, HasWordsForWhatIsNoNumber) {
  Violations violations;
  const auto weight = [&](const std::string& json) {
    return read<lambda::api::AliasRoutingConfiguration>("{\"AdditionalVersionWeights\":{\"1\":" + json + "}}", violations)
        .AdditionalVersionWeights->at("1");
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(weight("\"NaN\"")));
  EXPECT_EQ(weight("\"Infinity\""), kInfinity);
  EXPECT_EQ(weight("\"-Infinity\""), -kInfinity);
  EXPECT_EQ(weight("0.5"), 0.5);
  EXPECT_THROW(weight("\"0.5\""), JsonError);
  EXPECT_THROW(weight("\"nan\""), JsonError);
}

TEST(Validate, SpeaksAsAwsDoes) {
  GetShardIteratorInput input{.StreamName = "bad name!", .ShardId = "s", .ShardIteratorType = "SOMEWHERE"};
  Violations violations;
  validate(shape_of<GetShardIteratorInput>(), &input, {}, violations);
  EXPECT_EQ(violations.message(),
            "2 validation errors detected: Value 'bad name!' at 'streamName' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'SOMEWHERE' at 'shardIteratorType' "
            "failed to satisfy constraint: Member must satisfy enum value set: [AT_SEQUENCE_NUMBER, "
            "AFTER_SEQUENCE_NUMBER, TRIM_HORIZON, LATEST, AT_TIMESTAMP]");
}

TEST(Validate, SaysOfWhatIsMissingOnlyThat) {
  GetShardIteratorInput input{.StreamName = "", .ShardId = "s", .ShardIteratorType = "LATEST"};
  Violations violations;
  violations.add_missing("streamName");
  validate(shape_of<GetShardIteratorInput>(), &input, {}, violations);
  EXPECT_EQ(violations.message(),
            "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null");
}

TEST(Validate, CountsCharactersNotBytes) {
  PutRecordsInput input;
  input.StreamName = "a";
  input.Records.push_back({.Data = "", .PartitionKey = std::string(256, 'k')});
  std::string wide;
  for (int i = 0; i < 256; ++i) wide += "é";
  input.Records.push_back({.Data = "", .PartitionKey = wide});
  Violations violations;
  validate(shape_of<PutRecordsInput>(), &input, {}, violations);
  EXPECT_TRUE(violations.empty()) << violations.message();
  input.Records[0].PartitionKey += "k";
  validate(shape_of<PutRecordsInput>(), &input, {}, violations);
  EXPECT_NE(violations.message().find("'records.1.member.partitionKey' failed to satisfy constraint: Member must "
                                      "have length less than or equal to 256"), std::string::npos);
}

}  // namespace
}  // namespace engine
