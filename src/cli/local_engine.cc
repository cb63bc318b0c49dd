// The engine in this process, and a source of beers beside it.
#include "cli/local_engine.h"

#include "cli/errors.h"
#include "cli/programs.h"
#include "cli/xgboost_image.h"
#include "lib/http/client.h"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

namespace cli {
namespace {

/// SageMaker's own image of Model Monitor, by the same name in every region's account.
constexpr const char* kMonitorRepository = "sagemaker-model-monitor-analyzer";

/// "program word word": a path, or a name found in PATH, and the words it is told first.
engine::ImageProgram program_of(const std::string& image, const std::string& command) {
  std::istringstream stream(command);
  engine::ImageProgram program;
  if (!(stream >> program.program)) {
    throw UsageError(fmt::format("engine.images.{}: names no program", image));
  }
  for (std::string word; stream >> word;) program.words.push_back(word);
  return program;
}

}  // namespace

engine::EngineOptions engine_options(const Spec& spec, const std::string& data, double speed) {
  engine::EngineOptions options;
  options.data = std::filesystem::absolute(data);  // programs it starts have folders of their own
  options.speed = speed;
  const std::string pipeline = program("beer-pipeline");
  options.images = {{spec.training.repository, {pipeline, {}}},
                    {kMonitorRepository, {pipeline, {"monitor"}}}};
  for (const char* tag : kXgboostTags) {
    options.images[fmt::format("{}:{}", kXgboostRepository, tag)] = {pipeline,
                                                                     {"xgboost", "--image", tag}};
  }
  for (const auto& [image, command] : spec.engine.images) {
    options.images[image] = program_of(image, command);
  }
  const auto bytes = [](int mib) { return static_cast<std::uint64_t>(mib) << 20; };
  options.jobs = {.at_once = spec.engine.jobs_at_once,
                  .hosts = spec.engine.instances,
                  .memory_bytes = bytes(spec.engine.memory_mib),
                  .processes = static_cast<unsigned>(spec.engine.processes),
                  .disk_bytes = bytes(spec.engine.disk_mib),
                  .log_bytes = bytes(spec.engine.log_mib),
                  .most_runtime = std::chrono::seconds(spec.engine.runtime_seconds)};
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
