// Who calls, as an ARN tells it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// "arn:aws:iam::1:user/beer/ana" → "ana"; nothing for what is no user.
inline std::optional<std::string> user_name(std::string_view arn) {
  if (arn.find(":user/") == std::string_view::npos) return std::nullopt;
  return std::string(arn.substr(arn.rfind('/') + 1));
}

/// "arn:aws:sts::1:assumed-role/brewer/monday" and "arn:aws:iam::1:role/beer/brewer" → "brewer"
inline std::optional<std::string> role_name(std::string_view arn) {
  constexpr std::string_view kSession = ":assumed-role/";
  const auto session = arn.find(kSession);
  if (session != std::string_view::npos) {
    arn.remove_prefix(session + kSession.size());
    return std::string(arn.substr(0, arn.find('/')));
  }
  if (arn.find(":role/") == std::string_view::npos) return std::nullopt;
  return std::string(arn.substr(arn.rfind('/') + 1));
}

/// What a Principal element may call the caller.
struct PrincipalNames {
  std::vector<std::string> own;      ///< its ARN, and that of the role of a session
  std::vector<std::string> account;  ///< its account's number, and root
};
inline PrincipalNames principal_names(std::string_view arn, const std::string& account) {
  PrincipalNames names;
  names.account = {account, "arn:aws:iam::" + account + ":root"};
  if (arn != names.account.back()) names.own.emplace_back(arn);
  if (arn.find(":assumed-role/") != std::string_view::npos) {
    names.own.push_back("arn:aws:iam::" + account + ":role/" + *role_name(arn));
  }
  return names;
}

}  // namespace engine::iam
