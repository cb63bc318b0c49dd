// One tuning job under way: starts training jobs, judges them, knows when to end.
#pragma once

#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/tuning/search_space.h"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// The training job that a tuning job starts for a point: its request but for the names' suffix.
api::CreateTrainingJobRequest training_request(
    const api::DescribeHyperParameterTuningJobResponse& tuning, const Point& point);
/// How many training jobs a tuning job starts at most.
std::uint64_t most_training_jobs(const api::HyperParameterTuningJobConfig& config,
                                 const SearchSpace& space);
/// A line of ListTrainingJobsForHyperParameterTuningJob, as the training job stands now.
api::HyperParameterTrainingJobSummary tuned_summary(
    const SageMaker::Impl& state, const api::DescribeHyperParameterTuningJobResponse& tuning,
    api::HyperParameterTrainingJobSummary row);

/// Runs on a thread of its own. All it knows stands in the tables, so a tuning job whose engine was
/// killed goes on with the next point; the points are the same for the same job.
class Tuner {
 public:
  Tuner(SageMaker::Impl& state, std::string key, JobControl& control);

  /// Until the tuning job has ended, or the engine ends.
  void run();

 private:
  using Tuning = api::DescribeHyperParameterTuningJobResponse;
  using Summary = api::HyperParameterTrainingJobSummary;
  /// The values of the objective so far, told by the program's thread.
  struct Curve {
    std::mutex mutex;
    std::vector<double> values;
    std::vector<double> so_far() {
      std::lock_guard lock(mutex);
      return values;
    }
  };
  struct Active {
    std::string name;
    StartedJob job;
    std::shared_ptr<Curve> curve;
    bool told_to_stop = false;
  };
  struct Verdict {
    std::string status, reason;
  };

  void replay();
  Point next_point();
  void start_one();
  void reap();
  void stop_hopeless();
  void stop_active();
  bool better(double a, double b) const;
  std::vector<Summary> summaries() const;
  std::optional<Verdict> verdict(const std::vector<Summary>& all) const;
  void write(const std::vector<Summary>& all, const std::optional<Verdict>& verdict);

  SageMaker::Impl& state_;
  const std::string key_;
  JobControl& control_;
  const Tuning tuning_;
  const SearchSpace space_;
  const std::uint64_t most_;
  std::mt19937_64 random_;
  std::set<Point> seen_;
  std::uint64_t started_ = 0;
  std::vector<Active> active_;
  std::vector<std::vector<double>> finished_curves_;
};

}  // namespace engine::sagemaker
