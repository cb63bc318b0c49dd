// Functions: create, read, update, delete.
#include "engine/protocol/json.h"
#include "engine/services/lambda/destinations.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"
#include "lib/base/time_text.h"

#include <algorithm>
#include <filesystem>

namespace engine::lambda {
namespace {

constexpr std::int64_t kDefaultTimeout = 3, kLongestTimeout = 900;

std::string lambda_time(Timestamp time) { return base::format_utc(time, "%Y-%m-%dT%H:%M:%S") + ".000+0000"; }

/// What every change of a function leaves behind.
void touch(Lambda::Impl& lambda, api::FunctionConfiguration& configuration) {
  configuration.LastModified = lambda_time(lambda.context.clock.now());
  configuration.RevisionId = lambda.context.ids.uuid();
  configuration.LastUpdateStatus = "Successful";
  configuration.State = "Active";
}

/// What can run here at all.
void check_runtime(const std::optional<std::string>& package_type, const std::optional<std::string>& runtime,
                   const std::optional<std::string>& handler) {
  if (package_type.value_or("Zip") != "Zip") {
    throw invalid("This engine runs packages of type Zip; an image has no container runtime to run in here.");
  }
  if (!runtime || !handler) throw invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  if (!runtime->starts_with("provided")) {
    throw invalid(fmt::format("This engine runs custom runtimes (provided.al2023, provided.al2); '{}' brings an "
                              "interpreter it does not have.", *runtime));
  }
}

void check_revision(const std::optional<std::string>& wanted, const api::FunctionConfiguration& configuration) {
  if (wanted && wanted != configuration.RevisionId) {
    throw AwsError("PreconditionFailedException",
                   "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API "
                   "to retrieve the latest Revision Id", 412);
  }
}

/// Names that the runtime sets itself.
constexpr std::string_view kReserved[] = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"};

std::optional<api::EnvironmentResponse> environment_of(const std::optional<api::Environment>& environment) {
  if (!environment || !environment->Variables || environment->Variables->empty()) return std::nullopt;
  for (const auto& [name, value] : *environment->Variables) {
    if (std::find(std::begin(kReserved), std::end(kReserved), name) == std::end(kReserved)) continue;
    throw invalid("Lambda was unable to configure your environment variables because the environment variables you "
                  "have provided contains reserved keys that are currently not supported for modification. Reserved "
                  "keys used in this request: " + name);
  }
  return api::EnvironmentResponse{.Variables = environment->Variables};
}

/// The settings that creation and update share.
template <class Input>
void apply(const Input& input, api::FunctionConfiguration& c) {
  if (input.Handler) c.Handler = input.Handler;
  if (input.Description) c.Description = input.Description;
  if (input.Timeout) c.Timeout = input.Timeout;
  if (input.MemorySize) c.MemorySize = input.MemorySize;
  if (input.Runtime) c.Runtime = input.Runtime;
  if (input.Environment) c.Environment = environment_of(input.Environment);
  if (input.DeadLetterConfig) {
    check_dead_letter_target(input.DeadLetterConfig->TargetArn.value_or(""));
    c.DeadLetterConfig = input.DeadLetterConfig;
  }
  if (input.KMSKeyArn) c.KMSKeyArn = input.KMSKeyArn;
  if (input.TracingConfig) c.TracingConfig = api::TracingConfigResponse{.Mode = input.TracingConfig->Mode};
  if (input.EphemeralStorage) c.EphemeralStorage = input.EphemeralStorage;
  if (input.LoggingConfig) {
    if (input.LoggingConfig->LogFormat) c.LoggingConfig->LogFormat = input.LoggingConfig->LogFormat;
    if (input.LoggingConfig->LogGroup) c.LoggingConfig->LogGroup = input.LoggingConfig->LogGroup;
    if (input.LoggingConfig->ApplicationLogLevel) c.LoggingConfig->ApplicationLogLevel = input.LoggingConfig->ApplicationLogLevel;
    if (input.LoggingConfig->SystemLogLevel) c.LoggingConfig->SystemLogLevel = input.LoggingConfig->SystemLogLevel;
  }
  if (c.Timeout.value_or(kDefaultTimeout) > kLongestTimeout) {
    throw AwsError("ValidationException",
                   fmt::format("1 validation error detected: Value '{}' at 'timeout' failed to satisfy constraint: Member "
                               "must have value less than or equal to {}", *c.Timeout, kLongestTimeout));
  }
}

/// True when publishing would only repeat the version.
bool is_same(const api::FunctionConfiguration& version, api::FunctionConfiguration latest) {
  latest.Version = version.Version;
  latest.FunctionArn = version.FunctionArn;
  latest.RevisionId = version.RevisionId;
  latest.LastModified = version.LastModified;
  return to_json(latest) == to_json(version);
}

/// Throws ResourceConflictException when an alias points to the version.
void check_unused(const Lambda::Impl& lambda, const std::string& function, const std::string& version) {
  for (const auto& row : lambda.context.catalog.scan(kAliases, key_of(function, ""))) {
    const auto alias = from_json<api::AliasConfiguration>(row.value);
    if (alias.FunctionVersion == version) {
      throw conflict(fmt::format("Version {} is referenced by the alias {}.", version, alias.Name.value_or("")));
    }
  }
}

/// The next version, or the last one when nothing has changed since. Numbers are never given twice.
api::FunctionConfiguration publish(Lambda::Impl& lambda, const api::FunctionConfiguration& latest) {
  const std::string& name = *latest.FunctionName;
  const std::string last = lambda.context.catalog.get(kLastVersions, name).value_or("0");
  if (const auto row = lambda.context.catalog.get(kVersions, key_of(name, last))) {
    auto published = from_json<api::FunctionConfiguration>(*row);
    if (is_same(published, latest)) return published;
  }
  api::FunctionConfiguration version = latest;
  version.Version = std::to_string(std::stoll(last) + 1);
  version.FunctionArn = fmt::format("{}:{}", *latest.FunctionArn, *version.Version);
  version.RevisionId = lambda.context.ids.uuid();
  storage::Batch batch;
  batch.put(kVersions, key_of(name, *version.Version), to_json(version));
  batch.put(kLastVersions, name, *version.Version);
  lambda.context.catalog.commit(std::move(batch));
  return version;
}

}  // namespace

api::CreateFunctionOutput create_function(Lambda& lambda, Call& call, const api::CreateFunctionInput& input) {
  auto& impl = lambda.impl();
  check_runtime(input.PackageType, input.Runtime, input.Handler);
  const std::string name = parse_reference(input.FunctionName).name;
  const std::string zip = impl.fetch_package(input.Code.ZipFile, input.Code.S3Bucket, input.Code.S3Key);

  std::lock_guard lock(impl.mutex);
  if (impl.find_function(name)) throw function_exists(name);
  api::FunctionConfiguration c;
  c.FunctionName = name;
  c.FunctionArn = impl.arn(name);
  c.Role = input.Role;
  c.Description = "";
  c.Timeout = kDefaultTimeout;
  c.MemorySize = 128;
  c.Version = "$LATEST";
  c.TracingConfig = api::TracingConfigResponse{.Mode = "PassThrough"};
  c.PackageType = "Zip";
  c.Architectures = input.Architectures.value_or(std::vector<std::string>{"x86_64"});
  c.EphemeralStorage = api::EphemeralStorage{.Size = 512};
  c.SnapStart = api::SnapStartResponse{.ApplyOn = "None", .OptimizationStatus = "Off"};
  c.LoggingConfig = api::LoggingConfig{.LogFormat = "Text", .LogGroup = "/aws/lambda/" + name};
  apply(input, c);
  impl.install(zip, c);
  touch(impl, c);
  api::GetFunctionResponse row{.Configuration = c, .Tags = input.Tags};
  impl.put(kFunctions, name, to_json(row));
  call.status = 201;
  if (input.Publish.value_or(false)) return publish(impl, c);
  return c;
}

api::GetFunctionOutput get_function(Lambda& lambda, Call&, const api::GetFunctionInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  auto output = impl.function(reference);
  output.Configuration = impl.configuration(reference);
  // Deviation: AWS gives a presigned URL of its own bucket here; the package stays in the data folder.
  output.Code = api::FunctionCodeLocation{
      .RepositoryType = "S3", .Location = "file://" + impl.code_directory(reference.name, *output.Configuration->CodeSha256)};
  return output;
}

api::GetFunctionConfigurationOutput get_function_configuration(Lambda& lambda, Call&,
                                                               const api::GetFunctionConfigurationInput& input) {
  return lambda.impl().configuration(parse_reference(input.FunctionName, input.Qualifier));
}

api::ListFunctionsOutput list_functions(Lambda& lambda, Call&, const api::ListFunctionsInput& input) {
  auto& impl = lambda.impl();
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(input.MaxItems.value_or(50), 1, 50));
  const auto rows = impl.context.catalog.scan(kFunctions, {}, input.Marker.value_or(""), limit + 1);
  api::ListFunctionsOutput output;
  output.Functions.emplace();
  for (const auto& row : rows) {
    if (output.Functions->size() == limit) {
      output.NextMarker = output.Functions->back().FunctionName;
      break;
    }
    output.Functions->push_back(*from_json<api::GetFunctionResponse>(row.value).Configuration);
  }
  return output;
}

api::DeleteFunctionOutput delete_function(Lambda& lambda, Call& call, const api::DeleteFunctionInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  std::lock_guard lock(impl.mutex);
  impl.configuration(reference);
  call.status = 204;
  storage::Batch batch;
  if (input.Qualifier) {
    if (*input.Qualifier == "$LATEST") throw invalid("$LATEST version cannot be deleted without deleting the function.");
    check_unused(impl, reference.name, *input.Qualifier);
    batch.remove(kVersions, key_of(reference.name, *input.Qualifier));
    impl.context.catalog.commit(std::move(batch));
    return {};
  }
  batch.remove(kFunctions, reference.name);
  batch.remove(kLastVersions, reference.name);
  for (const auto table : {kVersions, kAliases, kPermissions, kInvokeConfigs}) {
    impl.remove_all(table, key_of(reference.name, ""), batch);
  }
  impl.context.catalog.commit(std::move(batch));
  impl.retire(reference.name);
  std::error_code ignored;
  std::filesystem::remove_all(impl.context.data + "/functions/" + reference.name, ignored);
  return {};
}

api::UpdateFunctionCodeOutput update_function_code(Lambda& lambda, Call&, const api::UpdateFunctionCodeInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  const std::string zip = impl.fetch_package(input.ZipFile, input.S3Bucket, input.S3Key);
  std::lock_guard lock(impl.mutex);
  auto row = impl.function(reference);
  auto& c = *row.Configuration;
  check_revision(input.RevisionId, c);
  if (input.Architectures) c.Architectures = input.Architectures;
  impl.install(zip, c);
  if (input.DryRun.value_or(false)) return c;
  touch(impl, c);
  impl.put(kFunctions, reference.name, to_json(row));
  impl.retire(reference.name);
  if (input.Publish.value_or(false)) return publish(impl, c);
  return c;
}

api::UpdateFunctionConfigurationOutput update_function_configuration(
    Lambda& lambda, Call&, const api::UpdateFunctionConfigurationInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  std::lock_guard lock(impl.mutex);
  auto row = impl.function(reference);
  auto& c = *row.Configuration;
  check_revision(input.RevisionId, c);
  if (input.Runtime) check_runtime({}, input.Runtime, c.Handler);
  if (input.Role) c.Role = input.Role;
  apply(input, c);
  touch(impl, c);
  impl.put(kFunctions, reference.name, to_json(row));
  impl.retire(reference.name);
  return c;
}

api::PublishVersionOutput publish_version(Lambda& lambda, Call& call, const api::PublishVersionInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  std::lock_guard lock(impl.mutex);
  auto latest = *impl.function(reference).Configuration;
  check_revision(input.RevisionId, latest);
  if (input.CodeSha256 && input.CodeSha256 != latest.CodeSha256) {
    throw invalid("CodeSHA256 (" + *input.CodeSha256 + ") is different from current CodeSHA256 in $LATEST (" +
                  *latest.CodeSha256 + "). Please try again with the CodeSHA256 in $LATEST.");
  }
  if (input.Description) latest.Description = input.Description;
  call.status = 201;
  return publish(impl, latest);
}

}  // namespace engine::lambda
