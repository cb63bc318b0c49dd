// Lineage.
#include "engine/services/sagemaker/registry/lineage_graph.h"

#include "engine/services/sagemaker/jobs/input_record.h"
#include "engine/services/sagemaker/registry/packages.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine::sagemaker {
namespace {

/// Artifacts are named by 32 hexadecimal digits.
std::string artifact_id(const std::string& type, const std::string& uri,
                        const std::string& digest) {
  return base::to_hex(base::md5(fmt::format("{}\n{}\n{}", type, uri, digest)));
}

std::string etag_of(const SageMaker::Impl& state, const std::string& uri) {
  const auto parts = s3::parse_s3_uri(uri);
  if (!parts || parts->key.empty() || !state.s3.has_bucket(parts->bucket)) return "";
  const auto object = state.s3.find_object(parts->bucket, parts->key);
  return object ? object->etag : "";
}

}  // namespace

LineageGraph::LineageGraph(const SageMaker::Impl& state) : state_(state) {
  add_made_by_clients();
  add_training_jobs();
  add_processing_jobs();
  add_transform_jobs();
  add_packages();
  add_endpoints();
}

const LineageEntity* LineageGraph::find(const std::string& arn) const {
  const std::string key = base::to_lower(arn);
  const auto source = by_source_.find(key);
  const auto found = entities_.find(source == by_source_.end() ? key : source->second);
  return found == entities_.end() ? nullptr : &found->second;
}

std::string LineageGraph::add(LineageEntity entity) {
  std::string arn = entity.arn;
  if (!entity.source_uri.empty() && entity.source_uri.starts_with("arn:")) {
    by_source_.emplace(base::to_lower(entity.source_uri), arn);
  }
  entities_.emplace(arn, std::move(entity));
  return arn;
}

std::string LineageGraph::artifact(const std::string& type, const std::string& uri,
                                   const std::string& digest, Timestamp created,
                                   std::map<std::string, std::string> properties) {
  return add({.arn = state_.arn("artifact", artifact_id(type, uri, digest)),
              .kind = "Artifact",
              .type = type,
              .source_uri = uri,
              .created = created,
              .digest = digest,
              .properties = std::move(properties)});
}

std::string LineageGraph::trial_component(const std::string& job, const std::string& kind,
                                          const std::string& type, const std::string& arn,
                                          Timestamp created) {
  const std::string name = fmt::format("{}-aws-{}", job, kind);
  return add({.arn = state_.arn("experiment-trial-component", name),
              .kind = "TrialComponent",
              .type = type,
              .name = name,
              .source_uri = arn,
              .created = created});
}

void LineageGraph::link(const std::string& from, const std::string& to, const std::string& type,
                        Timestamp created) {
  if (from.empty() || to.empty()) return;
  Edge edge{.SourceArn = from, .DestinationArn = to, .AssociationType = type};
  edge.CreationTime = created;
  edges_.push_back(std::move(edge));
}

/// The data a job read, as it was then.
void LineageGraph::add_inputs(const std::string& job_arn, const std::string& component,
                              Timestamp created) {
  for (const RecordedInput& input : recorded_inputs(state_, job_arn)) {
    std::map<std::string, std::string> properties;
    constexpr std::size_t kMostProperties = 30;
    for (const auto& [key, etag] : input.objects) {
      if (properties.size() < kMostProperties) properties[key] = etag;
    }
    link(artifact("DataSet", input.uri, digest_of(input), created, std::move(properties)),
         component, "ContributedTo", created);
  }
}

std::string LineageGraph::model_data(const std::string& uri, Timestamp created) {
  return uri.empty() ? "" : artifact("Model", uri, etag_of(state_, uri), created);
}

void LineageGraph::add_made_by_clients() {
  for (const auto& row : state_.artifacts.all()) {
    std::string digest;
    const auto& source = row.Source;
    if (source && source->SourceTypes && !source->SourceTypes->empty()) {
      digest = source->SourceTypes->front().Value;
    }
    add({*row.ArtifactArn, "Artifact", row.ArtifactType.value_or(""), row.ArtifactName.value_or(""),
         source ? source->SourceUri : "", *row.CreationTime, digest,
         row.Properties.value_or(std::map<std::string, std::string>{})});
  }
  for (const auto& row : state_.actions.all()) {
    add({*row.ActionArn, "Action", row.ActionType.value_or(""), row.ActionName.value_or(""),
         row.Source ? row.Source->SourceUri : "", *row.CreationTime});
  }
  for (const auto& row : state_.lineage_contexts.all()) {
    add({*row.ContextArn, "Context", row.ContextType.value_or(""), row.ContextName.value_or(""),
         row.Source ? row.Source->SourceUri : "", *row.CreationTime});
  }
  for (const auto& row : state_.associations.all()) edges_.push_back(row);
}

void LineageGraph::add_training_jobs() {
  for (const auto& job : state_.training_jobs.all()) {
    const std::string component =
        trial_component(job.TrainingJobName, "training-job", "SageMakerTrainingJob",
                        job.TrainingJobArn, job.CreationTime);
    add_inputs(job.TrainingJobArn, component, job.CreationTime);
    link(artifact("Image", *job.AlgorithmSpecification->TrainingImage, "", job.CreationTime),
         component, "ContributedTo", job.CreationTime);
    const Timestamp end = job.TrainingEndTime.value_or(job.CreationTime);
    link(component, model_data(job.ModelArtifacts.S3ModelArtifacts, end), "Produced", end);
  }
}

void LineageGraph::add_processing_jobs() {
  for (const auto& job : state_.processing_jobs.all()) {
    const std::string component =
        trial_component(job.ProcessingJobName, "processing-job", "SageMakerProcessingJob",
                        job.ProcessingJobArn, job.CreationTime);
    add_inputs(job.ProcessingJobArn, component, job.CreationTime);
    link(artifact("Image", job.AppSpecification.ImageUri, "", job.CreationTime), component,
         "ContributedTo", job.CreationTime);
    if (job.ProcessingJobStatus != "Completed" || !job.ProcessingOutputConfig) continue;
    const Timestamp end = job.ProcessingEndTime.value_or(job.CreationTime);
    for (const auto& output : job.ProcessingOutputConfig->Outputs) {
      if (!output.S3Output) continue;
      const RecordedInput now = record_of(state_, output.OutputName, output.S3Output->S3Uri);
      link(component, artifact("DataSet", now.uri, digest_of(now), end), "Produced", end);
    }
  }
}

void LineageGraph::add_transform_jobs() {
  for (const auto& job : state_.transform_jobs.all()) {
    const std::string component =
        trial_component(job.TransformJobName, "transform-job", "SageMakerTransformJob",
                        job.TransformJobArn, job.CreationTime);
    add_inputs(job.TransformJobArn, component, job.CreationTime);
    const auto model = state_.models.find(key_of(job.ModelName, "model"));
    if (model && model->PrimaryContainer && model->PrimaryContainer->ModelDataUrl) {
      link(model_data(*model->PrimaryContainer->ModelDataUrl, model->CreationTime), component,
           "ContributedTo", job.CreationTime);
    }
    if (job.TransformJobStatus != "Completed") continue;
    const Timestamp end = job.TransformEndTime.value_or(job.CreationTime);
    const RecordedInput now = record_of(state_, "output", job.TransformOutput->S3OutputPath);
    link(component, artifact("DataSet", now.uri, digest_of(now), end), "Produced", end);
  }
}

void LineageGraph::add_packages() {
  for (const auto& package : state_.packages.all()) {
    const Timestamp created = package.CreationTime;
    const std::string arn = artifact("Model", package.ModelPackageArn, "", created);
    if (package.InferenceSpecification) {
      for (const auto& container : package.InferenceSpecification->Containers) {
        link(model_data(container.ModelDataUrl.value_or(""), created), arn, "ContributedTo",
             created);
      }
    }
    if (!package.ModelPackageGroupName) continue;
    const std::string& group = *package.ModelPackageGroupName;
    const std::string group_arn = state_.arn("model-package-group", group);
    const std::string context = add({.arn = state_.arn("context", group + "-aws-model-group"),
                                     .kind = "Context",
                                     .type = "ModelGroup",
                                     .name = group + "-aws-model-group",
                                     .source_uri = group_arn,
                                     .created = created});
    link(arn, context, "AssociatedWith", created);
    if (package.ModelApprovalStatus != "Approved") continue;
    const Timestamp approved = package.LastModifiedTime.value_or(created);
    const std::string name =
        fmt::format("{}-{}-aws-model-package-approval", group, *package.ModelPackageVersion);
    const std::string action = add({.arn = state_.arn("action", name),
                                    .kind = "Action",
                                    .type = "Approval",
                                    .name = name,
                                    .created = approved});
    link(arn, action, "ContributedTo", approved);
  }
}

void LineageGraph::add_endpoints() {
  for (const auto& endpoint : state_.endpoints.all()) {
    const std::string name = endpoint.EndpointName + "-aws-endpoint";
    const std::string context = add({.arn = state_.arn("context", name),
                                     .kind = "Context",
                                     .type = "Endpoint",
                                     .name = name,
                                     .source_uri = endpoint.EndpointArn,
                                     .created = endpoint.CreationTime});
    const auto config = state_.endpoint_configs.find(
        key_of(endpoint.EndpointConfigName.value_or(""), "endpoint-config"));
    if (!config) continue;
    const std::string action_name = endpoint.EndpointName + "-aws-model-deployment";
    const std::string action = add({.arn = state_.arn("action", action_name),
                                    .kind = "Action",
                                    .type = "ModelDeployment",
                                    .name = action_name,
                                    .created = endpoint.CreationTime});
    link(action, context, "AssociatedWith", endpoint.CreationTime);
    for (const auto& variant : config->ProductionVariants) {
      const auto model = state_.models.find(key_of(variant.ModelName.value_or(""), "model"));
      if (!model || !model->PrimaryContainer) continue;
      const auto& container = *model->PrimaryContainer;
      const auto package = container.ModelPackageName
                               ? find_package(state_, *container.ModelPackageName)
                               : std::nullopt;
      const std::string served =
          package ? artifact("Model", package->ModelPackageArn, "", package->CreationTime)
                  : model_data(container.ModelDataUrl.value_or(""), model->CreationTime);
      link(served, action, "ContributedTo", endpoint.CreationTime);
    }
  }
}

}  // namespace engine::sagemaker
