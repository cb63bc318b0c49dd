// Hyperparameter tuning jobs: Create, Describe, List, Stop, and the list of their training jobs.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/training_run.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state_changes.h"
#include "engine/services/sagemaker/tuning/tuner.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "hyper-parameter-tuning-job";
using Tuning = api::DescribeHyperParameterTuningJobResponse;

std::string pool_key(const std::string& key) { return fmt::format("{}/{}", kKind, key); }

// What is refused --------------------------------------------------------------------------------

void check_supported(const api::CreateHyperParameterTuningJobRequest& request) {
  const auto& config = request.HyperParameterTuningJobConfig;
  // Deviation: no optimiser with a model of the objective, no bandits, nothing learnt from earlier
  // tuning jobs.
  if (config.Strategy != "Random" && config.Strategy != "Grid") {
    throw validation(
        fmt::format("The strategy {} is not supported, use Random or Grid.", config.Strategy));
  }
  if (request.WarmStartConfig) throw validation("WarmStartConfig is not supported.");
  if (request.Autotune) throw validation("Autotune is not supported.");
  if (request.TrainingJobDefinitions || !request.TrainingJobDefinition) {
    throw validation(
        "A tuning job must have one TrainingJobDefinition; TrainingJobDefinitions are not "
        "supported.");
  }
  const auto& criteria = config.TuningJobCompletionCriteria;
  if (criteria && criteria->ConvergenceDetected &&
      criteria->ConvergenceDetected->CompleteOnConvergence == "Enabled") {
    throw validation("ConvergenceDetected needs the strategy Bayesian, which is not supported.");
  }
}

void check_objective(const api::CreateHyperParameterTuningJobRequest& request) {
  const auto& definition = *request.TrainingJobDefinition;
  const auto& of_job = request.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective;
  const auto& objective = of_job ? of_job : definition.TuningObjective;
  if (!objective) throw validation("A HyperParameterTuningJobObjective is required.");
  const auto metrics =
      metric_definitions(converted<api::AlgorithmSpecification>(definition.AlgorithmSpecification));
  const bool found = std::any_of(metrics.begin(), metrics.end(), [&](const auto& metric) {
    return metric.Name == objective->MetricName;
  });
  if (found) return;
  throw validation(fmt::format(
      "The objective metric for the hyperparameter tuning job, {}, isn't valid: it has no "
      "MetricDefinition in the AlgorithmSpecification.",
      objective->MetricName));
}

void check_limits(const api::HyperParameterTuningJobConfig& config, const SearchSpace& space) {
  constexpr std::uint64_t kMostJobs = 750;  // AWS's own limit
  const auto& asked = config.ResourceLimits.MaxNumberOfTrainingJobs;
  if (config.Strategy == "Grid") {
    if (asked && static_cast<std::uint64_t>(*asked) != space.grid_size()) {
      throw validation(fmt::format(
          "With the strategy Grid, MaxNumberOfTrainingJobs must be left out, or be the number of "
          "combinations, {}.",
          space.grid_size()));
    }
  } else if (!asked) {
    throw validation("ResourceLimits.MaxNumberOfTrainingJobs is required.");
  }
  if (most_training_jobs(config, space) > kMostJobs) {
    throw validation(fmt::format("A tuning job can start at most {} training jobs.", kMostJobs));
  }
}

void check_static(const api::HyperParameterTrainingJobDefinition& definition,
                  const SearchSpace& space) {
  if (!definition.StaticHyperParameters) return;
  std::mt19937_64 any;
  for (const auto& [name, value] : space.draw(any)) {
    if (definition.StaticHyperParameters->contains(name)) {
      throw validation(fmt::format("The hyperparameter {} is both static and tuned.", name));
    }
  }
}

void check(const api::CreateHyperParameterTuningJobRequest& request) {
  check_supported(request);
  const auto& config = request.HyperParameterTuningJobConfig;
  const auto& definition = *request.TrainingJobDefinition;
  const auto& ranges =
      config.ParameterRanges ? config.ParameterRanges : definition.HyperParameterRanges;
  if (!ranges) throw validation("ParameterRanges are required.");
  const SearchSpace space(*ranges, config.Strategy);
  check_objective(request);
  check_limits(config, space);
  check_static(definition, space);
}

// The run ----------------------------------------------------------------------------------------

/// Ends a tuning job that can't go on by itself.
void write_end(SageMaker::Impl& state, const std::string& key, const std::string& status,
               const std::string& reason) {
  const auto row = state.tuning_jobs.change(key, [&](Tuning& row) {
    row.HyperParameterTuningJobStatus = status;
    if (!reason.empty()) row.FailureReason = shortened(reason);
    row.HyperParameterTuningEndTime = row.LastModifiedTime = state.now();
  });
  if (row) emit_change(state, kTuningJobEvent, row->HyperParameterTuningJobArn, *row);
}

std::shared_ptr<JobControl> start(SageMaker::Impl& state, const std::string& key) {
  auto control = state.pool.track(pool_key(key));
  state.tasks.start("tuning job " + key, [&state, key, control](std::stop_token) {
    try {
      Tuner(state, key, *control).run();
    } catch (const std::exception& error) {
      // AWS's limit on waiting jobs, a request that a training job refuses, a broken disk.
      if (!control->abandoned()) write_end(state, key, "Failed", error.what());
    }
    state.pool.drop(pool_key(key));
  });
  return control;
}

template <class Summary>
bool before(const Summary& a, const Summary& b) {
  const auto value = [](const Summary& s) {
    const auto& metric = s.FinalHyperParameterTuningJobObjectiveMetric;
    return metric ? std::optional(metric->Value) : std::nullopt;
  };
  return std::pair(value(a), a.TrainingJobName) < std::pair(value(b), b.TrainingJobName);
}

}  // namespace

StartedJob start_tuning_job(SageMaker::Impl& state,
                            const api::CreateHyperParameterTuningJobRequest& request) {
  check(request);
  auto tuning = converted<Tuning>(request);
  const std::string key = key_of(request.HyperParameterTuningJobName, kKind);
  tuning.HyperParameterTuningJobArn = state.arn(kKind, key);
  tuning.HyperParameterTuningJobStatus = "InProgress";
  tuning.CreationTime = state.now();
  tuning.LastModifiedTime = tuning.CreationTime;
  tuning.TrainingJobStatusCounters = {0, 0, 0, 0, 0};
  tuning.ObjectiveStatusCounters = {0, 0, 0};
  if (!state.tuning_jobs.insert(key, tuning)) {
    throw job_name_in_use(tuning.HyperParameterTuningJobArn);
  }
  state.put_tags(tuning.HyperParameterTuningJobArn, request.Tags);
  emit_change(state, kTuningJobEvent, tuning.HyperParameterTuningJobArn, tuning);
  return {tuning.HyperParameterTuningJobArn, start(state, key)};
}

void resume_tuning_jobs(SageMaker::Impl& state) {
  for (const auto& tuning : state.tuning_jobs.all()) {
    const std::string key = key_of(tuning.HyperParameterTuningJobName, kKind);
    if (tuning.HyperParameterTuningJobStatus == "Stopping") write_end(state, key, "Stopped", "");
    if (tuning.HyperParameterTuningJobStatus == "InProgress") start(state, key);
  }
}

api::op::CreateHyperParameterTuningJob::Output create_hyper_parameter_tuning_job(
    SageMaker& sagemaker, Call&, const api::op::CreateHyperParameterTuningJob::Input& input) {
  return {.HyperParameterTuningJobArn = start_tuning_job(sagemaker.impl(), input).arn};
}

api::op::DescribeHyperParameterTuningJob::Output describe_hyper_parameter_tuning_job(
    SageMaker& sagemaker, Call&, const api::op::DescribeHyperParameterTuningJob::Input& input) {
  auto tuning = sagemaker.impl().tuning_jobs.find(key_of(input.HyperParameterTuningJobName, kKind));
  if (!tuning) throw no_such_tuning_job();
  return *tuning;
}

api::op::ListHyperParameterTuningJobs::Output list_hyper_parameter_tuning_jobs(
    SageMaker& sagemaker, Call&, const api::op::ListHyperParameterTuningJobs::Input& input) {
  std::vector<Listed<api::HyperParameterTuningJobSummary>> all;
  for (const Tuning& tuning : sagemaker.impl().tuning_jobs.all()) {
    auto summary = converted<api::HyperParameterTuningJobSummary>(tuning);
    summary.Strategy = tuning.HyperParameterTuningJobConfig.Strategy;
    summary.ResourceLimits = tuning.HyperParameterTuningJobConfig.ResourceLimits;
    all.push_back({std::move(summary), tuning.HyperParameterTuningJobName, tuning.CreationTime,
                   tuning.LastModifiedTime.value_or(tuning.CreationTime),
                   tuning.HyperParameterTuningJobStatus});
  }
  auto asked = input;  // Verified: by name, says AWS's reference
  if (!asked.SortBy) asked.SortBy = "Name";
  auto page = list_page(asked, std::move(all));
  return {.HyperParameterTuningJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::ListTrainingJobsForHyperParameterTuningJob::Output
list_training_jobs_for_hyper_parameter_tuning_job(
    SageMaker& sagemaker, Call&,
    const api::op::ListTrainingJobsForHyperParameterTuningJob::Input& input) {
  const auto& state = sagemaker.impl();
  const std::string key = key_of(input.HyperParameterTuningJobName, kKind);
  const auto tuning = state.tuning_jobs.find(key);
  if (!tuning) throw no_such_tuning_job();
  std::vector<api::HyperParameterTrainingJobSummary> rows;
  for (auto& row : state.tuned_jobs.all(key + "/")) {
    rows.push_back(tuned_summary(state, *tuning, std::move(row)));
  }
  const bool by_value = input.SortBy == "FinalObjectiveMetricValue";
  if (!by_value) {
    std::vector<Listed<api::HyperParameterTrainingJobSummary>> all;
    for (auto& row : rows) {
      all.push_back(
          {row, row.TrainingJobName, row.CreationTime, row.CreationTime, row.TrainingJobStatus});
    }
    auto asked = input;  // Verified: by name, says AWS's reference
    if (!asked.SortBy) asked.SortBy = "Name";
    auto page = list_page(asked, std::move(all));
    return {.TrainingJobSummaries = std::move(page.items), .NextToken = page.next};
  }
  // Verified: sorted by the objective, jobs without one are not listed.
  std::erase_if(rows, [&](const auto& row) {
    return row.ObjectiveStatus != "Succeeded" ||
           (input.StatusEquals && row.TrainingJobStatus != *input.StatusEquals);
  });
  std::sort(rows.begin(), rows.end(), before<api::HyperParameterTrainingJobSummary>);
  if (input.SortOrder == "Descending") std::reverse(rows.begin(), rows.end());
  auto page = page_of(std::move(rows), input.NextToken, input.MaxResults, 100, bad_token());
  return {.TrainingJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopHyperParameterTuningJob::Output stop_hyper_parameter_tuning_job(
    SageMaker& sagemaker, Call&, const api::op::StopHyperParameterTuningJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.HyperParameterTuningJobName, kKind);
  const auto control = state.pool.find(pool_key(key));
  bool stopping = false;
  const auto tuning = state.tuning_jobs.change(key, [&](Tuning& row) {
    if (row.HyperParameterTuningJobStatus != "InProgress" || !control) return;
    stopping = true;
    row.HyperParameterTuningJobStatus = "Stopping";
    row.LastModifiedTime = state.now();
  });
  if (!tuning) throw no_such_tuning_job();
  if (tuning->HyperParameterTuningJobStatus != "Stopping") {
    throw validation(fmt::format(
        "The request was rejected because the hyperparameter tuning job is in status {}.",
        tuning->HyperParameterTuningJobStatus));
  }
  if (stopping) emit_change(state, kTuningJobEvent, tuning->HyperParameterTuningJobArn, *tuning);
  if (control) control->request_stop();
  return {};
}

/// Its training jobs stay. Verified: the API's reference says so. Deviation: one under way is
/// refused, where AWS's reference is silent.
api::op::DeleteHyperParameterTuningJob::Output delete_hyper_parameter_tuning_job(
    SageMaker& sagemaker, Call&, const api::op::DeleteHyperParameterTuningJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.HyperParameterTuningJobName, kKind);
  const auto tuning = state.tuning_jobs.find(key);
  if (!tuning) throw no_such_tuning_job();
  const std::string& status = tuning->HyperParameterTuningJobStatus;
  if (status == "InProgress" || status == "Stopping") {
    throw job_in_use(tuning->HyperParameterTuningJobArn, status);
  }
  storage::Batch rows;
  for (const auto& job : state.tuned_jobs.all(key + "/")) {
    rows.remove(state.tuned_jobs.name(), key + "/" + key_of(job.TrainingJobName, "training-job"));
  }
  state.tuning_jobs.remove(key, std::move(rows));
  state.put_tags(tuning->HyperParameterTuningJobArn, {});
  return {};
}

}  // namespace engine::sagemaker
