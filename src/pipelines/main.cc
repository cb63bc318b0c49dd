// beer-pipeline: the container's entry point on AWS, a plain program under the engine.
#include "pipelines/definition/definition.h"
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/files.h"
#include "pipelines/monitor/monitor.h"
#include "pipelines/preprocess/preprocess.h"
#include "pipelines/report/report.h"
#include "pipelines/serve/serve.h"
#include "pipelines/train/train.h"
#include "pipelines/watch/watch.h"
#include "pipelines/xgboost/handler.h"
#include "pipelines/xgboost/train.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace {

using pipelines::Folders;

/// SageMaker shows at most 1,024 bytes of what a job says about its end.
constexpr std::size_t kReasonBytes = 1024;

/// `report` was made, and a bar wasn't held.
constexpr int kMissed = 3;

/// Runs a job; what it throws is told on standard error and in `reason_file`, where SageMaker
/// looks.
template <class F>
int run_job(const std::filesystem::path& reason_file, F&& job) {
  try {
    job();
    return 0;
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    std::cerr << reason << std::endl;
    try {
      pipelines::write_file(reason_file, std::string_view(reason).substr(0, kReasonBytes));
    } catch (const std::exception& second) {
      std::cerr << second.what() << std::endl;
    }
    return 1;
  }
}

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

void serve_as_xgboost(const Folders& folders) {
  const char* const accept = std::getenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT");
  pipelines::serve(
      [&]() -> pipelines::Answers {
        return pipelines::xgboost::Handler(pipelines::xgboost::load_booster(folders.model()),
                                           accept && *accept ? accept : "text/csv");
      },
      std::cout);
}

int run(int argc, char** argv) {
  CLI::App app(
      "Preprocesses, trains, evaluates and serves the IBU model in SageMaker's folders "
      "(/opt/ml, or SM_ML_ROOT).");
  app.require_subcommand(1);
  pipelines::PreprocessOptions preprocess;
  auto* preprocess_command =
      app.add_subcommand("preprocess", "cleaned rows to train.csv and test.csv");
  preprocess_command->add_option("--test-fraction", preprocess.test_fraction, "share held out")
      ->check(CLI::Range(0.05, 0.5));
  preprocess_command->add_option("--seed", preprocess.seed, "of the split");
  preprocess_command
      ->add_option("--parts", preprocess.parts, "files of training rows, one for each instance")
      ->check(CLI::Range(1, 100));
  preprocess_command->add_option("--minimum-beers", preprocess.minimum_beers,
                                 "different beers that are enough to train on");
  auto* train_command = app.add_subcommand("train", "train.csv to the model folder");
  pipelines::EvaluateOptions evaluate;
  auto* evaluate_command = app.add_subcommand("evaluate", "model and test.csv to evaluation.json");
  evaluate_command->add_option("--seed", evaluate.seed, "of the resampling");
  evaluate_command->add_option("--resamples", evaluate.resamples, "for standard deviations")
      ->check(CLI::Range(2, 100'000));
  evaluate_command->add_option("--permutations", evaluate.permutations, "of each feature")
      ->check(CLI::Range(1, 1'000));
  evaluate_command->add_option("--explained", evaluate.explained, "beers explained, at most");
  evaluate_command->add_option("--metric-path", evaluate.gate.metric_path,
                               "of the report, which the gate holds against its threshold");
  evaluate_command->add_option("--metric-threshold", evaluate.gate.threshold);
  evaluate_command->add_option("--champion-version", evaluate.gate.champion_version,
                               "of the registry, or none");
  evaluate_command
      ->add_option("--champion-tolerance", evaluate.gate.tolerance,
                   "by how much the champion may be better")
      ->check(CLI::NonNegativeNumber);
  pipelines::WatchOptions watch;
  auto* watch_command = app.add_subcommand("watch", "the served model against newly come beers");
  watch_command->add_option("--version", watch.version, "of the model");
  watch_command->add_option("--window", watch.window, "newest beers looked at");
  watch_command->add_option("--minimum", watch.minimum, "fewest beers that tell")
      ->check(CLI::Range(1, 1'000'000));
  watch_command->add_option("--psi", watch.limits.psi)->check(CLI::PositiveNumber);
  auto* name_space = watch_command->add_option("--metric-namespace", watch.metric_namespace,
                                               "of CloudWatch, where metrics go");
  watch_command->add_option("--metric-group", watch.metric_group, "of the metrics' dimension")
      ->needs(name_space);
  pipelines::ReportOptions report;
  auto* report_command =
      app.add_subcommand("report", "repeated cross-validation against what is asked of the model");
  report_command->add_option("--repeats", report.repeats)->check(CLI::Range(1, 1'000));
  report_command->add_option("--folds", report.folds)->check(CLI::Range(2, 100));
  report_command->add_option("--curve-repeats", report.curve_repeats, "0: no learning curve")
      ->check(CLI::Range(0, 100));
  auto* serve_command = app.add_subcommand("serve", "/ping and /invocations");
  auto* monitor_command =
      app.add_subcommand("monitor", "in the place of SageMaker's own Model Monitor image");
  auto* xgboost_command =
      app.add_subcommand("xgboost", "in the place of SageMaker's own XGBoost images");
  xgboost_command->require_subcommand(1);
  std::string xgboost_image = "1.7-1";
  xgboost_command->add_option("--image", xgboost_image, "the image's tag")
      ->check(CLI::IsMember({"1.7-1", "3.0-5"}));
  auto* xgboost_train_command =
      xgboost_command->add_subcommand("train", "the channels train and validation to a booster");
  auto* xgboost_serve_command = xgboost_command->add_subcommand("serve", "/ping and /invocations");
  pipelines::PipelineSettings settings;
  auto* definition_command = app.add_subcommand("definition", "the SageMaker pipeline as JSON");
  definition_command->add_option("--cleaned-data-uri", settings.cleaned_data_uri);
  definition_command->add_option("--output-uri", settings.output_uri);
  definition_command->add_option("--image-uri", settings.image_uri);
  definition_command->add_option("--role-arn", settings.role_arn);
  definition_command->add_option("--instance-type", settings.instance_type);
  definition_command->add_option("--approval-status", settings.approval_status);
  definition_command->add_option("--model-package-group", settings.model_package_group);
  definition_command->add_option("--mae-threshold", settings.mae_threshold);
  definition_command->add_option("--champion-tolerance", settings.champion_tolerance);
  CLI11_PARSE(app, argc, argv);

  const Folders folders = Folders::from_environment();
  if (*preprocess_command) {
    return run_job(folders.message(),
                   [&] { pipelines::preprocess(folders, preprocess, std::cout); });
  }
  if (*train_command) {
    return run_job(folders.failure(), [&] { pipelines::train(folders, std::cout); });
  }
  if (*evaluate_command) {
    return run_job(folders.message(), [&] { pipelines::evaluate(folders, evaluate, std::cout); });
  }
  if (*watch_command) {
    return run_job(folders.message(), [&] { pipelines::watch(folders, watch, std::cout); });
  }
  if (*report_command) {
    bool held = false;
    const int code =
        run_job(folders.message(), [&] { held = pipelines::report(folders, report, std::cout); });
    return code != 0 ? code : held ? 0 : kMissed;
  }
  if (*monitor_command) {
    return run_job(folders.message(),
                   [&] { pipelines::monitor::monitor(folders, variable, std::cout); });
  }
  if (*serve_command) {
    return run_job(folders.failure(), [&] { pipelines::serve(folders, std::cout); });
  }
  if (*xgboost_train_command) {
    using pipelines::xgboost::Version;
    return pipelines::xgboost::run_training(
        folders, std::cout, xgboost_image == "3.0-5" ? Version::k3_0 : Version::k1_7);
  }
  if (*xgboost_serve_command) {
    return run_job(folders.failure(), [&] { serve_as_xgboost(folders); });
  }
  if (*definition_command) std::cout << pipelines::pipeline_definition(settings) << std::endl;
  return 0;
}

/// A container's first process is sent only the signals it handles: without this, a job that is
/// stopped would go on until it is killed. `serve` blocks the signal and ends in its own way.
void end_when_told() {
  std::signal(SIGTERM, [](int number) { std::_Exit(128 + number); });
}

}  // namespace

int main(int argc, char** argv) {
  end_when_told();
  std::cout << std::unitbuf;  // a container's log is read while it works
  return run(argc, argv);
}
