// Who calls, and temporary keys, as STS tells them.
#include "engine/services/sts/sts.h"

#include "engine/protocol/error.h"

#include <gtest/gtest.h>

namespace engine::sts {
namespace {

constexpr const char* kRole = "arn:aws:iam::123456789012:role/beer/brewer";

class Sts : public testing::Test {
 protected:
  Sts() { as("arn:aws:iam::123456789012:root"); }
  void as(const std::string& arn) {
    call_.account = "123456789012";
    call_.principal_arn = arn;
  }
  template <class Output, class Input>
  std::string error(Output (*operation)(const Sessions&, Call&, const Input&), const Input& input) {
    try {
      operation(sessions_, call_, input);
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }

  Wanted wanted_;
  std::string caller_;
  Sessions sessions_{.make = [this](const Wanted& wanted, const std::string& caller) {
                       wanted_ = wanted;
                       caller_ = caller;
                       api::Credentials keys;
                       keys.AccessKeyId = "ASIA";
                       return keys;
                     },
                     .user_id = [](const std::string& arn) { return "id of " + arn; }};
  http::Request request_;
  Call call_{request_, "request"};
};

TEST_F(Sts, TellsTheAccountAndPrincipalOfTheCall) {
  const auto output = get_caller_identity(sessions_, call_, {});
  EXPECT_EQ(output.Account, "123456789012");
  EXPECT_EQ(output.Arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(output.UserId, "id of arn:aws:iam::123456789012:root");
}

TEST_F(Sts, ASessionOfARoleIsNamedByRoleAndSession) {
  const auto output = assume_role(sessions_, call_, {.RoleArn = kRole, .RoleSessionName = "monday"});
  EXPECT_EQ(output.Credentials->AccessKeyId, "ASIA");
  EXPECT_EQ(output.AssumedRoleUser->Arn, "arn:aws:sts::123456789012:assumed-role/brewer/monday");
  EXPECT_EQ(output.AssumedRoleUser->AssumedRoleId, "id of arn:aws:sts::123456789012:assumed-role/brewer/monday");
  EXPECT_EQ(wanted_.lifetime, std::chrono::hours(1));
  EXPECT_EQ(caller_, "arn:aws:iam::123456789012:root");
}

TEST_F(Sts, RolesThatAssumeRolesDoSoForAnHourAtMost) {
  as("arn:aws:sts::123456789012:assumed-role/other/monday");
  api::AssumeRoleInput input{.RoleArn = kRole, .RoleSessionName = "monday"};
  EXPECT_EQ(error(assume_role, input), "");
  input.DurationSeconds = 7200;
  EXPECT_EQ(error(assume_role, input), "ValidationError");
}

TEST_F(Sts, ASessionOfOneselfIsNotMadeBySessions) {
  EXPECT_EQ(get_session_token(sessions_, call_, {}).Credentials->AccessKeyId, "ASIA");
  EXPECT_EQ(wanted_.lifetime, std::chrono::hours(1));
  as("arn:aws:iam::123456789012:user/ana");
  EXPECT_EQ(error(get_session_token, api::GetSessionTokenInput{}), "");
  EXPECT_EQ(wanted_.lifetime, std::chrono::hours(12));
  as("arn:aws:sts::123456789012:assumed-role/other/monday");
  EXPECT_EQ(error(get_session_token, api::GetSessionTokenInput{}), "AccessDenied");
}

}  // namespace
}  // namespace engine::sts
