// Swaps of an endpoint's model while 2,000 requests a second come in, and the cold start of a
// serverless variant; the model is a program that does nothing.
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

namespace {

using namespace engine;  // NOLINT: a benchmark of one part of it
using namespace std::chrono_literals;
namespace api = sagemaker::api;

constexpr int kRate = 2000, kClients = 8, kSwaps = 6;

/// A SageMaker of its own with one image, and an endpoint on it.
class Service {
 public:
  Service() {
    s3_.create_bucket("lake");
    sagemaker::create_model(
        sagemaker_, call_,
        {.ModelName = "m", .PrimaryContainer = api::ContainerDefinition{.Image = "noop"}});
  }

  sagemaker::SageMaker& sagemaker() { return sagemaker_; }

  void make(const std::string& name,
            const std::optional<api::ProductionVariantServerlessConfig>& serverless = {}) {
    api::CreateEndpointConfigInput config{
        .EndpointConfigName = name, .ProductionVariants = {{.VariantName = "v", .ModelName = "m"}}};
    config.ProductionVariants.front().ServerlessConfig = serverless;
    sagemaker::create_endpoint_config(sagemaker_, call_, config);
    sagemaker::create_endpoint(sagemaker_, call_,
                               {.EndpointName = name, .EndpointConfigName = name});
  }
  /// Answered when the new fleet serves and the old one has ended.
  void swap(const std::string& name) {
    sagemaker::update_endpoint(sagemaker_, call_,
                               {.EndpointName = name, .EndpointConfigName = name});
  }
  void invoke(const std::string& name) {
    http::Request request;
    Call call{.request = request};
    sagemaker::invoke_endpoint(sagemaker_, call, {.EndpointName = name, .Body = "1,2,3"});
  }

 private:
  static sagemaker::Settings settings() {
    sagemaker::Settings all;
    all.runner = bench::programs_folder() + "/job_runner";
    all.answer_later = false;
    all.create_wait = 60s;
    all.serverless_idle = 1ms;
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
  http::Request request_;
  Call call_{.request = request_};
  sagemaker::SageMaker sagemaker_{
      context_,
      s3_,
      logs_,
      [](std::string_view) {
        return sagemaker::Program{bench::programs_folder() + "/sagemaker_test_model", {}};
      },
      [] {
        return Callback{"http://127.0.0.1:1", "id", "secret"};
      },
      {},
      settings()};
};

/// Clients that ask at a steady rate, whatever the answers take, until they are stopped.
class Clients {
 public:
  explicit Clients(Service& service) : service_(service), times_(kClients) {
    for (int i = 0; i < kClients; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  void stop() {
    over_ = true;
    threads_.clear();
  }
  int dropped() const { return dropped_; }
  std::vector<double> times() const {
    std::vector<double> all;
    for (const auto& some : times_) all.insert(all.end(), some.begin(), some.end());
    return all;
  }

 private:
  void run(int which) {
    const auto every = std::chrono::nanoseconds(1s) * kClients / kRate;
    auto due = std::chrono::steady_clock::now() + which * every / kClients;
    for (; !over_; due += every) {
      std::this_thread::sleep_until(due);
      try {
        service_.invoke("swapped");
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - due;
        times_[static_cast<std::size_t>(which)].push_back(took.count());
      } catch (const std::exception& error) {
        if (dropped_++ == 0) bench::note(error.what());
      }
    }
  }

  Service& service_;
  std::atomic<bool> over_ = false;
  std::atomic<int> dropped_ = 0;
  std::vector<std::vector<double>> times_;
  std::vector<std::jthread> threads_;
};

void swaps(Service& service) {
  service.make("swapped");
  bench::title(fmt::format("{} swaps of a model, {} requests/s", kSwaps, kRate));
  Clients clients(service);
  const double took = bench::seconds([&] {
    for (int i = 0; i < kSwaps; ++i) {
      std::this_thread::sleep_for(500ms);
      service.swap("swapped");
    }
  });
  clients.stop();
  const auto times = clients.times();
  bench::row("answered", static_cast<double>(times.size()) / took, "requests/s");
  bench::row_below("dropped", clients.dropped(), "requests", 0.5);
  bench::row("... p50, from when it was due", bench::quantile(times, 0.5), "ms");
  bench::row("... p99", bench::quantile(times, 0.99), "ms");
}

void cold_starts(Service& service) {
  service.make("cold",
               api::ProductionVariantServerlessConfig{.MemorySizeInMB = 1024, .MaxConcurrency = 1});
  bench::title("a serverless variant's first request after a pause");
  auto& hosting = *service.sagemaker().impl().hosting;
  const double cold = bench::median_of_runs([&] {
    while (hosting.choose("cold", {}).on_demand->up()) std::this_thread::sleep_for(1ms);
    return 1000 * bench::seconds([&] { service.invoke("cold"); });
  });
  bench::row_below("cold start, the program's own included", cold, "ms", 50);
  bench::row("a request when it is up", 1000 * bench::seconds([&] { service.invoke("cold"); }),
             "ms");
}

}  // namespace

int main() {
  Service service;
  cold_starts(service);
  swaps(service);
}
