// Rows of athena/reuse: what a query is like → id.
#include "engine/services/athena/result_reuse.h"

#include "engine/protocol/json.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace engine::athena {
namespace {

constexpr int kUsualMinutes = 60;

}  // namespace

std::string reuse_key(const api::QueryExecution& execution, std::string_view sql,
                      std::string_view folder) {
  const auto database = execution.QueryExecutionContext->Database.value_or("");
  const std::string all =
      fmt::format("{}\x1f{}\x1f{}\x1f{}", *execution.WorkGroup, base::to_lower(database), folder, sql);
  return base::to_hex(base::sha256(all));
}

std::optional<api::QueryExecution> reusable(const Context& context, const s3::S3& s3,
                                            const api::QueryExecution& execution,
                                            const std::string& key) {
  const auto& wanted = execution.ResultReuseConfiguration->ResultReuseByAgeConfiguration;
  if (!wanted || !wanted->Enabled) return std::nullopt;
  const auto id = context.catalog.get("athena/reuse", key);
  const auto stored = id ? context.catalog.get("athena/executions", *id) : std::nullopt;
  if (!stored) return std::nullopt;
  auto earlier = from_json<api::QueryExecution>(*stored);
  const std::chrono::minutes most(wanted->MaxAgeInMinutes.value_or(kUsualMinutes));
  if (*earlier.Status->CompletionDateTime + most < context.clock.now()) return std::nullopt;
  const auto place = s3::parse_s3_uri(*earlier.ResultConfiguration->OutputLocation);
  if (!place || !s3.find_object(place->bucket, place->key)) return std::nullopt;
  return earlier;
}

}  // namespace engine::athena
