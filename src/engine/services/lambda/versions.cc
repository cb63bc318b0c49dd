// Published versions and the aliases that point to them.
#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"

#include <algorithm>

namespace engine::lambda {
namespace {

std::string alias_arn(const Lambda::Impl& lambda, const std::string& function, const std::string& alias) {
  return lambda.arn(function) + ":" + alias;
}

api::AliasConfiguration alias(const Lambda::Impl& lambda, const std::string& function, const std::string& name) {
  const auto row = lambda.context.catalog.get(kAliases, key_of(function, name));
  if (!row) throw no_such_resource("Cannot find alias arn: " + alias_arn(lambda, function, name));
  return from_json<api::AliasConfiguration>(*row);
}

}  // namespace

api::ListVersionsByFunctionOutput list_versions_by_function(Lambda& lambda, Call&,
                                                            const api::ListVersionsByFunctionInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  api::ListVersionsByFunctionOutput output;
  auto latest = *impl.function(reference).Configuration;
  latest.FunctionArn = *latest.FunctionArn + ":$LATEST";
  output.Versions.emplace().push_back(std::move(latest));
  for (const auto& row : impl.context.catalog.scan(kVersions, key_of(reference.name, ""))) {
    output.Versions->push_back(from_json<api::FunctionConfiguration>(row.value));
  }
  std::sort(output.Versions->begin() + 1, output.Versions->end(),
            [](const auto& a, const auto& b) { return std::stoll(*a.Version) < std::stoll(*b.Version); });
  return output;
}

api::CreateAliasOutput create_alias(Lambda& lambda, Call& call, const api::CreateAliasInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  std::lock_guard lock(impl.mutex);
  impl.configuration({reference.name, input.FunctionVersion});
  if (impl.context.catalog.get(kAliases, key_of(reference.name, input.Name))) {
    throw conflict("Alias already exists: " + alias_arn(impl, reference.name, input.Name));
  }
  const api::AliasConfiguration made{.AliasArn = alias_arn(impl, reference.name, input.Name),
                                     .Name = input.Name,
                                     .FunctionVersion = input.FunctionVersion,
                                     .Description = input.Description.value_or(""),
                                     .RoutingConfig = input.RoutingConfig,
                                     .RevisionId = impl.context.ids.uuid()};
  impl.put(kAliases, key_of(reference.name, input.Name), to_json(made));
  call.status = 201;
  return made;
}

api::GetAliasOutput get_alias(Lambda& lambda, Call&, const api::GetAliasInput& input) {
  return alias(lambda.impl(), parse_reference(input.FunctionName).name, input.Name);
}

api::UpdateAliasOutput update_alias(Lambda& lambda, Call&, const api::UpdateAliasInput& input) {
  auto& impl = lambda.impl();
  const std::string function = parse_reference(input.FunctionName).name;
  std::lock_guard lock(impl.mutex);
  auto changed = alias(impl, function, input.Name);
  if (input.FunctionVersion) {
    impl.configuration({function, *input.FunctionVersion});
    changed.FunctionVersion = input.FunctionVersion;
  }
  if (input.Description) changed.Description = input.Description;
  if (input.RoutingConfig) changed.RoutingConfig = input.RoutingConfig;
  changed.RevisionId = impl.context.ids.uuid();
  impl.put(kAliases, key_of(function, input.Name), to_json(changed));
  return changed;
}

api::DeleteAliasOutput delete_alias(Lambda& lambda, Call& call, const api::DeleteAliasInput& input) {
  auto& impl = lambda.impl();
  storage::Batch batch;
  batch.remove(kAliases, key_of(parse_reference(input.FunctionName).name, input.Name));
  impl.context.catalog.commit(std::move(batch));
  call.status = 204;
  return {};
}

api::ListAliasesOutput list_aliases(Lambda& lambda, Call&, const api::ListAliasesInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  impl.function(reference);
  api::ListAliasesOutput output;
  output.Aliases.emplace();
  for (const auto& row : impl.context.catalog.scan(kAliases, key_of(reference.name, ""))) {
    auto found = from_json<api::AliasConfiguration>(row.value);
    if (!input.FunctionVersion || found.FunctionVersion == input.FunctionVersion) {
      output.Aliases->push_back(std::move(found));
    }
  }
  return output;
}

}  // namespace engine::lambda
