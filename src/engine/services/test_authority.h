// An authority that refuses what a test names, and remembers what it was asked.
#pragma once

#include "engine/protocol/error.h"
#include "engine/services/authority.h"
#include "lib/base/guarded.h"

#include <set>
#include <vector>

namespace engine {

class TestAuthority final : public Authority {
 public:
  struct Asked {
    Actor actor;
    std::string action, resource;
  };

  bool may_assume(std::string_view, std::string_view) const override { return true; }
  void require(const Actor& actor, std::string_view action, std::string_view resource, const ActFacts&) const override {
    asked_.with([&](auto& all) { all.push_back({actor, std::string(action), std::string(resource)}); });
    check(action);
  }
  void require_of_resource(std::string_view service, std::string_view source, std::string_view action,
                           std::string_view resource) const override {
    asked_.with([&](auto& all) {
      all.push_back({{std::string(source), std::string(service), ""}, std::string(action), std::string(resource)});
    });
    check(action);
  }
  std::optional<RoleKeys> keys(const Actor& actor, std::chrono::seconds lifetime) const override {
    return RoleKeys{"ASIA", "secret of " + actor.role, "token", base::system_clock().now() + lifetime};
  }

  void refuse(const std::string& action) {
    refused_.with([&](auto& all) { all.insert(action); });
  }
  void allow(const std::string& action) {
    refused_.with([&](auto& all) { all.erase(action); });
  }
  /// "action on resource", each once, in order.
  std::set<std::string> asked() const {
    return asked_.read([](const auto& all) {
      std::set<std::string> found;
      for (const Asked& one : all) found.insert(one.action + " on " + one.resource);
      return found;
    });
  }

 private:
  void check(std::string_view action) const {
    const bool no = refused_.read([&](const auto& all) { return all.contains(std::string(action)); });
    if (no) throw AwsError("AccessDenied", std::string(action) + " is refused", 403);
  }

  mutable base::Guarded<std::vector<Asked>> asked_;
  mutable base::Guarded<std::set<std::string>> refused_;
};

}  // namespace engine
