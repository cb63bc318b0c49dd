// Users: making, reading, listing and deleting them.
#include "engine/protocol/json.h"
#include "engine/services/iam/holders.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/principal.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {
namespace {

api::User root_of(const std::string& account) {
  api::User user;
  user.Path = "/";
  user.UserName = "root";
  user.UserId = account;
  user.Arn = fmt::format("arn:aws:iam::{}:root", account);
  user.CreateDate = Timestamp{};
  return user;
}

}  // namespace

api::CreateUserOutput create_user(Iam& iam, Call&, const api::CreateUserInput& input) {
  api::User user;
  user.Path = input.Path.value_or("/");
  user.UserName = input.UserName;
  user.UserId = iam.new_id("AIDA");
  user.Arn = fmt::format("arn:aws:iam::{}:user{}{}", iam.context().account, user.Path, user.UserName);
  user.CreateDate = iam.now();
  if (input.PermissionsBoundary) {
    iam.policy(*input.PermissionsBoundary);
    user.PermissionsBoundary = {.PermissionsBoundaryType = "Policy",
                                .PermissionsBoundaryArn = input.PermissionsBoundary};
  }
  if (input.Tags) add_tags(user.Tags, *input.Tags);

  const auto alone = iam.lock();
  if (iam.find_user(user.UserName)) throw user_exists(user.UserName);
  storage::Batch batch;
  batch.put(kUsers, user.UserName, to_json(user));
  iam.context().catalog.commit(std::move(batch));
  return {.User = std::move(user)};
}

/// Without a name: who asks.
api::GetUserOutput get_user(Iam& iam, Call& call, const api::GetUserInput& input) {
  if (input.UserName) return {.User = iam.user(*input.UserName)};
  const auto name = user_name(call.principal_arn);
  if (name) return {.User = iam.user(*name)};
  if (role_name(call.principal_arn)) {
    throw AwsError("ValidationError", "Must specify userName when calling with non-User credentials");
  }
  return {.User = root_of(iam.context().account)};
}

api::ListUsersOutput list_users(Iam& iam, Call&, const api::ListUsersInput& input) {
  std::vector<api::User> users;
  for (const auto& row : iam.context().catalog.scan(kUsers)) {
    auto user = from_json<api::User>(row.value);
    if (!user.Path.starts_with(input.PathPrefix.value_or("/"))) continue;
    user.Tags.reset();  // a list leaves out what GetUser tells
    user.PermissionsBoundary.reset();
    users.push_back(std::move(user));
  }
  api::ListUsersOutput output;
  output.Users = page(std::move(users), input, output, [](const api::User& user) { return user.UserName; });
  return output;
}

api::DeleteUserOutput delete_user(Iam& iam, Call&, const api::DeleteUserInput& input) {
  const auto alone = iam.lock();
  iam.user(input.UserName);
  check_holds_nothing(iam, kOfUsers, input.UserName);
  auto& catalog = iam.context().catalog;
  for (const auto& row : catalog.scan(kAccessKeys)) {
    if (from_json<api::AccessKey>(row.value).UserName == input.UserName) {
      throw delete_conflict("Cannot delete entity, must delete access keys first.");
    }
  }
  storage::Batch batch;
  batch.remove(kUsers, input.UserName);
  catalog.commit(std::move(batch));
  return {};
}

}  // namespace engine::iam
