// Published versions and the aliases that point to them.
#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"
#include "engine/services/paging.h"

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

constexpr std::size_t kPageSize = 50;

AwsError invalid_marker() { return invalid("Marker is not valid."); }

/// Versions in the order of their numbers, $LATEST first.
std::string rank(const api::FunctionConfiguration& version) {
  return version.Version == "$LATEST" ? std::string() : fmt::format("{:0>20}", *version.Version);
}

/// An alias without weights has no routing at all: what clients read back from AWS.
std::optional<api::AliasRoutingConfiguration> routing_of(
    const std::optional<api::AliasRoutingConfiguration>& given) {
  const bool weights = given && given->AdditionalVersionWeights && !given->AdditionalVersionWeights->empty();
  return weights ? given : std::nullopt;
}

/// Weights: one further version beside the alias's own, both of them published.
void check_weights(const Lambda::Impl& lambda, const std::string& function, const api::AliasConfiguration& alias) {
  if (!routing_of(alias.RoutingConfig)) return;
  const auto& weights = *alias.RoutingConfig->AdditionalVersionWeights;
  if (weights.size() > 1) throw invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
  if (alias.FunctionVersion == "$LATEST") {
    throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
  }
  const auto& [version, weight] = *weights.begin();
  if (version == *alias.FunctionVersion) {
    throw invalid(fmt::format("Invalid function version {}. Function version {} is already included in routing "
                              "configuration.", version, version));
  }
  if (weight < 0 || weight > 1) throw invalid("A version's weight must be between 0 and 1");
  lambda.configuration({function, version});
}

}  // namespace

api::ListVersionsByFunctionOutput list_versions_by_function(Lambda& lambda, Call&,
                                                            const api::ListVersionsByFunctionInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  std::vector<api::FunctionConfiguration> versions;
  auto latest = *impl.function(reference).Configuration;
  latest.FunctionArn = *latest.FunctionArn + ":$LATEST";
  versions.push_back(std::move(latest));
  for (const auto& row : impl.context.catalog.scan(kVersions, key_of(reference.name, ""))) {
    versions.push_back(from_json<api::FunctionConfiguration>(row.value));
  }
  auto page = page_by_name(std::move(versions), input.Marker, input.MaxItems, kPageSize, invalid_marker(), rank);
  return {.NextMarker = std::move(page.next), .Versions = std::move(page.items)};
}

api::CreateAliasOutput create_alias(Lambda& lambda, Call& call, const api::CreateAliasInput& input) {
  auto& impl = lambda.impl();
  const Reference reference = parse_reference(input.FunctionName);
  std::lock_guard lock(impl.mutex);
  impl.configuration({reference.name, input.FunctionVersion});
  if (impl.context.catalog.get(kAliases, key_of(reference.name, input.Name))) {
    throw conflict("Alias already exists: " + alias_arn(impl, reference.name, input.Name));
  }
  api::AliasConfiguration made{.AliasArn = alias_arn(impl, reference.name, input.Name),
                               .Name = input.Name,
                               .FunctionVersion = input.FunctionVersion,
                               .Description = input.Description.value_or(""),
                               .RoutingConfig = routing_of(input.RoutingConfig),
                               .RevisionId = impl.context.ids.uuid()};
  check_weights(impl, reference.name, made);
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
  if (input.RoutingConfig) changed.RoutingConfig = routing_of(input.RoutingConfig);
  check_weights(impl, function, changed);
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
  std::vector<api::AliasConfiguration> aliases;
  for (const auto& row : impl.context.catalog.scan(kAliases, key_of(reference.name, ""))) {
    auto found = from_json<api::AliasConfiguration>(row.value);
    if (!input.FunctionVersion || found.FunctionVersion == input.FunctionVersion) {
      aliases.push_back(std::move(found));
    }
  }
  auto page = page_by_name(std::move(aliases), input.Marker, input.MaxItems, kPageSize, invalid_marker(),
                           [](const api::AliasConfiguration& one) { return *one.Name; });
  return {.NextMarker = std::move(page.next), .Aliases = std::move(page.items)};
}

}  // namespace engine::lambda
