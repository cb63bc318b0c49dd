// Deliveries in their roles: what they ask for, and what becomes of what is refused.
#include "engine/services/firehose/test_engine.h"
#include "engine/services/logs/operations.h"
#include "engine/services/test_authority.h"

namespace engine::firehose {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InRoles : public FirehoseTest {
 protected:
  InRoles() { context->authority = &authority_; }
  ~InRoles() override { firehose.reset(); }

  /// One round, which may fail.
  std::string round(const std::string& name) {
    return code_of([&] { deliver(name); });
  }
  TestAuthority authority_;
};

TEST_F(InRoles, AskForTheStreamTheFunctionAndTheObject) {
  create(with_function(from_kinesis("raw")));
  put("beer");
  deliver("raw");
  const std::string stream = " on arn:aws:kinesis:us-east-1:123456789012:stream/beers";
  std::set<std::string> asked = authority_.asked();
  EXPECT_EQ(asked.erase("kinesis:DescribeStream" + stream) + asked.erase("kinesis:GetShardIterator" + stream) +
                asked.erase("kinesis:GetRecords" + stream) + asked.erase("lambda:InvokeFunction on " + kFunction), 4u);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_THAT(*asked.begin(), testing::StartsWith("s3:PutObject on arn:aws:s3:::lake/good/"));
}

TEST_F(InRoles, KeepTheRecordsThatMayNotBeWritten) {
  create(from_kinesis("raw"));
  authority_.refuse("s3:PutObject");
  put("beer");
  EXPECT_EQ(round("raw"), "AccessDenied");
  EXPECT_THAT(objects(), IsEmpty());
  authority_.allow("s3:PutObject");
  EXPECT_EQ(round("raw"), "");
  EXPECT_EQ(only_object("good/"), "beer");
}

TEST_F(InRoles, ReadNothingFromAStreamTheyMayNot) {
  create(from_kinesis("raw"));
  authority_.refuse("kinesis:GetRecords");
  put("beer");
  EXPECT_EQ(round("raw"), "AccessDenied");
  EXPECT_EQ(firehose->pending("raw"), 1u);
  authority_.allow("kinesis:GetRecords");
  EXPECT_EQ(round("raw"), "");
  EXPECT_EQ(only_object("good/"), "beer");
}

TEST_F(InRoles, FailRecordsWhoseFunctionTheyMayNotCall) {
  auto input = with_function(from_kinesis("raw"));
  input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors->front().Parameters->push_back(
      {"NumberOfRetries", "0"});
  create(input);
  authority_.refuse("lambda:InvokeFunction");
  put("beer");
  deliver("raw");
  const auto envelope = lines(only_object("bad/")).at(0);
  EXPECT_EQ(envelope.at("errorCode").as_string(), "Lambda.InvokeAccessDenied");
  EXPECT_THAT(std::string(envelope.at("errorMessage").as_string()), HasSubstr("lambda:InvokeFunction is refused"));
  EXPECT_EQ(raw(envelope), "beer");
}

}  // namespace
}  // namespace engine::firehose
