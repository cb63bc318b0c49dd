// A deployment on its way: the new fleet is built, takes the traffic step by step, or gives it
// back.
#include "engine/protocol/error.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using Endpoint = api::DescribeEndpointOutput;
using Config = api::DescribeEndpointConfigOutput;
using Weights = std::map<std::string, double>;

/// How often alarms are looked at while a deployment waits, on the engine's clock.
constexpr base::Milliseconds kLook = 1s;

/// Those of the configuration, or of the endpoint's row.
Weights weights_of(const Config& config, const Endpoint& endpoint, bool keep) {
  Weights weights;
  for (const auto& variant : config.ProductionVariants) {
    weights[variant.VariantName] = variant.InitialVariantWeight.value_or(1);
  }
  if (!keep || !endpoint.ProductionVariants) return weights;
  for (const auto& variant : *endpoint.ProductionVariants) {
    const auto found = weights.find(variant.VariantName);
    if (found != weights.end() && variant.DesiredWeight) found->second = *variant.DesiredWeight;
  }
  return weights;
}

/// `Summary` is a variant's summary of an endpoint in service, or of one that is being deployed.
template <class Summary>
std::vector<Summary> summaries(const Config& config, const Weights& weights,
                               const SageMaker::Impl& state) {
  std::vector<Summary> all;
  for (const auto& variant : config.ProductionVariants) {
    Summary summary{.VariantName = variant.VariantName};
    const std::string image = served_model(state, variant.ModelName.value_or("")).container.image;
    summary.DeployedImages = std::vector<api::DeployedImage>{
        {.SpecifiedImage = image, .ResolvedImage = image, .ResolutionTime = state.now()}};
    summary.CurrentWeight = summary.DesiredWeight = weights.at(variant.VariantName);
    // Deviation: one process serves a variant, whatever InitialInstanceCount asks for.
    summary.CurrentInstanceCount = summary.DesiredInstanceCount =
        variant.InitialInstanceCount.value_or(1);
    summary.CurrentServerlessConfig = variant.ServerlessConfig;
    all.push_back(std::move(summary));
  }
  return all;
}

std::optional<api::DataCaptureConfigSummary> capture_summary(
    const std::optional<api::DataCaptureConfig>& config) {
  if (!config) return std::nullopt;
  const bool on = config->EnableCapture.value_or(true);
  return api::DataCaptureConfigSummary{
      .EnableCapture = on,
      .CaptureStatus = on ? "Started" : "Stopped",
      .CurrentSamplingPercentage = config->InitialSamplingPercentage,
      .DestinationS3Uri = config->DestinationS3Uri,
      .KmsKeyId = config->KmsKeyId.value_or("")};
}

std::int64_t instances_of(const Config& config) {
  std::int64_t least = 0;
  for (const auto& variant : config.ProductionVariants) {
    const auto count = variant.InitialInstanceCount.value_or(1);
    least = least == 0 ? count : std::min(least, count);
  }
  return least;
}

}  // namespace

class Hosting::Run {
 public:
  Run(Hosting& hosting, Deployment what, std::uint64_t turn, std::stop_token stop)
      : hosting_(hosting),
        state_(hosting.state_),
        what_(std::move(what)),
        turn_(turn),
        stop_(std::move(stop)) {}

  /// With `quietly` the row stays as it is: an older fleet is put back while an update waits.
  void go(bool quietly);

 private:
  void deploy(const Config& config, const Endpoint& endpoint, bool quietly);
  bool shift(Fleet& green, double share);
  void pause(base::Milliseconds span);
  void stage(const char* status);
  std::optional<Fleet> take_over();
  void succeed(const Config& config, const Weights& weights,
               const std::optional<api::DataCaptureConfig>& captured);
  void give_back();

  Hosting& hosting_;
  SageMaker::Impl& state_;
  const Deployment what_;
  const std::uint64_t turn_;
  const std::stop_token stop_;
  TrafficPlan plan_;
  Timestamp began_;
};

void Hosting::Run::go(bool quietly) {
  std::string reason;
  try {
    const auto config = state_.endpoint_configs.find(key_of(what_.config, "endpoint-config"));
    const auto endpoint = state_.endpoints.find(what_.key);
    if (!endpoint) return;
    if (!config) {
      throw ClientError(fmt::format("Could not find endpoint configuration \"{}\".", what_.config));
    }
    deploy(*config, *endpoint, quietly);
    return;
  } catch (const AwsError& error) {
    reason = fmt::format("{}: {}", error.code, error.what());
  } catch (const std::exception& error) {
    reason = error.what();
  }
  give_back();
  // What fails because the engine stops is started again by the next one.
  if (!stop_.stop_requested() && !quietly) hosting_.fail(what_.key, reason);
}

void Hosting::Run::deploy(const Config& config, const Endpoint& endpoint, bool quietly) {
  plan_ = traffic_plan(what_.policy, instances_of(config));
  began_ = state_.now();
  const Weights weights = weights_of(config, endpoint, what_.keep_weights);
  if (!quietly) {
    state_.endpoints.change(what_.key, [&](Endpoint& row) {
      if (!row.PendingDeploymentSummary) return;
      row.PendingDeploymentSummary->ProductionVariants =
          summaries<api::PendingProductionVariantSummary>(config, weights, state_);
    });
    stage("Creating");
  }
  Fleet green = hosting_.build(config, endpoint.EndpointName, stop_);
  auto captured = config.DataCaptureConfig;
  std::shared_ptr<Capture> capture;
  if (what_.keep_capture) {
    std::lock_guard lock(hosting_.mutex_);
    const auto serving = hosting_.fleets_.find(what_.key);
    if (serving != hosting_.fleets_.end() && !serving->second.blue.empty()) {
      capture = serving->second.blue.front().capture;
    }
  } else if (captured && captured->EnableCapture.value_or(true)) {
    capture = std::make_shared<Capture>(state_, endpoint.EndpointName, *captured);
  }
  for (ServedVariant& variant : green) {
    variant.weight = weights.at(variant.name);
    variant.capture = capture;
    variant.asynchronous = config.AsyncInferenceConfig.has_value();
  }
  capture.reset();
  const bool first = !hosting_.serves(what_.key);
  for (const TrafficStep& step : plan_.steps) {
    stage("ActivatingTraffic");
    if (!shift(green, first ? 1 : step.share)) return;
    green.clear();
    if (first) break;
    stage("Baking");
    pause(step.bake);
  }
  if (!first) pause(plan_.termination_wait);
  auto blue = take_over();
  if (!blue) return;
  if (!quietly) succeed(config, weights, captured);
  drain(std::move(*blue), stop_);
}

/// From now on that share of the requests is the new fleet's, which is handed over at the first
/// step. False when the endpoint was deleted.
bool Hosting::Run::shift(Fleet& green, double share) {
  std::lock_guard lock(hosting_.mutex_);
  const auto current = hosting_.turns_.find(what_.key);
  if (current == hosting_.turns_.end() || current->second.number != turn_) return false;
  Serving& serving = hosting_.fleets_[what_.key];
  if (!green.empty()) serving.green.swap(green);
  serving.green_share = share;
  return true;
}

/// Waits on the engine's clock with an eye on the alarms: at least one look, the last at the end.
void Hosting::Run::pause(base::Milliseconds span) {
  const Timestamp until = state_.now() + span;
  while (true) {
    const Timestamp now = state_.now();
    for (const std::string& alarm : plan_.alarms) {
      if (state_.settings.alarm_state && state_.settings.alarm_state(alarm) == "ALARM") {
        throw ClientError(
            fmt::format("The CloudWatch alarm \"{}\" is in ALARM state: the deployment is rolled "
                        "back.",
                        alarm));
      }
    }
    if (plan_.most && now - began_ > *plan_.most) {
      throw ClientError(
          fmt::format("The deployment took longer than MaximumExecutionTimeoutInSeconds ({}).",
                      std::chrono::duration_cast<std::chrono::seconds>(*plan_.most).count()));
    }
    if (now >= until) return;
    if (!state_.context.clock.sleep_until(std::min(until, now + kLook), stop_)) {
      throw ClientError("The deployment was stopped.");
    }
  }
}

/// Where the new variants are, as DescribeEndpoint tells of a pending deployment.
void Hosting::Run::stage(const char* status) {
  state_.endpoints.change(what_.key, [&](Endpoint& row) {
    if (!row.PendingDeploymentSummary || !row.PendingDeploymentSummary->ProductionVariants) return;
    for (auto& variant : *row.PendingDeploymentSummary->ProductionVariants) {
      variant.VariantStatus =
          std::vector<api::ProductionVariantStatus>{{.Status = status, .StartTime = state_.now()}};
    }
  });
}

/// The new fleet is the endpoint's. What it had before, or nothing when it was deleted.
std::optional<Fleet> Hosting::Run::take_over() {
  std::lock_guard lock(hosting_.mutex_);
  const auto current = hosting_.turns_.find(what_.key);
  if (current == hosting_.turns_.end() || current->second.number != turn_) return std::nullopt;
  Serving& serving = hosting_.fleets_[what_.key];
  Fleet blue = std::move(serving.blue);
  serving.blue = std::move(serving.green);
  serving.green.clear();
  serving.green_share = 0;
  return blue;
}

void Hosting::Run::succeed(const Config& config, const Weights& weights,
                           const std::optional<api::DataCaptureConfig>& captured) {
  const auto variants = summaries<api::ProductionVariantSummary>(config, weights, state_);
  const auto endpoint = state_.endpoints.change(what_.key, [&](Endpoint& row) {
    row.EndpointStatus = "InService";
    row.EndpointConfigName = config.EndpointConfigName;
    row.FailureReason.reset();
    row.LastModifiedTime = state_.now();
    row.ProductionVariants = variants;
    row.AsyncInferenceConfig = config.AsyncInferenceConfig;
    if (!what_.keep_capture) row.DataCaptureConfig = capture_summary(captured);
    row.PendingDeploymentSummary.reset();
  });
  if (endpoint) hosting_.emit(*endpoint);
}

/// All requests are the old fleet's again.
void Hosting::Run::give_back() {
  Fleet green;
  {
    std::lock_guard lock(hosting_.mutex_);
    const auto serving = hosting_.fleets_.find(what_.key);
    if (serving == hosting_.fleets_.end()) return;
    green = std::move(serving->second.green);
    serving->second.green.clear();
    serving->second.green_share = 0;
    if (serving->second.blue.empty()) hosting_.fleets_.erase(serving);
  }
  drain(std::move(green), stop_);
}

// Hosting's side
// -------------------------------------------------------------------------------------

std::pair<std::uint64_t, std::stop_source> Hosting::begin(const std::string& key) {
  std::lock_guard lock(mutex_);
  if (!watcher_) {
    watcher_ = std::make_unique<base::Loop>("endpoints", base::system_clock(),
                                            [this](const std::stop_token& stop) {
                                              watch(stop);
                                              return base::Milliseconds(1000);
                                            });
  }
  Turn& turn = turns_[key];
  turn = {++last_turn_, std::stop_source()};
  return {turn.number, turn.stop};
}

std::shared_ptr<Ending> Hosting::deploy(Deployment deployment) {
  auto decided = std::make_shared<Ending>();
  const auto [turn, source] = begin(deployment.key);
  state_.tasks.start("endpoint " + deployment.key, [this, deployment, turn = turn, source = source,
                                                    decided](std::stop_token stop) {
    const std::stop_callback link(stop, [source]() mutable { source.request_stop(); });
    Run(*this, deployment, turn, source.get_token()).go(false);
    decided->set();
  });
  return decided;
}

/// An update that was under way is done from its beginning, beside what served before.
void Hosting::take_up(const Endpoint& endpoint) {
  const std::string key = key_of(endpoint.EndpointName, "endpoint");
  const std::string before = endpoint.EndpointConfigName.value_or("");
  const auto pending = endpoint.PendingDeploymentSummary;
  const bool served = endpoint.ProductionVariants.has_value();
  if (!pending || !served) {
    deploy({.key = key,
            .config = pending ? pending->EndpointConfigName : before,
            .keep_weights = served});
    return;
  }
  const auto [turn, source] = begin(key);
  state_.tasks.start(
      "endpoint " + key, [this, key, before, pending, turn = turn, source = source,
                          policy = endpoint.LastDeploymentConfig](std::stop_token stop) {
        const std::stop_callback link(stop, [source]() mutable { source.request_stop(); });
        Run(*this, {.key = key, .config = before, .keep_weights = true}, turn, source.get_token())
            .go(true);
        Run(*this, {.key = key, .config = pending->EndpointConfigName, .policy = policy}, turn,
            source.get_token())
            .go(false);
      });
}

}  // namespace engine::sagemaker
