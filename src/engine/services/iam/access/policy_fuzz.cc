// Policy documents of each kind, and a request held against them.
#include "engine/protocol/error.h"
#include "engine/services/iam/access/evaluate.h"
#include "engine/services/iam/access/policy.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  using namespace engine::iam;
  const AccessRequest request{.action = "s3:GetObject",
                              .resource = "arn:aws:s3:::beers/raw/1",
                              .facts = {{"aws:sourceip", {"10.0.0.7"}},
                                        {"aws:username", {"ana*"}},
                                        {"aws:currenttime", {"2026-01-02T03:04:05Z"}}},
                              .principals = {"arn:aws:iam::123456789012:user/ana"}};
  for (const PolicyKind kind : {PolicyKind::kIdentity, PolicyKind::kResource, PolicyKind::kTrust}) {
    try {
      const std::vector<NamedPolicy> policies{{"fuzzed", parse_policy(bytes, kind)}};
      base::fuzz::hold(!policies[0].policy.statements.empty(), "a policy has a statement");
      const Decision decision = evaluate(policies, request);
      std::size_t allowing = 0;
      for (const Statement& statement : policies[0].policy.statements)
        allowing += statement.allow ? 1 : 0;
      base::fuzz::hold(!decision.allowed() || allowing > 0, "what is allowed, a statement allows");
    } catch (const engine::AwsError&) {
    }
  }
}
