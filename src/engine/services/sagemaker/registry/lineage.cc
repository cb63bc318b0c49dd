// Lineage: artifacts, actions, contexts and the associations between them; QueryLineage.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/registry/lineage_graph.h"

#include <deque>
#include <set>

namespace engine::sagemaker {
namespace {

AwsError no_such_entity(std::string_view arn) {
  return {"ResourceNotFound", fmt::format("The lineage entity {} does not exist.", arn)};
}

/// The page of those lines that have the wanted type and source.
template <class Summary, class Input, class Make>
Page<Summary> entities_page(const SageMaker::Impl& state, const Input& input,
                            const std::string& kind, const std::optional<std::string>& type,
                            Make&& make) {
  std::vector<Listed<Summary>> all;
  const LineageGraph graph(state);
  for (const auto& [arn, entity] : graph.entities()) {
    if (entity.kind != kind || (type && entity.type != *type)) continue;
    if (input.SourceUri && base::to_lower(entity.source_uri) != base::to_lower(*input.SourceUri)) {
      continue;
    }
    all.push_back({make(entity), entity.name + arn, entity.created, entity.created, ""});
  }
  return list_page(input, std::move(all));
}

template <class T>
std::optional<T> given(const T& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Of Artifact, Action and Context: what they share in Describe.
template <class Response>
void describe_common(const LineageEntity& entity, Response& response) {
  response.CreationTime = response.LastModifiedTime = entity.created;
  if (!entity.properties.empty()) response.Properties = entity.properties;
}

std::optional<api::ArtifactSource> artifact_source(const LineageEntity& entity) {
  api::ArtifactSource source{.SourceUri = entity.source_uri};
  if (!entity.digest.empty()) {
    source.SourceTypes = std::vector<api::ArtifactSourceType>{{"S3ETag", entity.digest}};
  }
  return source;
}

const LineageEntity& entity_of(const LineageGraph& graph, const std::string& arn,
                               const std::string& kind) {
  const LineageEntity* entity = graph.find(arn);
  if (entity == nullptr || entity->kind != kind) throw no_such_entity(arn);
  return *entity;
}

std::string association_key(const std::string& from, const std::string& to) {
  return base::to_lower(from) + "|" + base::to_lower(to);
}

/// Changes an entity's properties as Update… asks.
template <class Row, class Input>
void update_properties(Row& row, const Input& input, Timestamp now) {
  if (input.Properties) {
    auto& properties = row.Properties ? *row.Properties : row.Properties.emplace();
    for (const auto& [name, value] : *input.Properties) properties[name] = value;
  }
  if (input.PropertiesToRemove && row.Properties) {
    for (const std::string& name : *input.PropertiesToRemove) row.Properties->erase(name);
  }
  row.LastModifiedTime = now;
}

/// Deviation: only what a client made can be changed: the others follow from jobs and packages.
void check_changed(bool changed, const SageMaker::Impl& state, const std::string& arn) {
  if (changed) return;
  if (LineageGraph(state).find(arn) == nullptr) throw no_such_entity(arn);
  throw validation(
      fmt::format("{} follows from a job, a package or an endpoint and can't be "
                  "changed.",
                  arn));
}

// QueryLineage -----------------------------------------------------------------------------------

class Walk {
 public:
  Walk(const LineageGraph& graph, const api::QueryLineageRequest& input)
      : graph_(graph), input_(input) {}

  api::QueryLineageResponse run();

 private:
  bool wanted(const LineageEntity& entity) const;
  void follow(bool ascending);

  const LineageGraph& graph_;
  const api::QueryLineageRequest& input_;
  std::set<std::string> starts_, reached_;
  std::set<std::size_t> edges_;
};

bool Walk::wanted(const LineageEntity& entity) const {
  if (!input_.Filters) return true;
  const auto& filters = *input_.Filters;
  const auto among = [](const auto& list, const std::string& value) {
    return !list || list->empty() || std::find(list->begin(), list->end(), value) != list->end();
  };
  if (!among(filters.Types, entity.type) || !among(filters.LineageTypes, entity.kind)) return false;
  if (filters.CreatedAfter && entity.created < *filters.CreatedAfter) return false;
  if (filters.CreatedBefore && entity.created > *filters.CreatedBefore) return false;
  if (!filters.Properties) return true;
  for (const auto& [name, value] : *filters.Properties) {
    const auto found = entity.properties.find(name);
    if (found == entity.properties.end() || found->second != value) return false;
  }
  return true;
}

void Walk::follow(bool ascending) {
  const auto depth_limit = input_.MaxDepth.value_or(10);
  std::map<std::string, std::int64_t> depth;
  std::deque<std::string> next(starts_.begin(), starts_.end());
  for (const std::string& start : starts_) depth[start] = 0;
  while (!next.empty()) {
    const std::string at = next.front();
    next.pop_front();
    if (depth[at] >= depth_limit) continue;
    for (std::size_t i = 0; i < graph_.edges().size(); ++i) {
      const auto& edge = graph_.edges()[i];
      const auto& here = ascending ? edge.DestinationArn : edge.SourceArn;
      const auto& there = ascending ? edge.SourceArn : edge.DestinationArn;
      if (base::to_lower(*here) != at) continue;
      edges_.insert(i);
      const std::string to = base::to_lower(*there);
      if (depth.contains(to)) continue;
      depth[to] = depth[at] + 1;
      reached_.insert(to);
      next.push_back(to);
    }
  }
}

api::QueryLineageResponse Walk::run() {
  const auto arns = input_.StartArns.value_or(std::vector<std::string>{});
  if (arns.empty()) throw validation("StartArns must hold at least one ARN.");
  for (const std::string& arn : arns) {
    const LineageEntity* entity = graph_.find(arn);
    if (entity == nullptr) throw no_such_entity(arn);
    starts_.insert(base::to_lower(entity->arn));
  }
  const std::string direction = input_.Direction.value_or("Both");
  if (direction != "Descendants") follow(true);
  if (direction != "Ascendants") follow(false);
  std::vector<api::Vertex> vertices;
  for (const std::string& arn : reached_) {
    const LineageEntity* entity = graph_.find(arn);
    if (entity == nullptr || starts_.contains(arn) || !wanted(*entity)) continue;
    vertices.push_back({.Arn = entity->arn, .Type = entity->type, .LineageType = entity->kind});
  }
  auto page = page_of(std::move(vertices), input_.NextToken, input_.MaxResults, 50, bad_token());
  api::QueryLineageResponse response{.Vertices = std::move(page.items), .NextToken = page.next};
  response.Edges.emplace();
  if (!input_.IncludeEdges.value_or(true)) return response;
  for (const std::size_t i : edges_) {
    response.Edges->push_back(converted<api::Edge>(graph_.edges()[i]));
  }
  return response;
}

}  // namespace

// Artifacts --------------------------------------------------------------------------------------

api::op::CreateArtifact::Output create_artifact(SageMaker& sagemaker, Call&,
                                                const api::op::CreateArtifact::Input& input) {
  auto& state = sagemaker.impl();
  auto row = converted<api::DescribeArtifactResponse>(input);
  const std::string id = state.context.ids.hex(32);
  row.ArtifactArn = state.arn("artifact", id);
  row.CreationTime = row.LastModifiedTime = state.now();
  state.artifacts.put(id, row);
  state.put_tags(*row.ArtifactArn, input.Tags);
  return {.ArtifactArn = row.ArtifactArn};
}

api::op::DescribeArtifact::Output describe_artifact(SageMaker& sagemaker, Call&,
                                                    const api::op::DescribeArtifact::Input& input) {
  const auto& state = sagemaker.impl();
  if (auto row = state.artifacts.find(key_of(input.ArtifactArn, "artifact"))) return *row;
  const LineageGraph graph(state);
  const LineageEntity& entity = entity_of(graph, input.ArtifactArn, "Artifact");
  api::DescribeArtifactResponse response{.ArtifactName = given(entity.name),
                                         .ArtifactArn = entity.arn,
                                         .Source = artifact_source(entity),
                                         .ArtifactType = entity.type};
  describe_common(entity, response);
  return response;
}

api::op::ListArtifacts::Output list_artifacts(SageMaker& sagemaker, Call&,
                                              const api::op::ListArtifacts::Input& input) {
  auto page = entities_page<api::ArtifactSummary>(
      sagemaker.impl(), input, "Artifact", input.ArtifactType, [](const LineageEntity& entity) {
        return api::ArtifactSummary{.ArtifactArn = entity.arn,
                                    .ArtifactName = given(entity.name),
                                    .Source = artifact_source(entity),
                                    .ArtifactType = entity.type,
                                    .CreationTime = entity.created,
                                    .LastModifiedTime = entity.created};
      });
  return {.ArtifactSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::UpdateArtifact::Output update_artifact(SageMaker& sagemaker, Call&,
                                                const api::op::UpdateArtifact::Input& input) {
  auto& state = sagemaker.impl();
  const auto row = state.artifacts.change(key_of(input.ArtifactArn, "artifact"),
                                          [&](api::DescribeArtifactResponse& artifact) {
                                            if (input.ArtifactName)
                                              artifact.ArtifactName = input.ArtifactName;
                                            update_properties(artifact, input, state.now());
                                          });
  check_changed(row.has_value(), state, input.ArtifactArn);
  return {.ArtifactArn = row->ArtifactArn};
}

/// Deviation: by its ARN only, and only what a client made: the others stand for jobs and packages.
api::op::DeleteArtifact::Output delete_artifact(SageMaker& sagemaker, Call&,
                                                const api::op::DeleteArtifact::Input& input) {
  if (!input.ArtifactArn) throw validation("Give the ArtifactArn of the artifact to delete.");
  if (!sagemaker.impl().artifacts.remove(key_of(*input.ArtifactArn, "artifact"))) {
    throw no_such_entity(*input.ArtifactArn);
  }
  return {.ArtifactArn = input.ArtifactArn};
}

// Actions ----------------------------------------------------------------------------------------

api::op::CreateAction::Output create_action(SageMaker& sagemaker, Call&,
                                            const api::op::CreateAction::Input& input) {
  auto& state = sagemaker.impl();
  auto row = converted<api::DescribeActionResponse>(input);
  row.ActionArn = state.arn("action", input.ActionName);
  row.CreationTime = row.LastModifiedTime = state.now();
  if (!state.actions.insert(key_of(input.ActionName, "action"), row)) {
    throw cannot_create_existing("action", *row.ActionArn);
  }
  state.put_tags(*row.ActionArn, input.Tags);
  return {.ActionArn = row.ActionArn};
}

api::op::DescribeAction::Output describe_action(SageMaker& sagemaker, Call&,
                                                const api::op::DescribeAction::Input& input) {
  const auto& state = sagemaker.impl();
  const std::string key = key_of(input.ActionName, "action");
  if (auto row = state.actions.find(key)) return *row;
  const LineageGraph graph(state);
  const LineageEntity& entity = entity_of(graph, state.arn("action", key), "Action");
  api::DescribeActionResponse response{
      .ActionName = entity.name, .ActionArn = entity.arn, .ActionType = entity.type};
  response.Source = api::ActionSource{.SourceUri = entity.source_uri};
  response.Status = "Completed";
  describe_common(entity, response);
  return response;
}

api::op::ListActions::Output list_actions(SageMaker& sagemaker, Call&,
                                          const api::op::ListActions::Input& input) {
  auto page = entities_page<api::ActionSummary>(
      sagemaker.impl(), input, "Action", input.ActionType, [](const LineageEntity& entity) {
        return api::ActionSummary{.ActionArn = entity.arn,
                                  .ActionName = entity.name,
                                  .Source = api::ActionSource{.SourceUri = entity.source_uri},
                                  .ActionType = entity.type,
                                  .CreationTime = entity.created,
                                  .LastModifiedTime = entity.created};
      });
  return {.ActionSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::UpdateAction::Output update_action(SageMaker& sagemaker, Call&,
                                            const api::op::UpdateAction::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ActionName, "action");
  const auto row = state.actions.change(key, [&](api::DescribeActionResponse& action) {
    if (input.Description) action.Description = input.Description;
    if (input.Status) action.Status = input.Status;
    update_properties(action, input, state.now());
  });
  check_changed(row.has_value(), state, state.arn("action", key));
  return {.ActionArn = row->ActionArn};
}

api::op::DeleteAction::Output delete_action(SageMaker& sagemaker, Call&,
                                            const api::op::DeleteAction::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ActionName, "action");
  if (!state.actions.remove(key)) throw no_such_entity(state.arn("action", key));
  return {.ActionArn = state.arn("action", key)};
}

// Contexts ---------------------------------------------------------------------------------------

api::op::CreateContext::Output create_context(SageMaker& sagemaker, Call&,
                                              const api::op::CreateContext::Input& input) {
  auto& state = sagemaker.impl();
  auto row = converted<api::DescribeContextResponse>(input);
  row.ContextArn = state.arn("context", input.ContextName);
  row.CreationTime = row.LastModifiedTime = state.now();
  if (!state.lineage_contexts.insert(key_of(input.ContextName, "context"), row)) {
    throw cannot_create_existing("context", *row.ContextArn);
  }
  state.put_tags(*row.ContextArn, input.Tags);
  return {.ContextArn = row.ContextArn};
}

api::op::DescribeContext::Output describe_context(SageMaker& sagemaker, Call&,
                                                  const api::op::DescribeContext::Input& input) {
  const auto& state = sagemaker.impl();
  const std::string key = key_of(input.ContextName, "context");
  if (auto row = state.lineage_contexts.find(key)) return *row;
  const LineageGraph graph(state);
  const LineageEntity& entity = entity_of(graph, state.arn("context", key), "Context");
  api::DescribeContextResponse response{
      .ContextName = entity.name, .ContextArn = entity.arn, .ContextType = entity.type};
  response.Source = api::ContextSource{.SourceUri = entity.source_uri};
  describe_common(entity, response);
  return response;
}

api::op::ListContexts::Output list_contexts(SageMaker& sagemaker, Call&,
                                            const api::op::ListContexts::Input& input) {
  auto page = entities_page<api::ContextSummary>(
      sagemaker.impl(), input, "Context", input.ContextType, [](const LineageEntity& entity) {
        return api::ContextSummary{.ContextArn = entity.arn,
                                   .ContextName = entity.name,
                                   .Source = api::ContextSource{.SourceUri = entity.source_uri},
                                   .ContextType = entity.type,
                                   .CreationTime = entity.created,
                                   .LastModifiedTime = entity.created};
      });
  return {.ContextSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::UpdateContext::Output update_context(SageMaker& sagemaker, Call&,
                                              const api::op::UpdateContext::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ContextName, "context");
  const auto row = state.lineage_contexts.change(key, [&](api::DescribeContextResponse& context) {
    if (input.Description) context.Description = input.Description;
    update_properties(context, input, state.now());
  });
  check_changed(row.has_value(), state, state.arn("context", key));
  return {.ContextArn = row->ContextArn};
}

api::op::DeleteContext::Output delete_context(SageMaker& sagemaker, Call&,
                                              const api::op::DeleteContext::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ContextName, "context");
  if (!state.lineage_contexts.remove(key)) throw no_such_entity(state.arn("context", key));
  return {.ContextArn = state.arn("context", key)};
}

// Associations -----------------------------------------------------------------------------------

api::op::AddAssociation::Output add_association(SageMaker& sagemaker, Call&,
                                                const api::op::AddAssociation::Input& input) {
  auto& state = sagemaker.impl();
  const LineageGraph graph(state);
  const auto* from = graph.find(input.SourceArn);
  const auto* to = graph.find(input.DestinationArn);
  if (from == nullptr) throw no_such_entity(input.SourceArn);
  if (to == nullptr) throw no_such_entity(input.DestinationArn);
  api::AssociationSummary row{.SourceArn = from->arn,
                              .DestinationArn = to->arn,
                              .AssociationType = input.AssociationType.value_or("AssociatedWith")};
  row.CreationTime = state.now();
  if (!state.associations.insert(association_key(from->arn, to->arn), row)) {
    throw validation(
        fmt::format("An association from {} to {} already exists.", from->arn, to->arn));
  }
  return {.SourceArn = from->arn, .DestinationArn = to->arn};
}

api::op::DeleteAssociation::Output delete_association(
    SageMaker& sagemaker, Call&, const api::op::DeleteAssociation::Input& input) {
  if (!sagemaker.impl().associations.remove(
          association_key(input.SourceArn, input.DestinationArn))) {
    throw AwsError("ResourceNotFound", fmt::format("There is no association from {} to {}.",
                                                   input.SourceArn, input.DestinationArn));
  }
  return {.SourceArn = input.SourceArn, .DestinationArn = input.DestinationArn};
}

api::op::ListAssociations::Output list_associations(SageMaker& sagemaker, Call&,
                                                    const api::op::ListAssociations::Input& input) {
  const LineageGraph graph(sagemaker.impl());
  // ARNs of jobs, packages and endpoints stand for their entities here, too.
  const auto resolved = [&](const std::optional<std::string>& arn) {
    const auto* entity = arn ? graph.find(*arn) : nullptr;
    return entity ? std::optional(entity->arn) : arn;
  };
  const auto source = resolved(input.SourceArn), destination = resolved(input.DestinationArn);
  std::vector<Listed<api::AssociationSummary>> all;
  for (api::AssociationSummary edge : graph.edges()) {
    const auto* from = graph.find(*edge.SourceArn);
    const auto* to = graph.find(*edge.DestinationArn);
    if (from == nullptr || to == nullptr) continue;  // deleted since
    if ((source && from->arn != *source) || (destination && to->arn != *destination)) continue;
    if (input.SourceType && from->type != *input.SourceType) continue;
    if (input.DestinationType && to->type != *input.DestinationType) continue;
    if (input.AssociationType && edge.AssociationType != input.AssociationType) continue;
    edge.SourceType = from->type;
    edge.DestinationType = to->type;
    edge.SourceName = given(from->name);
    edge.DestinationName = given(to->name);
    const Timestamp created = edge.CreationTime.value_or(from->created);
    const std::string name = from->arn + to->arn;
    all.push_back({std::move(edge), name, created, created, ""});
  }
  auto page = list_page(input, std::move(all));
  return {.AssociationSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::QueryLineage::Output query_lineage(SageMaker& sagemaker, Call&,
                                            const api::op::QueryLineage::Input& input) {
  const LineageGraph graph(sagemaker.impl());
  return Walk(graph, input).run();
}

}  // namespace engine::sagemaker
