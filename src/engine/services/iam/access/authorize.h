// May this caller do that?
#pragma once

#include "engine/protocol/identity.h"
#include "engine/protocol/operation.h"
#include "engine/services/iam/access/actions.h"
#include "engine/services/iam/iam.h"

namespace engine::iam {

/// What becomes of a call that no policy allows.
enum class Enforcement {
  kEnforce,  ///< it is refused
  kLog,      ///< it is let through, and the log says what would have been missing
  kOff       ///< nobody looks
};

/// Held against every call of a key that isn't the root's. Thread-safe.
class Guard {
 public:
  Guard(const Iam& iam, Enforcement enforcement, Lookup lookup)
      : iam_(iam), enforcement_(enforcement), lookup_(std::move(lookup)) {}

  /// Throws AccessDeniedException, in the words of the service, for what isn't allowed.
  void check(const ServiceDefinition& service, const OperationModel& model, const Call& call, const Identity& who,
             const void* input) const;

 private:
  const Iam& iam_;
  const Enforcement enforcement_;
  const Lookup lookup_;
};

}  // namespace engine::iam
