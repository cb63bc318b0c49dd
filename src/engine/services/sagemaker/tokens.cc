// Rows "<scope>/<token>" → "<SHA-256 of the request> <answer>".
#include "engine/services/sagemaker/tokens.h"

#include "engine/services/sagemaker/errors.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kTable = "sagemaker/request_tokens";

}  // namespace

IdempotentRequest::IdempotentRequest(const storage::Catalog& catalog, const std::string& scope,
                                     const std::string& token, const std::string& request_json)
    : catalog_(catalog),
      key_(token.empty() ? "" : fmt::format("{}/{}", scope, token)),
      digest_(base::to_hex(base::sha256(request_json))) {}

std::optional<std::string> IdempotentRequest::answer() const {
  const auto row = key_.empty() ? std::nullopt : catalog_.get(kTable, key_);
  if (!row) return std::nullopt;
  if (!row->starts_with(digest_ + " ")) {
    throw conflict("The client request token was used for another request before.");
  }
  return row->substr(digest_.size() + 1);
}

void IdempotentRequest::remember(storage::Batch& batch, const std::string& answer) const {
  if (!key_.empty()) batch.put(kTable, key_, fmt::format("{} {}", digest_, answer));
}

}  // namespace engine::sagemaker
