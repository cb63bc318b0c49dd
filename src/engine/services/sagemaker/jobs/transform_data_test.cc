// How a batch transform cuts, filters, joins and assembles.
#include "engine/services/sagemaker/jobs/transform_data.h"

#include "engine/services/sagemaker/jobs/data.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::string selected(std::string_view path, std::string_view value) {
  const auto found = JsonPath(path).value(json::parse(value));
  return found ? json::serialize(*found) : "(nothing)";
}

TEST(JsonPath, SelectsMembersIndicesAndSlices) {
  EXPECT_EQ(selected("$", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(selected("$.a.b", R"({"a":{"b":[1,2]}})"), "[1,2]");
  EXPECT_EQ(selected("$['a b']", R"({"a b":1})"), "1");
  EXPECT_EQ(selected("$['b','a']", R"({"a":1,"b":2})"), "[2,1]");
  EXPECT_EQ(selected("$[0]", "[7,8,9]"), "7");
  EXPECT_EQ(selected("$[-1]", "[7,8,9]"), "9");
  EXPECT_EQ(selected("$[0,-1]", "[7,8,9]"), "[7,9]");
  EXPECT_EQ(selected("$[1:]", "[7,8,9]"), "[8,9]");
  EXPECT_EQ(selected("$[:-1]", "[7,8,9]"), "[7,8]");
  EXPECT_EQ(selected("$.a[*].b", R"({"a":[{"b":1},{"b":2}]})"), "[1,2]");
  EXPECT_EQ(selected("$.none", R"({"a":1})"), "(nothing)");
  EXPECT_EQ(selected("$[5:9]", "[1]"), "[]");
}

TEST(JsonPath, RefusesWhatItIsNot) {
  for (const char* text : {"", "a", "$.", "$..a", "$[", "$[a]", "$['a'", "$[1:2:3]", "$[?(@.a)]"}) {
    EXPECT_THROW(JsonPath{text}, std::invalid_argument) << text;
  }
}

std::vector<std::string> cut(const std::string& bytes, const std::string& type,
                             std::uint64_t longest = 1 << 20) {
  const http::Body body{std::string(bytes)};
  RecordReader reader(body, type, longest);
  std::vector<std::string> records;
  while (auto record = reader.next()) records.push_back(*record);
  return records;
}

TEST(RecordReader, CutsLinesAndKeepsTheirEnds) {
  EXPECT_THAT(cut("a\nbc\r\n\nd", "Line"), ElementsAre("a\n", "bc\r\n", "\n", "d"));
  EXPECT_THAT(cut("", "Line"), ElementsAre());
  EXPECT_THAT(cut("a\nb\n", "None"), ElementsAre("a\nb\n"));
}

TEST(RecordReader, CutsFramedRecords) {
  const std::string record_io = std::string("\x0a\x23\xd7\xce\x05\0\0\0hello\0\0\0", 16);
  EXPECT_THAT(cut(record_io + record_io, "RecordIO"), ElementsAre(record_io, record_io));
  const std::string tf = std::string("\x02\0\0\0\0\0\0\0crc_hicrc_", 18);
  EXPECT_THAT(cut(tf + tf, "TFRecord"), ElementsAre(tf, tf));
  EXPECT_THROW(cut("neither of both", "RecordIO"), ClientError);
  EXPECT_THROW(cut(record_io.substr(0, 12), "RecordIO"), ClientError);
  EXPECT_THROW(cut(tf.substr(0, 17), "TFRecord"), ClientError);
}

TEST(RecordReader, RefusesARecordThatIsTooLong) {
  for (const char* type : {"Line", "None"}) {
    try {
      cut("a beer of many words", type, 8);
      FAIL() << type;
    } catch (const ClientError& error) {
      EXPECT_STREQ(error.what(), "Too much data for max payload size");
    }
  }
}

std::vector<std::string> batches(const TransformRules& rules, const std::string& bytes) {
  const http::Body body{std::string(bytes)};
  RecordReader records(body, rules.split ? "Line" : "None", rules.max_payload_bytes);
  BatchReader reader(records, rules);
  std::vector<std::string> payloads;
  while (auto batch = reader.next()) payloads.push_back(batch->payload);
  return payloads;
}

TEST(BatchReader, FillsRequestsUpToTheirSizeOrWithOneRecord) {
  TransformRules rules{.max_payload_bytes = 4, .split = true};
  EXPECT_THAT(batches(rules, "a\nb\nc\n"), ElementsAre("a\nb\n", "c\n"));
  rules.single_record = true;
  EXPECT_THAT(batches(rules, "a\n\nb\n"), ElementsAre("a\n", "b\n"));
}

TEST(BatchReader, SendsWhatTheInputFilterLeaves) {
  TransformRules rules{
      .content_type = "text/csv", .split = true, .input_filter = JsonPath("$[1:]")};
  EXPECT_THAT(batches(rules, "id,1,\"x,y\"\nid2,3,4\n"), ElementsAre("1,\"x,y\"\n3,4\n"));
  rules.content_type = "application/jsonlines";
  rules.input_filter = JsonPath("$.features");
  EXPECT_THAT(batches(rules, "{\"id\":1,\"features\":[1,2]}\n"), ElementsAre("[1,2]\n"));
  rules.input_filter = JsonPath("$.none");
  EXPECT_THROW(batches(rules, "{}\n"), ClientError);
}

TEST(Assembled, AddsALineEndWhereItIsAskedForAndMissing) {
  const Batch batch{{"a\n"}, "a\n"};
  EXPECT_EQ(assembled({}, batch, "1", ""), "1");
  EXPECT_EQ(assembled({.lines = true}, batch, "1", ""), "1\n");
  EXPECT_EQ(assembled({.lines = true}, batch, "1\n", ""), "1\n");
}

TEST(Assembled, JoinsRowsWithTheirAnswers) {
  TransformRules rules{.content_type = "text/csv",
                       .accept = "text/csv",
                       .lines = true,
                       .split = true,
                       .input_filter = JsonPath("$[1:]"),
                       .join = true};
  const Batch batch{{"id1,5\n", "id2,6\n"}, "5\n6\n"};
  EXPECT_EQ(assembled(rules, batch, "0.5\n0.6\n", "text/csv"), "id1,5,0.5\nid2,6,0.6\n");
  rules.output_filter = JsonPath("$[0,-1]");
  EXPECT_EQ(assembled(rules, batch, "0.5\n0.6", "text/csv"), "id1,0.5\nid2,0.6\n");
  EXPECT_THROW(assembled(rules, batch, "0.5", "text/csv"), ClientError);
}

TEST(Assembled, JoinsObjectsUnderTheNamesThatAwsGives) {
  TransformRules rules{
      .content_type = "application/jsonlines", .lines = true, .split = true, .join = true};
  const Batch batch{{"{\"id\":1}\n", "[2]\n"}, ""};
  EXPECT_EQ(assembled(rules, batch, "{\"ibu\":40}\n{\"ibu\":50}\n", "application/jsonlines"),
            "{\"id\":1,\"SageMakerOutput\":{\"ibu\":40}}\n"
            "{\"SageMakerInput\":[2],\"SageMakerOutput\":{\"ibu\":50}}\n");
  rules.output_filter = JsonPath("$.SageMakerOutput.ibu");
  EXPECT_EQ(assembled(rules, batch, "{\"ibu\":40}\n{\"ibu\":50}\n", "application/jsonlines"),
            "40\n50\n");
  EXPECT_THROW(assembled(rules, batch, "1\n2\n", "text/csv"), ClientError);
}

}  // namespace
}  // namespace engine::sagemaker
