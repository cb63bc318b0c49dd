// Who calls, as STS tells it.
#include "engine/services/sts/sts.h"

#include <gtest/gtest.h>

namespace engine::sts {
namespace {

TEST(GetCallerIdentity, TellsTheAccountAndPrincipalOfTheCall) {
  http::Request request;
  Call call{request, "request"};
  call.account = "123456789012";
  call.principal_arn = "arn:aws:iam::123456789012:root";
  auto output = get_caller_identity(call, {});
  EXPECT_EQ(output.Account, "123456789012");
  EXPECT_EQ(output.Arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(output.UserId, "123456789012");
  call.principal_arn = "arn:aws:iam::123456789012:user/brewer";
  EXPECT_EQ(get_caller_identity(call, {}).UserId, "brewer");
}

}  // namespace
}  // namespace engine::sts
