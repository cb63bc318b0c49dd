// What every service is built with: storage, time, identifiers and who we are.
#pragma once

#include "engine/services/authority.h"
#include "engine/services/measurement.h"
#include "engine/storage/catalog.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"

#include <functional>
#include <string>
#include <string_view>

namespace engine {

using base::Timestamp;

/// Lives as long as the engine; services keep a reference.
struct Context {
  storage::Catalog& catalog;
  const base::Clock& clock;
  base::Ids& ids;
  std::string account = "123456789012";
  std::string region = "us-east-1";
  std::string data;  ///< the data folder; each service uses the subfolder of its name, if any
  Meter meter = {};  ///< to CloudWatch
  const Authority* authority = nullptr;  ///< IAM; none in tests that are not about it: all is allowed

  /// "arn:aws:<service>:<region>:<account>:<resource>"
  std::string arn(std::string_view service, std::string_view resource) const {
    std::string text = "arn:aws:";
    text.append(service).append(":").append(region).append(":").append(account).append(":");
    return text.append(resource);
  }

  /// Authority::require, where there is one.
  void require(const Actor& actor, std::string_view action, std::string_view resource,
               const ActFacts& facts = {}) const {
    if (authority != nullptr) authority->require(actor, action, resource, facts);
  }
  /// Authority::may_assume, where there is one.
  bool may_assume(std::string_view role, std::string_view service) const {
    return authority == nullptr || authority->may_assume(role, service);
  }
};

/// What a program started by the engine (a function, a job) needs to call back: asked for at each
/// start, since the port is known only once the engine listens.
struct Callback {
  std::string endpoint_url;
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token = {};  ///< of a role's session; "" with the root's keys
};
using CallbackSource = std::function<Callback()>;

}  // namespace engine
