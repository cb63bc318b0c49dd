// What hangs on a function: permissions, tags, reserved concurrency, asynchronous invocation settings.
#include "engine/protocol/json.h"
#include "engine/services/lambda/destinations.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"
#include "engine/services/paging.h"

#include <boost/json.hpp>

namespace engine::lambda {
namespace {

namespace json = boost::json;

/// Who may call: a service, an account or everyone, as a policy writes it.
json::value principal_of(const std::string& text) {
  if (text == "*") return "*";
  if (text.ends_with(".amazonaws.com")) return json::object{{"Service", text}};
  if (text.size() == 12) return json::object{{"AWS", "arn:aws:iam::" + text + ":root"}};
  return json::object{{"AWS", text}};
}

json::object statement_of(const Lambda::Impl& lambda, const std::string& function, const api::AddPermissionInput& input) {
  std::string resource = lambda.arn(function);
  if (input.Qualifier) resource += ":" + *input.Qualifier;
  json::object statement{{"Sid", input.StatementId},
                         {"Effect", "Allow"},
                         {"Principal", principal_of(input.Principal)},
                         {"Action", input.Action},
                         {"Resource", resource}};
  json::object condition;
  if (input.SourceArn) condition["ArnLike"] = json::object{{"AWS:SourceArn", *input.SourceArn}};
  if (input.SourceAccount) condition["StringEquals"] = json::object{{"AWS:SourceAccount", *input.SourceAccount}};
  if (!condition.empty()) statement["Condition"] = std::move(condition);
  return statement;
}

using TagMap = std::map<std::string, std::string>;

/// The UUID of an event source mapping's ARN, "" of any other.
std::string mapping_of(std::string_view arn) {
  constexpr std::string_view kMark = ":event-source-mapping:";
  const auto mark = arn.find(kMark);
  return mark == std::string_view::npos ? "" : std::string(arn.substr(mark + kMark.size()));
}

TagMap mapping_tags(const Lambda::Impl& lambda, const std::string& uuid) {
  if (!lambda.context.catalog.get(kMappings, uuid)) {
    throw no_such_resource("The resource you requested does not exist.");
  }
  const auto row = lambda.context.catalog.get(kMappingTags, uuid);
  return row ? from_json<api::ListTagsResponse>(*row).Tags.value_or(TagMap()) : TagMap();
}

/// Changes the stored function under the lock.
template <class Change>
api::GetFunctionResponse change(Lambda& lambda, const std::string& function, Change&& apply) {
  auto& impl = lambda.impl();
  std::lock_guard lock(impl.mutex);
  auto row = impl.function({function, "$LATEST"});
  apply(row);
  impl.put(kFunctions, function, to_json(row));
  return row;
}

/// Changes the tags of a function or of an event source mapping, under the lock.
template <class Change>
void change_tags(Lambda& lambda, const std::string& arn, Change&& apply) {
  const std::string uuid = mapping_of(arn);
  if (uuid.empty()) {
    change(lambda, parse_reference(arn).name, [&](auto& row) {
      if (!row.Tags) row.Tags.emplace();
      apply(*row.Tags);
    });
    return;
  }
  auto& impl = lambda.impl();
  std::lock_guard lock(impl.mutex);
  TagMap tags = mapping_tags(impl, uuid);
  apply(tags);
  impl.put(kMappingTags, uuid, to_json(api::ListTagsResponse{.Tags = std::move(tags)}));
}

/// How asynchronous calls of the function are handled; refuses when nothing has been said about it.
api::FunctionEventInvokeConfig invoke_config(const Lambda::Impl& impl, const Reference& reference) {
  const auto row = impl.context.catalog.get(kInvokeConfigs, key_of(reference.name, reference.qualifier));
  if (!row) {
    throw no_such_resource(fmt::format("The function {}:{} doesn't have an EventInvokeConfig", impl.arn(reference.name),
                                       reference.qualifier));
  }
  return from_json<api::FunctionEventInvokeConfig>(*row);
}

}  // namespace

api::AddPermissionOutput add_permission(Lambda& lambda, Call& call, const api::AddPermissionInput& input) {
  auto& impl = lambda.impl();
  const std::string function = parse_reference(input.FunctionName).name;
  std::lock_guard lock(impl.mutex);
  impl.configuration({function, input.Qualifier.value_or("$LATEST")});
  const std::string key = key_of(function, input.StatementId);
  if (impl.context.catalog.get(kPermissions, key)) {
    throw conflict("The statement id (" + input.StatementId + ") provided already exists. Please provide a new "
                   "statement id, or remove the existing statement.");
  }
  const std::string statement = json::serialize(statement_of(impl, function, input));
  impl.put(kPermissions, key, statement);
  call.status = 201;
  return {.Statement = statement};
}

api::RemovePermissionOutput remove_permission(Lambda& lambda, Call& call, const api::RemovePermissionInput& input) {
  auto& impl = lambda.impl();
  const std::string key = key_of(parse_reference(input.FunctionName).name, input.StatementId);
  std::lock_guard lock(impl.mutex);
  if (!impl.context.catalog.get(kPermissions, key)) {
    throw no_such_resource("Statement " + input.StatementId + " is not found in resource policy.");
  }
  storage::Batch batch;
  batch.remove(kPermissions, key);
  impl.context.catalog.commit(std::move(batch));
  call.status = 204;
  return {};
}

api::GetPolicyOutput get_policy(Lambda& lambda, Call&, const api::GetPolicyInput& input) {
  auto& impl = lambda.impl();
  const auto configuration = impl.configuration(parse_reference(input.FunctionName));
  auto policy = lambda.policy(input.FunctionName);
  if (!policy) throw no_such_resource("The resource you requested does not exist.");
  return {.Policy = std::move(policy), .RevisionId = configuration.RevisionId};
}

std::optional<std::string> Lambda::policy(std::string_view function) const {
  json::array statements;
  for (const auto& row : impl_->context.catalog.scan(kPermissions, key_of(parse_reference(function).name, ""))) {
    statements.push_back(json::parse(row.value));
  }
  if (statements.empty()) return std::nullopt;
  return json::serialize(json::object{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(statements)}});
}

api::TagResourceOutput tag_resource(Lambda& lambda, Call& call, const api::TagResourceInput& input) {
  change_tags(lambda, input.Resource, [&](TagMap& tags) {
    for (const auto& [key, value] : input.Tags) tags[key] = value;
  });
  call.status = 204;
  return {};
}

api::UntagResourceOutput untag_resource(Lambda& lambda, Call& call, const api::UntagResourceInput& input) {
  change_tags(lambda, input.Resource, [&](TagMap& tags) {
    for (const auto& key : input.TagKeys) tags.erase(key);
  });
  call.status = 204;
  return {};
}

api::ListTagsOutput list_tags(Lambda& lambda, Call&, const api::ListTagsInput& input) {
  const std::string uuid = mapping_of(input.Resource);
  if (!uuid.empty()) return {.Tags = mapping_tags(lambda.impl(), uuid)};
  const auto row = lambda.impl().function({parse_reference(input.Resource).name, "$LATEST"});
  return {.Tags = row.Tags.value_or(std::map<std::string, std::string>{})};
}

api::PutFunctionConcurrencyOutput put_function_concurrency(Lambda& lambda, Call&,
                                                           const api::PutFunctionConcurrencyInput& input) {
  change(lambda, parse_reference(input.FunctionName).name, [&](auto& row) {
    row.Concurrency = api::Concurrency{.ReservedConcurrentExecutions = input.ReservedConcurrentExecutions};
  });
  return {.ReservedConcurrentExecutions = input.ReservedConcurrentExecutions};
}

api::GetFunctionConcurrencyOutput get_function_concurrency(Lambda& lambda, Call&,
                                                           const api::GetFunctionConcurrencyInput& input) {
  const auto row = lambda.impl().function(parse_reference(input.FunctionName));
  if (!row.Concurrency) return {};
  return {.ReservedConcurrentExecutions = row.Concurrency->ReservedConcurrentExecutions};
}

api::DeleteFunctionConcurrencyOutput delete_function_concurrency(Lambda& lambda, Call& call,
                                                                 const api::DeleteFunctionConcurrencyInput& input) {
  change(lambda, parse_reference(input.FunctionName).name, [](auto& row) { row.Concurrency.reset(); });
  call.status = 204;
  return {};
}

api::GetFunctionCodeSigningConfigOutput get_function_code_signing_config(
    Lambda& lambda, Call&, const api::GetFunctionCodeSigningConfigInput& input) {
  const Reference reference = parse_reference(input.FunctionName);
  lambda.impl().function(reference);
  return {.CodeSigningConfigArn = "", .FunctionName = reference.name};
}

api::PutFunctionEventInvokeConfigOutput put_function_event_invoke_config(
    Lambda& lambda, Call&, const api::PutFunctionEventInvokeConfigInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  impl.configuration(reference);
  if (input.DestinationConfig) check_destinations(impl, *input.DestinationConfig);
  api::FunctionEventInvokeConfig made{.LastModified = impl.context.clock.now(),
                                      .FunctionArn = impl.arn(reference.name) + ":" + reference.qualifier,
                                      .MaximumRetryAttempts = input.MaximumRetryAttempts,
                                      .MaximumEventAgeInSeconds = input.MaximumEventAgeInSeconds,
                                      .DestinationConfig = input.DestinationConfig};
  impl.put(kInvokeConfigs, key_of(reference.name, reference.qualifier), to_json(made));
  return made;
}

api::GetFunctionEventInvokeConfigOutput get_function_event_invoke_config(
    Lambda& lambda, Call&, const api::GetFunctionEventInvokeConfigInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  return invoke_config(impl, reference);
}

api::UpdateFunctionEventInvokeConfigOutput update_function_event_invoke_config(
    Lambda& lambda, Call&, const api::UpdateFunctionEventInvokeConfigInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  auto config = invoke_config(impl, reference);
  if (input.DestinationConfig) check_destinations(impl, *input.DestinationConfig);
  config.LastModified = impl.context.clock.now();
  if (input.MaximumRetryAttempts) config.MaximumRetryAttempts = input.MaximumRetryAttempts;
  if (input.MaximumEventAgeInSeconds) config.MaximumEventAgeInSeconds = input.MaximumEventAgeInSeconds;
  if (input.DestinationConfig) config.DestinationConfig = input.DestinationConfig;
  impl.put(kInvokeConfigs, key_of(reference.name, reference.qualifier), to_json(config));
  return config;
}

api::ListFunctionEventInvokeConfigsOutput list_function_event_invoke_configs(
    Lambda& lambda, Call&, const api::ListFunctionEventInvokeConfigsInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  impl.function(reference);
  std::vector<api::FunctionEventInvokeConfig> all;
  for (const auto& row : impl.context.catalog.scan(kInvokeConfigs, key_of(reference.name, ""))) {
    all.push_back(from_json<api::FunctionEventInvokeConfig>(row.value));
  }
  auto page = page_of(std::move(all), input.Marker, input.MaxItems, 50, invalid("Invalid Marker"));
  return {.FunctionEventInvokeConfigs = std::move(page.items), .NextMarker = std::move(page.next)};
}

api::DeleteFunctionEventInvokeConfigOutput delete_function_event_invoke_config(
    Lambda& lambda, Call& call, const api::DeleteFunctionEventInvokeConfigInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName, input.Qualifier);
  invoke_config(impl, reference);
  storage::Batch batch;
  batch.remove(kInvokeConfigs, key_of(reference.name, reference.qualifier));
  impl.context.catalog.commit(std::move(batch));
  call.status = 204;
  return {};
}

}  // namespace engine::lambda
