// The policies of a role or a user.
#include "engine/services/iam/holders.h"

#include "engine/services/iam/errors.h"
#include "engine/services/iam/rules.h"

namespace engine::iam {
namespace {

constexpr std::size_t kMostAttached = 20;

AwsError no_such_inlined(const Holders& holders, std::string_view policy) {
  return {"NoSuchEntity", fmt::format("The {} policy with name {} cannot be found.", holders.word, policy), 404};
}

void put(Iam& iam, std::string_view table, const std::string& row, std::string_view value) {
  storage::Batch batch;
  batch.put(table, row, std::string(value));
  iam.context().catalog.commit(std::move(batch));
}

void remove(Iam& iam, std::string_view table, const std::string& row) {
  storage::Batch batch;
  batch.remove(table, row);
  iam.context().catalog.commit(std::move(batch));
}

}  // namespace

void put_inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy,
                 std::string_view document) {
  check_document(document);
  put(iam, holders.inlined, join(name, policy), document);
}

std::string inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy) {
  auto document = iam.context().catalog.get(holders.inlined, join(name, policy));
  if (!document) throw no_such_inlined(holders, policy);
  return std::move(*document);
}

std::vector<std::string> inlined_names(Iam& iam, const Holders& holders, std::string_view name) {
  const std::string scope = join(name, "");
  std::vector<std::string> names;
  for (const auto& row : iam.context().catalog.scan(holders.inlined, scope)) {
    names.push_back(row.key.substr(scope.size()));
  }
  return names;
}

void delete_inlined(Iam& iam, const Holders& holders, std::string_view name, std::string_view policy) {
  inlined(iam, holders, name, policy);
  remove(iam, holders.inlined, join(name, policy));
}

void attach(Iam& iam, const Holders& holders, std::string_view name, const std::string& arn) {
  if (!iam.find_policy(arn)) throw policy_not_attachable(arn);
  auto attached = iam.attached(holders, name);
  std::erase(attached, arn);  // attaching again is fine
  if (attached.size() >= kMostAttached) {
    throw too_many(fmt::format("Cannot exceed quota for {}: {}", holders.quota, kMostAttached));
  }
  put(iam, holders.attached, join(name, arn), "");
}

void detach(Iam& iam, const Holders& holders, std::string_view name, std::string_view arn) {
  const std::string row = join(name, arn);
  if (!iam.context().catalog.get(holders.attached, row)) throw not_attached(arn);
  remove(iam, holders.attached, row);
}

std::vector<api::AttachedPolicy> attached_policies(Iam& iam, const Holders& holders, std::string_view name,
                                                   const std::optional<std::string>& path_prefix) {
  std::vector<api::AttachedPolicy> attached;
  for (const auto& arn : iam.attached(holders, name)) {
    const auto policy = iam.policy(arn);
    if (!policy.Path->starts_with(path_prefix.value_or("/"))) continue;
    attached.push_back({.PolicyName = policy.PolicyName, .PolicyArn = arn});
  }
  return attached;
}

void check_holds_nothing(Iam& iam, const Holders& holders, std::string_view name) {
  if (!iam.attached(holders, name).empty()) {
    throw delete_conflict("Cannot delete entity, must detach all policies first.");
  }
  if (iam.context().catalog.count(holders.inlined, join(name, "")) > 0) {
    throw delete_conflict("Cannot delete entity, must delete policies first.");
  }
}

}  // namespace engine::iam
