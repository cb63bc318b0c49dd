// One tuning job under way.
#include "engine/services/sagemaker/tuning/tuner.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/training_run.h"
#include "engine/services/sagemaker/state_changes.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using Tuning = api::DescribeHyperParameterTuningJobResponse;
using Summary = api::HyperParameterTrainingJobSummary;

constexpr std::size_t kFailuresAllowed = 5;  ///< with no success, before the tuning job fails
constexpr std::size_t kCurvesToCompare = 3;  ///< finished jobs before one is stopped early

/// The request's seed, else one that is the job's own for good.
std::uint64_t seed_of(const Tuning& tuning) {
  if (tuning.HyperParameterTuningJobConfig.RandomSeed) {
    return static_cast<std::uint64_t>(*tuning.HyperParameterTuningJobConfig.RandomSeed);
  }
  const std::string digest = base::sha256(fmt::format(
      "{} {}", tuning.HyperParameterTuningJobArn, tuning.CreationTime.time_since_epoch().count()));
  std::uint64_t seed = 0;
  std::memcpy(&seed, digest.data(), sizeof seed);
  return seed;
}

const api::HyperParameterTuningJobObjective& objective_of(const Tuning& tuning) {
  const auto& config = tuning.HyperParameterTuningJobConfig;
  return config.HyperParameterTuningJobObjective ? *config.HyperParameterTuningJobObjective
                                                 : *tuning.TrainingJobDefinition->TuningObjective;
}

const api::ParameterRanges& ranges_of(const Tuning& tuning) {
  const auto& config = tuning.HyperParameterTuningJobConfig;
  return config.ParameterRanges ? *config.ParameterRanges
                                : *tuning.TrainingJobDefinition->HyperParameterRanges;
}

Tuning row_of(const SageMaker::Impl& state, const std::string& key) {
  auto row = state.tuning_jobs.find(key);
  if (!row) throw std::runtime_error(fmt::format("the tuning job {} is gone", key));
  return *row;
}

std::optional<double> value_of(const Summary& summary) {
  if (summary.ObjectiveStatus != "Succeeded") return std::nullopt;
  return summary.FinalHyperParameterTuningJobObjectiveMetric->Value;
}

double mean(const std::vector<double>& values, std::size_t count) {
  return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0) /
         static_cast<double>(count);
}

}  // namespace

api::CreateTrainingJobRequest training_request(const Tuning& tuning, const Point& point) {
  const auto& definition = *tuning.TrainingJobDefinition;
  auto request = converted<api::CreateTrainingJobRequest>(definition);
  request.TrainingJobName = tuning.HyperParameterTuningJobName;
  auto parameters = definition.StaticHyperParameters.value_or(Point{});
  for (const auto& [name, value] : point) parameters[name] = value;
  if (is_built_in(definition.AlgorithmSpecification.TrainingImage.value_or(""))) {
    parameters["_tuning_objective_metric"] = objective_of(tuning).MetricName;
  }
  request.HyperParameters = std::move(parameters);
  if (!request.ResourceConfig && definition.HyperParameterTuningResourceConfig) {
    request.ResourceConfig =
        converted<api::ResourceConfig>(*definition.HyperParameterTuningResourceConfig);
  }
  return request;
}

std::uint64_t most_training_jobs(const api::HyperParameterTuningJobConfig& config,
                                 const SearchSpace& space) {
  if (config.Strategy == "Grid") return space.grid_size();
  return static_cast<std::uint64_t>(config.ResourceLimits.MaxNumberOfTrainingJobs.value_or(1));
}

Summary tuned_summary(const SageMaker::Impl& state, const Tuning& tuning, Summary row) {
  const auto job = state.training_jobs.find(key_of(row.TrainingJobName, "training-job"));
  if (!job) {  // as when an engine without this job's record was killed
    row.TrainingJobStatus = row.ObjectiveStatus.emplace("Failed");
    return row;
  }
  row.TrainingJobStatus = job->TrainingJobStatus;
  row.TrainingStartTime = job->TrainingStartTime;
  row.TrainingEndTime = job->TrainingEndTime;
  row.FailureReason = job->FailureReason;
  const bool over = row.TrainingJobStatus != "InProgress" && row.TrainingJobStatus != "Stopping";
  row.ObjectiveStatus = over ? "Failed" : "Pending";
  if (!over || row.TrainingJobStatus == "Failed" || !job->FinalMetricDataList) return row;
  const auto& objective = objective_of(tuning);
  for (const auto& metric : *job->FinalMetricDataList) {
    if (metric.MetricName != objective.MetricName) continue;
    row.ObjectiveStatus = "Succeeded";
    row.FinalHyperParameterTuningJobObjectiveMetric = {.Type = objective.Type,
                                                       .MetricName = objective.MetricName,
                                                       .Value = metric.Value.value_or(0)};
  }
  return row;
}

Tuner::Tuner(SageMaker::Impl& state, std::string key, JobControl& control)
    : state_(state),
      key_(std::move(key)),
      control_(control),
      tuning_(row_of(state, key_)),
      space_(ranges_of(tuning_), tuning_.HyperParameterTuningJobConfig.Strategy),
      most_(most_training_jobs(tuning_.HyperParameterTuningJobConfig, space_)),
      random_(seed_of(tuning_)) {
  replay();
}

/// After a restart: the points that had their job already are drawn again, and passed by.
void Tuner::replay() {
  const auto before = state_.tuned_jobs.all(key_ + "/").size();
  while (started_ < before) next_point();
}

/// Another one than those before, unless there is no other.
Point Tuner::next_point() {
  const std::uint64_t index = started_++;
  if (tuning_.HyperParameterTuningJobConfig.Strategy == "Grid") return space_.grid_point(index);
  constexpr int kTries = 100;
  Point point = space_.draw(random_);
  for (int i = 0; i < kTries && seen_.contains(point); ++i) point = space_.draw(random_);
  seen_.insert(point);
  return point;
}

void Tuner::start_one() {
  const Point point = next_point();
  auto request = training_request(tuning_, point);
  // Verified: "<tuning job>-<number, three digits>-<eight hexadecimal digits>".
  request.TrainingJobName = fmt::format("{}-{:03}-{}", tuning_.HyperParameterTuningJobName,
                                        started_, state_.context.ids.hex(8));
  auto curve = std::make_shared<Curve>();
  const MetricSink on_metric =
      [curve, name = objective_of(tuning_).MetricName](const api::MetricData& metric) {
        if (metric.MetricName != name) return;
        std::lock_guard lock(curve->mutex);
        curve->values.push_back(metric.Value.value_or(0));
      };
  Summary row{.TrainingJobName = request.TrainingJobName,
              .TrainingJobArn = state_.arn("training-job", request.TrainingJobName),
              .CreationTime = state_.now(),
              .TrainingJobStatus = "InProgress",
              .TunedHyperParameters = point,
              .ObjectiveStatus = "Pending"};
  row.TrainingJobDefinitionName = tuning_.TrainingJobDefinition->DefinitionName;
  row.TuningJobName = tuning_.HyperParameterTuningJobName;
  StartedJob job = start_training_job(
      state_, request, {.tuning_arn = tuning_.HyperParameterTuningJobArn, .on_metric = on_metric});
  state_.tuned_jobs.put(fmt::format("{}/{}", key_, base::to_lower(request.TrainingJobName)), row);
  active_.push_back({request.TrainingJobName, std::move(job), curve});
}

void Tuner::reap() {
  std::erase_if(active_, [this](Active& active) {
    if (!active.job.control->wait_for(0ms)) return false;
    auto curve = active.curve->so_far();
    if (!curve.empty() && !active.told_to_stop) finished_curves_.push_back(std::move(curve));
    return true;
  });
}

bool Tuner::better(double a, double b) const {
  return objective_of(tuning_).Type == "Maximize" ? a > b : a < b;
}

/// The median rule: a job whose running average is worse than the median of the finished jobs'
/// running averages over as many values is not worth its time.
void Tuner::stop_hopeless() {
  if (tuning_.HyperParameterTuningJobConfig.TrainingJobEarlyStoppingType != "Auto") return;
  for (Active& active : active_) {
    const auto curve = active.curve->so_far();
    if (curve.empty() || active.told_to_stop) continue;
    std::vector<double> others;
    for (const auto& finished : finished_curves_) {
      if (finished.size() >= curve.size()) others.push_back(mean(finished, curve.size()));
    }
    if (others.size() < kCurvesToCompare) continue;
    const auto middle = others.begin() + static_cast<std::ptrdiff_t>(others.size() / 2);
    std::nth_element(others.begin(), middle, others.end());
    if (!better(*middle, mean(curve, curve.size()))) continue;
    active.told_to_stop = true;
    try {
      stop_training(state_, active.name);
    } catch (const AwsError&) {
      // it has just ended by itself
    }
  }
}

void Tuner::stop_active() {
  for (Active& active : active_) {
    if (std::exchange(active.told_to_stop, true)) continue;
    try {
      stop_training(state_, active.name);
    } catch (const AwsError&) {
      // it has just ended by itself
    }
  }
}

std::vector<Summary> Tuner::summaries() const {
  std::vector<Summary> all;
  for (auto& row : state_.tuned_jobs.all(key_ + "/")) {
    all.push_back(tuned_summary(state_, tuning_, std::move(row)));
  }
  std::sort(all.begin(), all.end(), [](const Summary& a, const Summary& b) {
    return a.TrainingJobName < b.TrainingJobName;
  });
  return all;
}

/// How the tuning job ends, once its training jobs under way have; nothing while it goes on.
std::optional<Tuner::Verdict> Tuner::verdict(const std::vector<Summary>& all) const {
  const auto& config = tuning_.HyperParameterTuningJobConfig;
  if (control_.stop_requested()) return Verdict{"Stopped", ""};
  std::size_t failed = 0, since_best = 0;
  std::optional<double> best;
  for (const Summary& summary : all) {
    if (summary.ObjectiveStatus == "Failed") ++failed;
    const auto value = value_of(summary);
    if (!value) continue;
    ++since_best;
    if (best && !better(*value, *best)) continue;
    best = value;
    since_best = 0;
  }
  if (!best && failed >= std::min<std::size_t>(kFailuresAllowed, most_)) {
    return Verdict{"Failed",
                   fmt::format("No training job succeeded after {} attempts. Please take a look at "
                               "the training job failures to get more details.",
                               failed)};
  }
  if (started_ >= most_ && active_.empty()) return Verdict{"Completed", ""};
  const auto& limit = config.ResourceLimits.MaxRuntimeInSeconds;
  if (limit && state_.now() - tuning_.CreationTime >= std::chrono::seconds(*limit)) {
    return Verdict{"Completed", ""};
  }
  const auto& criteria = config.TuningJobCompletionCriteria;
  if (!criteria || !best) return std::nullopt;
  const auto& target = criteria->TargetObjectiveMetricValue;
  if (target && !better(*target, *best)) return Verdict{"Completed", ""};
  const auto& stuck = criteria->BestObjectiveNotImproving;
  if (stuck && stuck->MaxNumberOfTrainingJobsNotImproving &&
      since_best >= static_cast<std::size_t>(*stuck->MaxNumberOfTrainingJobsNotImproving)) {
    return Verdict{"Completed", ""};
  }
  return std::nullopt;
}

void Tuner::write(const std::vector<Summary>& all, const std::optional<Verdict>& verdict) {
  api::TrainingJobStatusCounters jobs{0, 0, 0, 0, 0};
  api::ObjectiveStatusCounters objectives{0, 0, 0};
  std::optional<Summary> best;
  for (const Summary& summary : all) {
    const auto& status = summary.TrainingJobStatus;
    ++*(status == "Completed" ? jobs.Completed
        : status == "Failed"  ? jobs.NonRetryableError
        : status == "Stopped" ? jobs.Stopped
                              : jobs.InProgress);
    ++*(summary.ObjectiveStatus == "Succeeded" ? objectives.Succeeded
        : summary.ObjectiveStatus == "Failed"  ? objectives.Failed
                                               : objectives.Pending);
    const auto value = value_of(summary);
    if (value && (!best || better(*value, *value_of(*best)))) best = summary;
  }
  const auto row = state_.tuning_jobs.change(key_, [&](Tuning& row) {
    row.TrainingJobStatusCounters = jobs;
    row.ObjectiveStatusCounters = objectives;
    row.BestTrainingJob = best;
    row.LastModifiedTime = state_.now();
    if (!verdict) return;
    row.HyperParameterTuningJobStatus = verdict->status;
    if (!verdict->reason.empty()) row.FailureReason = shortened(verdict->reason);
    row.HyperParameterTuningEndTime = row.LastModifiedTime;
  });
  if (row && verdict) emit_change(state_, kTuningJobEvent, row->HyperParameterTuningJobArn, *row);
}

void Tuner::run() {
  const auto at_once = static_cast<std::size_t>(
      tuning_.HyperParameterTuningJobConfig.ResourceLimits.MaxParallelTrainingJobs);
  std::string written;
  while (!control_.abandoned()) {
    const auto before = active_.size();
    reap();
    const auto all = summaries();
    const auto end = verdict(all);
    if (end && active_.empty()) return write(all, end);
    if (before != active_.size()) write(all, {});
    if (end) {
      stop_active();
    } else {
      const auto running = active_.size();
      while (active_.size() < at_once && started_ < most_) start_one();
      if (running != active_.size()) write(summaries(), {});
      stop_hopeless();
    }
    if (!active_.empty()) active_.front().job.control->wait_for(20ms);
  }
}

}  // namespace engine::sagemaker
