// The access keys of users.
#include "engine/protocol/json.h"
#include "engine/services/iam/operations.h"
#include "engine/services/iam/principal.h"
#include "engine/services/iam/rules.h"
#include "lib/base/encoding.h"

namespace engine::iam {
namespace {

constexpr std::size_t kMostKeys = 2;

/// Whose keys are meant: those of the user that is named, else of who asks.
std::string owner(Iam& iam, const Call& call, const std::optional<std::string>& name) {
  const auto asked = name ? name : user_name(call.principal_arn);
  // Deviation: the root's key is made when the engine first starts, and can't be changed here.
  if (!asked) throw AwsError("ValidationError", "Must specify userName when calling with non-User credentials");
  return iam.user(*asked).UserName;
}

std::vector<api::AccessKey> keys_of(Iam& iam, const std::string& user) {
  std::vector<api::AccessKey> keys;
  for (const auto& row : iam.context().catalog.scan(kAccessKeys)) {
    auto key = from_json<api::AccessKey>(row.value);
    if (key.UserName == user) keys.push_back(std::move(key));
  }
  return keys;
}

api::AccessKey key_of(Iam& iam, const std::string& user, const std::string& id) {
  const auto row = iam.context().catalog.get(kAccessKeys, id);
  if (!row) throw no_such_key(id);
  auto key = from_json<api::AccessKey>(*row);
  if (key.UserName != user) throw no_such_key(id);
  return key;
}

void store(Iam& iam, const api::AccessKey& key) {
  storage::Batch batch;
  batch.put(kAccessKeys, key.AccessKeyId, to_json(key));
  iam.context().catalog.commit(std::move(batch));
}

}  // namespace

api::CreateAccessKeyOutput create_access_key(Iam& iam, Call& call, const api::CreateAccessKeyInput& input) {
  const auto alone = iam.lock();
  api::AccessKey key;
  key.UserName = owner(iam, call, input.UserName);
  if (keys_of(iam, key.UserName).size() >= kMostKeys) {
    throw too_many(fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", kMostKeys));
  }
  key.AccessKeyId = iam.new_id("AKIA").substr(0, 20);
  key.Status = "Active";
  key.SecretAccessKey = base::to_base64(*base::from_hex(iam.context().ids.hex(60)));
  key.CreateDate = iam.now();
  store(iam, key);
  return {.AccessKey = std::move(key)};
}

api::ListAccessKeysOutput list_access_keys(Iam& iam, Call& call, const api::ListAccessKeysInput& input) {
  std::vector<api::AccessKeyMetadata> found;
  for (const auto& key : keys_of(iam, owner(iam, call, input.UserName))) {
    found.push_back({.UserName = key.UserName,
                     .AccessKeyId = key.AccessKeyId,
                     .Status = key.Status,
                     .CreateDate = key.CreateDate});
  }
  api::ListAccessKeysOutput output;
  output.AccessKeyMetadata = page(std::move(found), input, output,
                                  [](const api::AccessKeyMetadata& key) { return *key.AccessKeyId; });
  return output;
}

api::UpdateAccessKeyOutput update_access_key(Iam& iam, Call& call, const api::UpdateAccessKeyInput& input) {
  const auto alone = iam.lock();
  auto key = key_of(iam, owner(iam, call, input.UserName), input.AccessKeyId);
  key.Status = input.Status;
  store(iam, key);
  return {};
}

api::DeleteAccessKeyOutput delete_access_key(Iam& iam, Call& call, const api::DeleteAccessKeyInput& input) {
  const auto alone = iam.lock();
  key_of(iam, owner(iam, call, input.UserName), input.AccessKeyId);
  storage::Batch batch;
  batch.remove(kAccessKeys, input.AccessKeyId);
  iam.context().catalog.commit(std::move(batch));
  return {};
}

}  // namespace engine::iam
