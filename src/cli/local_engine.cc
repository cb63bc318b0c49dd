// The engine in this process, and a source of beers beside it.
#include "cli/local_engine.h"

#include "cli/errors.h"
#include "cli/programs.h"
#include "cli/xgboost_image.h"
#include "lib/http/client.h"

#include <fmt/format.h>

#include <filesystem>

namespace cli {
namespace {

/// SageMaker's own image of Model Monitor, by the same name in every region's account.
constexpr const char* kMonitorRepository = "sagemaker-model-monitor-analyzer";

}  // namespace

engine::EngineOptions engine_options(const Spec& spec, const std::string& data, double speed) {
  engine::EngineOptions options;
  options.data = std::filesystem::absolute(data);  // programs it starts have folders of their own
  options.speed = speed;
  const std::string pipeline = program("beer-pipeline");
  options.images = {{spec.training.repository, {pipeline, {}}},
                    {kXgboostRepository, {pipeline, {"xgboost"}}},
                    {kMonitorRepository, {pipeline, {"monitor"}}}};
  return options;
}

aws::Config config_for(const engine::Engine& engine, const engine::EngineOptions& options) {
  aws::Config config;
  config.endpoint = engine.url();
  config.region = options.region;
  config.credentials = engine.credentials();
  return config;
}

SourceKind source_kind(const std::string& source) {
  if (source == "simulated") return SourceKind::kSimulated;
  return source.find("://") == std::string::npos ? SourceKind::kFile : SourceKind::kUrl;
}

void check_source(const std::string& source) {
  if (source_kind(source) == SourceKind::kUrl) {
    try {
      http::parse_url(source);
    } catch (const std::invalid_argument& error) {
      throw UsageError(fmt::format("the source {}", error.what()));
    }
  }
  if (source_kind(source) == SourceKind::kFile && !std::filesystem::is_regular_file(source)) {
    throw UsageError(fmt::format(
        "the source \"{}\" is neither \"simulated\", nor a URL, nor a file that is there", source));
  }
}

}  // namespace cli
