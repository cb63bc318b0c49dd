// The access keys the engine knows, and where its own are kept.
#pragma once

#include "lib/aws/sigv4.h"
#include "lib/base/guarded.h"
#include "lib/base/ids.h"

#include <map>
#include <optional>
#include <string>

namespace engine {

/// Access key ids and their secrets. Thread-safe.
class KeyStore {
 public:
  void add(const aws::Credentials& credentials);
  std::optional<std::string> secret(const std::string& access_key_id) const;

 private:
  base::Guarded<std::map<std::string, std::string>> secrets_;
};

/// The root credentials of a data folder: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when both are set,
/// else what `<data>/credentials` holds (the AWS CLI's file format), else new ones, written there with
/// mode 0600. Throws std::system_error or std::runtime_error.
aws::Credentials root_credentials(const std::string& data, base::Ids& ids);

/// Reads `<data>/credentials`; nothing when there is none.
std::optional<aws::Credentials> stored_credentials(const std::string& data);

}  // namespace engine
