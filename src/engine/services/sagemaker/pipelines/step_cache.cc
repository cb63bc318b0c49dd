// The results of a pipeline's earlier executions.
#include "engine/services/sagemaker/pipelines/step_cache.h"

#include "engine/services/sagemaker/pipelines/step_facts.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace engine::sagemaker::pipelines {
namespace {

using Metadata = api::PipelineExecutionStepMetadata;

constexpr const char* kResults = "sagemaker/step_results";  // "<pipeline>/<step>/<facts' digest>"
constexpr const char* kLast = "sagemaker/step_last_facts";  // "<pipeline>/<step>"

/// What lies in the folder, not beside it under a longer name.
std::string as_folder(std::string uri) {
  if (!uri.ends_with('/')) uri += '/';
  return uri;
}

std::string text(const json::value& object, const char* name) {
  const auto* value = object.as_object().if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

bool expired(const Step& step, const json::value& result, Timestamp now) {
  if (!step.cache.expire_after) return false;
  const Timestamp then{base::Milliseconds(result.at("At").to_number<std::int64_t>())};
  return now - then > *step.cache.expire_after;
}

}  // namespace

StepCache::Found StepCache::find(const Step& step, const json::object& facts) const {
  Found found;
  json::object& told = found.explanation;
  told = {{"Step", step.name}, {"Type", step.type}, {"Cache", "Miss"}};
  if (!step.cache.enabled) {
    told["Cache"] = "Off";
    told["Why"] = "its CacheConfig isn't enabled";
    explain_miss(step, facts, told);
    return found;
  }
  const auto row =
      state_.context.catalog.get(kResults, fmt::format("{}/{}", step_key(step), digest_of(facts)));
  if (!row) {
    explain_miss(step, facts, told);
    return found;
  }
  const json::value result = json::parse(*row);
  const std::string source = text(result, "Execution");
  const auto metadata = from_json<Metadata>(json::serialize(result.at("Metadata")));
  told["Source"] = source;
  if (expired(step, result, state_.now())) {
    told["Why"] = "the earlier result is older than its ExpireAfter";
    return found;
  }
  const json::array gone = changes_between(result.at("Outputs"), outputs_of(metadata));
  if (!gone.empty()) {
    told["Why"] = "what the earlier run wrote is not there any more as it was";
    told["Changes"] = gone;
    return found;
  }
  told["Cache"] = "Hit";
  told["Why"] = "nothing it depends on has changed";
  found.metadata = metadata;
  found.source = source;
  return found;
}

void StepCache::explain_miss(const Step& step, const json::object& facts,
                             json::object& explanation) const {
  const auto last = state_.context.catalog.get(kLast, step_key(step));
  if (!last) {
    explanation.emplace("Why", "it has never succeeded before");
    return;
  }
  const json::value earlier = json::parse(*last);
  json::array changes = changes_between(earlier.at("Facts"), facts);
  explanation["Source"] = text(earlier, "Execution");
  explanation.emplace("Why",
                      changes.empty() ? "nothing has changed" : "what it depends on has changed");
  explanation["Changes"] = std::move(changes);
}

void StepCache::remember(storage::Batch& batch, const Step& step, const json::object& facts,
                         const std::string& execution_arn, const Metadata& metadata) const {
  const json::object result{{"Execution", execution_arn},
                            {"At", state_.now().time_since_epoch().count()},
                            {"Metadata", json::parse(to_json(metadata))},
                            {"Outputs", outputs_of(metadata)}};
  batch.put(kResults, fmt::format("{}/{}", step_key(step), digest_of(facts)),
            json::serialize(result));
  batch.put(kLast, step_key(step),
            json::serialize(json::object{{"Execution", execution_arn}, {"Facts", facts}}));
}

void StepCache::forget(const storage::Catalog& catalog, const std::string& pipeline,
                       storage::Batch& batch) {
  for (const char* table : {kResults, kLast, kExplanationsTable}) {
    for (const auto& row : catalog.scan(table, pipeline + "/")) batch.remove(table, row.key);
  }
}

json::object StepCache::outputs_of(const Metadata& metadata) const {
  json::object outputs;
  const auto add = [&](const std::string& uri) {
    outputs[uri] = objects_fact(state_, uri, "S3Prefix");
  };
  if (metadata.ProcessingJob || metadata.QualityCheck) {
    const auto& arn =
        metadata.ProcessingJob ? metadata.ProcessingJob->Arn : metadata.QualityCheck->CheckJobArn;
    const auto job = state_.processing_jobs.find(key_of(arn.value_or(""), "processing-job"));
    if (!job || !job->ProcessingOutputConfig) return outputs;
    for (const auto& output : job->ProcessingOutputConfig->Outputs) {
      if (output.S3Output) add(as_folder(output.S3Output->S3Uri));
    }
  } else if (metadata.TrainingJob) {
    const auto job =
        state_.training_jobs.find(key_of(metadata.TrainingJob->Arn.value_or(""), "training-job"));
    if (job) add(job->ModelArtifacts.S3ModelArtifacts);
  } else if (metadata.TransformJob) {
    const auto job = state_.transform_jobs.find(
        key_of(metadata.TransformJob->Arn.value_or(""), "transform-job"));
    if (job && job->TransformOutput) add(as_folder(job->TransformOutput->S3OutputPath));
  }
  return outputs;
}

}  // namespace engine::sagemaker::pipelines
