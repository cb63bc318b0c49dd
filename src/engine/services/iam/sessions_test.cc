// Temporary keys: who gets them, and how long they are good.
#include "engine/services/iam/sessions.h"

#include "engine/services/iam/test_iam.h"

namespace engine::iam {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAccount = R"({"AWS":"arn:aws:iam::123456789012:root"})";
const Timestamp kNow{1'700'000'000s};

class Sessions : public AccountTest {
 protected:
  std::string assume(const std::string& role, const std::string& caller, std::string external_id = {}) {
    try {
      session_ = assume_role(iam_, {.role_arn = role, .session_name = "monday", .external_id = std::move(external_id)}, caller);
      return {};
    } catch (const AwsError& error) {
      return error.what();
    }
  }
  Session session_;
};

TEST_F(Sessions, ATokenIsGoodWithItsKeyUntilItsEnd) {
  const Session session = make_session(iam_, {.arn = "arn:x", .policy = "{}", .lifetime = 900s}, kNow);
  EXPECT_TRUE(session.access_key_id.starts_with("ASIA"));
  EXPECT_EQ(session.secret.size(), 40U);
  EXPECT_EQ(session.expires, kNow + 900s);
  const auto open = open_session(iam_, session.access_key_id, session.token, kNow + 100s);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->arn, "arn:x");
  EXPECT_EQ(open->policy, "{}");
  EXPECT_EQ(open->lifetime, 800s);
  EXPECT_EQ(open_session(iam_, session.access_key_id, session.token, kNow + 901s)->lifetime, 0s);
  EXPECT_EQ(session_key_secret(iam_, session.access_key_id), session.secret);
}

TEST_F(Sessions, ATokenOfAnotherKeyOrEngineOrChangedIsNone) {
  const Session session = make_session(iam_, {.arn = "arn:x"}, kNow);
  EXPECT_FALSE(open_session(iam_, "ASIAOTHER", session.token, kNow));
  EXPECT_FALSE(open_session(iam_, session.access_key_id, "", kNow));
  for (std::size_t i = 0; i < session.token.size(); ++i) {
    std::string changed = session.token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_session(iam_, session.access_key_id, changed, kNow)) << i;
  }
  // Other spellings of the same bytes.
  const auto dot = session.token.find('.');
  for (const std::string more : {"=", "==", "\n", "A"}) {
    EXPECT_FALSE(open_session(iam_, session.access_key_id, std::string(session.token).insert(dot, more), kNow)) << more;
  }
  const Iam other(context_, "another secret");
  EXPECT_FALSE(open_session(other, session.access_key_id, session.token, kNow));
}

TEST_F(Sessions, ARoleIsAssumedByWhomItTrusts) {
  const auto ana = make_user("ana"), bea = make_user("bea");
  const auto role = make_role("brewer", fmt::format(R"({{"AWS":"{}"}})", ana));
  EXPECT_EQ(assume(role, ana), "");
  const auto who = iam_.identity(session_.access_key_id, session_.token);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->arn, "arn:aws:sts::123456789012:assumed-role/brewer/monday");
  EXPECT_EQ(who->kind, Identity::Kind::kRole);
  EXPECT_EQ(who->name, "brewer");
  EXPECT_EQ(assume(role, bea), "User: " + bea + " is not authorized to perform: sts:AssumeRole on resource: " + role);
  EXPECT_NE(assume("arn:aws:iam::123456789012:role/nobody", ana), "");
}

TEST_F(Sessions, ARoleThatTrustsItsAccountLeavesItToTheCallersPolicies) {
  const auto ana = make_user("ana");
  const auto role = make_role("brewer", kAccount);
  EXPECT_EQ(assume(role, kRootArn), "");
  EXPECT_NE(assume(role, ana), "");
  allow("ana", "sts:AssumeRole", role);
  EXPECT_EQ(assume(role, ana), "");
}

TEST_F(Sessions, ATrustMayAskForAnExternalId) {
  api::CreateRoleInput input;
  input.RoleName = "guest";
  input.AssumeRolePolicyDocument =
      R"({"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":{"StringEquals":{"sts:ExternalId":"x7"}}}})";
  const auto role = run(create_role, input).Role.Arn;
  EXPECT_NE(assume(role, kRootArn), "");
  EXPECT_EQ(assume(role, kRootArn, "x7"), "");
}

TEST_F(Sessions, ServicesRolesAreNoUsersRoles) {
  const auto role = make_role("delivery", R"({"Service":"firehose.amazonaws.com"})");
  EXPECT_NE(assume(role, kRootArn), "");
}

TEST_F(Sessions, LastNoLongerThanTheRoleAllows) {
  const auto role = make_role("brewer", kAccount);
  try {
    assume_role(iam_, {.role_arn = role, .session_name = "s", .lifetime = 2h}, kRootArn);
    FAIL();
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code, "ValidationError");
  }
}

TEST_F(Sessions, UserIdsNameTheRoleAndTheSession) {
  make_role("brewer", kAccount);
  const auto role = run(get_role, api::GetRoleInput{.RoleName = "brewer"}).Role;
  EXPECT_EQ(iam_.user_id("arn:aws:sts::123456789012:assumed-role/brewer/monday"), role.RoleId + ":monday");
  EXPECT_EQ(iam_.user_id(kRootArn), "123456789012");
}

}  // namespace
}  // namespace engine::iam
