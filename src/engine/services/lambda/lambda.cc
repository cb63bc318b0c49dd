// Functions in the catalog, their packages on disk, and the class other services see.
#include "engine/services/lambda/lambda.h"

#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/event_sources.h"
#include "engine/services/lambda/package.h"
#include "engine/services/lambda/state.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <filesystem>

namespace engine::lambda {
namespace {

constexpr int kDispatchers = 2;
constexpr std::size_t kLargestPayload = 6'291'456;

}  // namespace

Reference parse_reference(std::string_view text, const std::optional<std::string>& qualifier) {
  // An ARN ends in "function:NAME" or "function:NAME:QUALIFIER"; so does a partial one.
  constexpr std::string_view kMark = "function:";
  const auto mark = text.find(kMark);
  if (mark != std::string_view::npos) text.remove_prefix(mark + kMark.size());
  Reference reference{std::string(text.substr(0, text.find(':'))), "$LATEST"};
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) reference.qualifier = text.substr(colon + 1);
  if (qualifier) reference.qualifier = *qualifier;
  return reference;
}

Lambda::Impl::Impl(Context& c, s3::S3& store, logs::Logs& l, kinesis::Kinesis& streams, CallbackSource source,
                   EventSink sink, std::string job_runner)
    : context(c), s3(store), logs(l), kinesis(streams), callback(std::move(source)), put_event(std::move(sink)),
      runner(std::move(job_runner)),
      sequence(static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())) {
  io::make_folders_durably(io::real_file_system(), context.data + "/functions");
  for (int i = 0; i < kDispatchers; ++i) {
    loops.push_back(std::make_unique<base::Loop>("lambda async", context.clock,
                                                 [this](std::stop_token stop) { return run_queue(std::move(stop)); }));
  }
  loops.push_back(std::make_unique<base::Loop>("lambda idle", base::system_clock(),
                                               [this](std::stop_token) { return drop_idle(); }));
  sources = std::make_unique<EventSources>(*this);
}

Lambda::Impl::~Impl() { stop(); }

std::optional<api::GetFunctionResponse> Lambda::Impl::find_function(std::string_view name) const {
  const auto row = context.catalog.get(kFunctions, name);
  if (!row) return std::nullopt;
  return from_json<api::GetFunctionResponse>(*row);
}

api::GetFunctionResponse Lambda::Impl::function(const Reference& reference) const {
  auto found = find_function(reference.name);
  if (!found) throw no_such_function(arn(reference.name));
  return *found;
}

api::FunctionConfiguration Lambda::Impl::configuration(const Reference& reference) const {
  const auto latest = function(reference);
  if (reference.qualifier == "$LATEST") return *latest.Configuration;
  std::string version = reference.qualifier;
  if (const auto alias = context.catalog.get(kAliases, key_of(reference.name, version))) {
    version = from_json<api::AliasConfiguration>(*alias).FunctionVersion.value_or("$LATEST");
    if (version == "$LATEST") return *latest.Configuration;
  }
  const auto row = context.catalog.get(kVersions, key_of(reference.name, version));
  if (!row) throw no_such_function(arn(reference.name) + ":" + reference.qualifier);
  return from_json<api::FunctionConfiguration>(*row);
}

api::FunctionConfiguration Lambda::Impl::configuration_to_run(const Reference& reference) const {
  const auto row = context.catalog.get(kAliases, key_of(reference.name, reference.qualifier));
  if (!row) return configuration(reference);
  const auto alias = from_json<api::AliasConfiguration>(*row);
  if (!alias.RoutingConfig || !alias.RoutingConfig->AdditionalVersionWeights) return configuration(reference);
  constexpr double kScale = 1.0 / (std::uint64_t{1} << 53);
  double drawn = static_cast<double>(context.ids.number() >> 11) * kScale;  // [0, 1)
  for (const auto& [version, weight] : *alias.RoutingConfig->AdditionalVersionWeights) {
    if (drawn < weight) return configuration({reference.name, version});
    drawn -= weight;
  }
  return configuration(reference);
}

void Lambda::Impl::put(std::string_view table, std::string_view key, std::string_view value) {
  storage::Batch batch;
  batch.put(table, key, value);
  context.catalog.commit(std::move(batch));
}

void Lambda::Impl::remove_all(std::string_view table, std::string_view prefix, storage::Batch& batch) {
  for (const auto& row : context.catalog.scan(table, prefix)) batch.remove(table, row.key);
}

std::string Lambda::Impl::code_directory(std::string_view name, std::string_view sha256_base64) const {
  const std::string digest = base::to_hex(base::from_base64(sha256_base64).value_or("")).substr(0, 32);
  return fmt::format("{}/functions/{}/{}", context.data, name, digest);
}

void Lambda::Impl::install(const std::string& zip, api::FunctionConfiguration& configuration) const {
  configuration.CodeSha256 = code_sha256(zip);
  configuration.CodeSize = static_cast<std::int64_t>(zip.size());
  const std::string directory = code_directory(*configuration.FunctionName, *configuration.CodeSha256);
  if (!std::filesystem::exists(directory)) unpack(zip, directory);
  if (!std::filesystem::exists(directory + "/bootstrap")) {
    throw invalid("The package has no file named 'bootstrap', which the runtime provided.al2023 starts.");
  }
}

std::string Lambda::Impl::fetch_package(const std::optional<Blob>& zip, const std::optional<std::string>& bucket,
                                        const std::optional<std::string>& key) const {
  if (zip) return *zip;
  if (!bucket || !key) throw invalid("Please provide a source for function code.");
  try {
    return s3.body(s3.object(*bucket, *key)).string();
  } catch (const AwsError& error) {
    throw invalid(fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}", error.code,
                              error.what()));
  }
}

Lambda::Lambda(Context& context, s3::S3& s3, logs::Logs& logs, kinesis::Kinesis& kinesis, CallbackSource callback,
               EventSink put_event, std::string runner)
    : impl_(std::make_unique<Impl>(context, s3, logs, kinesis, std::move(callback), std::move(put_event),
                                   std::move(runner))) {}
Lambda::~Lambda() = default;

InvokeResult Lambda::invoke(std::string_view function, std::string_view payload, std::string request_id) {
  if (payload.size() > kLargestPayload) throw payload_too_large(payload.size());
  if (request_id.empty()) request_id = impl_->context.ids.uuid();
  return impl_->invoke(parse_reference(function), payload, request_id);
}

bool Lambda::has_function(std::string_view function) const {
  return impl_->find_function(parse_reference(function).name).has_value();
}

void Lambda::stop() { impl_->stop(); }

}  // namespace engine::lambda
