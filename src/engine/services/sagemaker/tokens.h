// Idempotency tokens: a request that a client sends again gets the answer it got.
#pragma once

#include "engine/protocol/json.h"
#include "engine/storage/catalog.h"

#include <optional>
#include <string>

namespace engine::sagemaker {

/// One request with a token. The token belongs to the operation, and to what `scope` names of it.
class IdempotentRequest {
 public:
  /// `token` may be empty: then nothing is found or remembered.
  template <class Request>
  IdempotentRequest(const storage::Catalog& catalog, const std::string& scope,
                    const std::string& token, const Request& request)
      : IdempotentRequest(catalog, scope, token, to_json(request)) {}
  IdempotentRequest(const storage::Catalog& catalog, const std::string& scope,
                    const std::string& token, const std::string& request_json);

  /// What this very request was answered before. Throws ConflictException when its token came with
  /// another one.
  std::optional<std::string> answer() const;
  /// To be committed with what the request makes.
  void remember(storage::Batch& batch, const std::string& answer) const;

 private:
  const storage::Catalog& catalog_;
  std::string key_;  ///< empty: no token
  std::string digest_;
};

}  // namespace engine::sagemaker
