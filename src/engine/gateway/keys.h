// The access keys the engine knows, and where its own are kept.
#pragma once

#include "engine/protocol/identity.h"
#include "lib/aws/sigv4.h"
#include "lib/base/clock.h"
#include "lib/base/guarded.h"
#include "lib/base/ids.h"

#include <map>
#include <optional>
#include <string>

namespace engine {

/// Access key ids and whom they belong to. Thread-safe.
class KeyStore {
 public:
  /// A key of the root's that is good until `until`, by the wall clock.
  void add(const aws::Credentials& credentials, base::Timestamp until = base::Timestamp::max());
  void remove(const std::string& access_key_id);
  /// Where the keys are that weren't added: users' and sessions'.
  void set_source(IdentitySource source);

  /// Nothing when nobody knows the key, it was good only before `now`, or the token isn't its own.
  std::optional<Identity> find(const std::string& access_key_id, const std::string& token, base::Timestamp now) const;

 private:
  struct Key {
    std::string secret;
    base::Timestamp until;
  };
  base::Guarded<std::map<std::string, Key>> keys_;
  base::Guarded<IdentitySource> source_;
};

/// The root credentials of a data folder: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when both are set,
/// else what `<data>/credentials` holds (the AWS CLI's file format), else new ones, written there with
/// mode 0600. Throws std::system_error or std::runtime_error.
aws::Credentials root_credentials(const std::string& data, base::Ids& ids);

/// Reads `<data>/credentials`; nothing when there is none.
std::optional<aws::Credentials> stored_credentials(const std::string& data);

}  // namespace engine
