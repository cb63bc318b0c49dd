// Users: the one there is.
#include "engine/services/iam/operations.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {

// Deviation: the account has no users but its root, whom the engine's keys belong to.
api::GetUserOutput get_user(Iam& iam, Call&, const api::GetUserInput& input) {
  if (input.UserName) throw no_such_user(*input.UserName);
  const auto& account = iam.context().account;
  api::User user;
  user.Path = "/";
  user.UserName = "root";
  user.UserId = account;
  user.Arn = fmt::format("arn:aws:iam::{}:root", account);
  user.CreateDate = Timestamp{};
  return {.User = std::move(user)};
}

}  // namespace engine::iam
