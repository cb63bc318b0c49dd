// What a pipeline costs beyond the programs of its steps: 200 steps in layers of 20, each needing
// the whole layer before, as jobs, as functions and out of the cache.
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <set>

namespace {

using namespace engine;  // NOLINT: a benchmark of one part of it
using sagemaker::FunctionAnswer;
namespace api = sagemaker::api;

constexpr int kSteps = 200, kFanOut = 20;
constexpr const char* kRole = "arn:aws:iam::123456789012:role/bench";

/// A SageMaker of its own whose one image is /bin/true and whose functions do nothing.
class Service {
 public:
  Service() { s3_.create_bucket("lake"); }

  sagemaker::SageMaker& sagemaker() { return sagemaker_; }

  /// Runs the pipeline; milliseconds from Start to its end.
  double run(const std::string& pipeline) {
    return 1000 * bench::seconds([&] {
             const std::string arn = sagemaker_.start_pipeline_execution(pipeline);
             std::unique_lock lock(mutex_);
             ended_.wait(lock, [&] { return succeeded_.contains(arn); });
           });
  }

  void make(const std::string& name, const std::string& definition) {
    api::CreatePipelineRequest request{.PipelineName = name, .PipelineDefinition = definition};
    request.RoleArn = kRole;
    sagemaker::create_pipeline(sagemaker_, call_, request);
  }

 private:
  void note(std::string_view type, const std::string& detail) {
    if (type.find("Execution Status Change") == type.npos) return;
    if (detail.find(R"("currentPipelineExecutionStatus":"Succeeded")") == detail.npos) return;
    const auto at = detail.find(R"("pipelineExecutionArn":")") + 24;
    std::lock_guard lock(mutex_);
    succeeded_.insert(detail.substr(at, detail.find('"', at) - at));
    ended_.notify_all();
  }
  static sagemaker::Settings settings() {
    sagemaker::Settings all;
    all.runner = bench::programs_folder() + "/job_runner";
    return all;
  }

  io::TemporaryFolder folder_{"."};
  base::Ids ids_;
  storage::Catalog catalog_{folder_.path()};
  Context context_{
      .catalog = catalog_, .clock = base::system_clock(), .ids = ids_, .data = folder_.path()};
  storage::ObjectStore store_{catalog_, folder_.path() + "/buckets", folder_.path() + "/scratch"};
  s3::S3 s3_{context_, store_};
  logs::Logs logs_{context_};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<std::string> succeeded_;
  http::Request request_;
  Call call_{.request = request_};
  sagemaker::SageMaker sagemaker_{
      context_,
      s3_,
      logs_,
      [](std::string_view) {
        return sagemaker::Program{"/bin/true", {}};
      },
      [] {
        return Callback{"http://127.0.0.1:1", "id", "secret"};
      },
      [this](std::string_view type, const std::string& detail, const std::vector<std::string>&) {
        note(type, detail);
      },
      settings(),
      [](std::string_view, std::string_view) {
        return FunctionAnswer{"{}", ""};
      }};
};

std::string processing_arguments() {
  return fmt::format(R"({{"RoleArn": "{}", "AppSpecification": {{"ImageUri": "noop",
    "ContainerEntrypoint": ["x"]}}, "ProcessingResources": {{"ClusterConfig":
    {{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}}}}})",
                     kRole);
}

/// `kSteps` steps of which each needs all of the layer before; `body` is what each is.
std::string layers(const std::string& body) {
  std::string steps, before, layer;
  for (int i = 0; i < kSteps; ++i) {
    if (i % kFanOut == 0) {
      before = layer.substr(0, layer.empty() ? 0 : layer.size() - 1);
      layer.clear();
    }
    steps += fmt::format(R"({}{{"Name": "S{}", "DependsOn": [{}], {}}})", i > 0 ? "," : "", i,
                         before, body);
    layer += fmt::format(R"("S{}",)", i);
  }
  return R"({"Version": "2020-12-01", "Steps": [)" + steps + "]}";
}

/// Milliseconds of the same jobs, layer by layer, without a pipeline.
double jobs_alone(Service& service, const std::string& run) {
  auto& state = service.sagemaker().impl();
  const auto request = from_json<api::CreateProcessingJobRequest>(processing_arguments());
  return 1000 * bench::seconds([&] {
           for (int i = 0; i < kSteps; i += kFanOut) {
             std::vector<sagemaker::StartedJob> layer;
             for (int j = i; j < i + kFanOut; ++j) {
               auto one = request;
               one.ProcessingJobName = fmt::format("{}-{}", run, j);
               layer.push_back(sagemaker::start_processing_job(state, one));
             }
             for (const auto& job : layer) job.control->wait();
           }
         });
}

}  // namespace

int main() {
  Service service;
  const std::string job =
      fmt::format(R"("Type": "Processing", "Arguments": {})", processing_arguments());
  service.make("jobs", layers(job));
  service.make("functions", layers(R"("Type": "Lambda", "FunctionArn": "f")"));
  service.make("cached", layers(job + R"(, "CacheConfig": {"Enabled": true})"));
  service.make("one", R"({"Version": "2020-12-01", "Steps": [{"Name": "One", )" + job + "}]}");

  bench::title(fmt::format("a pipeline of {} steps, fan-out {}", kSteps, kFanOut));
  int round = 0;
  const double alone =
      bench::median_of_runs([&] { return jobs_alone(service, fmt::format("run{}", round++)); });
  const double jobs = bench::median_of_runs([&] { return service.run("jobs"); });
  bench::row("jobs of /bin/true alone, each", alone / kSteps, "ms");
  bench::row("the same as steps, each", jobs / kSteps, "ms");
  bench::row_below("... beyond the jobs", (jobs - alone) / kSteps, "ms", 5);
  bench::row_below("functions that do nothing, each",
                   bench::median_of_runs([&] { return service.run("functions"); }) / kSteps, "ms",
                   5);
  service.run("cached");
  const double cached = bench::median_of_runs([&] { return service.run("cached"); });
  bench::row_below("all steps from the cache, together", cached, "ms", 200);
  const double one = bench::median_of_runs([&] { return service.run("one"); });
  bench::row_below("a pipeline of one step, from Start to its end", one, "ms", 50);
}
