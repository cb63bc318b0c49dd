// The access keys the engine knows, and where its own are kept.
#pragma once

#include "lib/aws/sigv4.h"
#include "lib/base/clock.h"
#include "lib/base/guarded.h"
#include "lib/base/ids.h"

#include <map>
#include <optional>
#include <string>

namespace engine {

/// Access key ids and their secrets. Thread-safe.
class KeyStore {
 public:
  /// A key that is good until `until`, by the wall clock.
  void add(const aws::Credentials& credentials, base::Timestamp until = base::Timestamp::max());
  void remove(const std::string& access_key_id);
  /// Nothing when the key is unknown, or was good only before `now`.
  std::optional<std::string> secret(const std::string& access_key_id, base::Timestamp now) const;

 private:
  struct Key {
    std::string secret;
    base::Timestamp until;
  };
  base::Guarded<std::map<std::string, Key>> keys_;
};

/// The root credentials of a data folder: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when both are set,
/// else what `<data>/credentials` holds (the AWS CLI's file format), else new ones, written there with
/// mode 0600. Throws std::system_error or std::runtime_error.
aws::Credentials root_credentials(const std::string& data, base::Ids& ids);

/// Reads `<data>/credentials`; nothing when there is none.
std::optional<aws::Credentials> stored_credentials(const std::string& data);

}  // namespace engine
