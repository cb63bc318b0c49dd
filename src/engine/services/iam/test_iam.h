// An IAM on a catalog of its own, for tests.
#pragma once

#include "engine/services/iam/operations.h"
#include "lib/io/temporary_folder.h"

#include <gtest/gtest.h>

namespace engine::iam {

inline constexpr const char* kRootArn = "arn:aws:iam::123456789012:root";

class AccountTest : public testing::Test {
 protected:
  template <class Output, class Input>
  Output run(Output (*operation)(Iam&, Call&, const Input&), const Input& input, const std::string& as = kRootArn) {
    Call call{request_, "request"};
    call.account = context_.account;
    call.region = context_.region;
    call.principal_arn = as;
    return operation(iam_, call, input);
  }
  template <class Output, class Input>
  std::string error(Output (*operation)(Iam&, Call&, const Input&), const Input& input, const std::string& as = kRootArn) {
    try {
      run(operation, input, as);
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }
  std::string make_user(const std::string& name) {
    return run(create_user, api::CreateUserInput{.UserName = name}).User->Arn;
  }
  void allow(const std::string& user, const std::string& action, const std::string& resource = "*") {
    run(put_user_policy,
        api::PutUserPolicyInput{.UserName = user, .PolicyName = "inline",
                                .PolicyDocument = fmt::format(R"({{"Version":"2012-10-17","Statement":[)"
                                                              R"({{"Effect":"Allow","Action":"{}","Resource":"{}"}}]}})",
                                                              action, resource)});
  }
  std::string make_role(const std::string& name, const std::string& principal) {
    api::CreateRoleInput input;
    input.RoleName = name;
    input.AssumeRolePolicyDocument = fmt::format(
        R"({{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{}}}]}})", principal);
    return run(create_role, input).Role.Arn;
  }

  io::TemporaryFolder folder_;
  base::ManualClock clock_;
  base::Ids ids_{3};
  storage::Catalog catalog_{folder_.path()};
  Context context_{catalog_, clock_, ids_};
  Iam iam_{context_, "the engine's secret"};
  http::Request request_;
};

}  // namespace engine::iam
