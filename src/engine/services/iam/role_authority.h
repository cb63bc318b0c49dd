// IAM as services ask it: may this role do what is about to be done in its name?
#pragma once

#include "engine/services/authority.h"
#include "engine/services/iam/access/authorize.h"
#include "engine/services/iam/iam.h"
#include "lib/base/guarded.h"

#include <atomic>
#include <map>
#include <set>
#include <tuple>

namespace engine::iam {

/// Thread-safe. What the policies of a role say is remembered until forget().
class RoleAuthority final : public Authority {
 public:
  RoleAuthority(Iam& iam, Enforcement enforcement, ResourcePolicies resource_policies)
      : iam_(iam), enforcement_(enforcement), resource_policies_(std::move(resource_policies)) {}

  bool may_assume(std::string_view role, std::string_view service) const override;
  void require(const Actor& actor, std::string_view action, std::string_view resource,
               const ActFacts& facts) const override;
  void require_of_resource(std::string_view service, std::string_view source, std::string_view action,
                           std::string_view resource) const override;
  std::optional<RoleKeys> keys(const Actor& actor, std::chrono::seconds lifetime) const override;

  /// IAM has changed: to be called before who changed it gets the answer.
  void forget() { ++generation_; }

  /// What has been asked since the engine's start, each once; begun anew past some ten thousand.
  std::vector<Deed> deeds() const;
  void note(Deed deed) const;

 private:
  struct Remembered {
    std::shared_ptr<const Say> say;
    bool trusts = false;
    std::uint64_t generation = 0;
  };
  Remembered role(const Actor& actor) const;
  bool trusts(std::string_view role, std::string_view service) const;
  /// Throws, or only logs, by the enforcement.
  void refuse(const std::string& who, std::string_view action, std::string_view resource, const std::string& sentence) const;

  Iam& iam_;
  const Enforcement enforcement_;
  const ResourcePolicies resource_policies_;
  std::atomic<std::uint64_t> generation_ = 0;
  mutable base::Guarded<std::map<std::pair<std::string, std::string>, Remembered>> roles_;  ///< by role and service
  mutable base::Guarded<std::set<Deed>> deeds_;
};

}  // namespace engine::iam
