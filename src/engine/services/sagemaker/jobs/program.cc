// The program behind an image.
#include "engine/services/sagemaker/jobs/program.h"

#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>

#include <filesystem>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kRoot = "/opt/ml";
constexpr std::size_t kTextBytes = 1024;  // of a failure or message file

Environment environment_of(const SageMaker::Impl& state, const Environment& asked) {
  const Callback callback = state.callback ? state.callback() : Callback{};
  Environment environment = asked;
  environment.erase("SM_ML_ROOT");  // the runner's to set
  // Idle OpenMP threads would spin on cores that the other programs here need.
  environment.insert({{"OMP_WAIT_POLICY", "passive"},
                      {"OMP_NUM_THREADS", "1"},
                      {"AWS_REGION", state.context.region},
                      {"AWS_DEFAULT_REGION", state.context.region}});
  if (!callback.endpoint_url.empty()) {
    environment.insert({{"AWS_ENDPOINT_URL", callback.endpoint_url},
                        {"AWS_ACCESS_KEY_ID", callback.access_key_id},
                        {"AWS_SECRET_ACCESS_KEY", callback.secret_access_key}});
  }
  return environment;
}

}  // namespace

jobs::ProcessSpec program_of(SageMaker::Impl& state, const Container& container,
                             const std::string& ml_root) {
  const auto program = state.images(container.image);
  if (!program) {
    throw ClientError(fmt::format(
        "No local program stands for the image \"{}\"; name one in the engine's settings",
        container.image));
  }
  jobs::ProcessSpec spec{.program = program->path};
  if (container.entrypoint.empty()) {
    spec.args = program->words;
    if (!container.command.empty()) spec.args.push_back(container.command);
  } else {
    spec.args.assign(container.entrypoint.begin() + 1, container.entrypoint.end());
  }
  spec.args.insert(spec.args.end(), container.arguments.begin(), container.arguments.end());
  spec.environment = environment_of(state, container.environment);
  spec.ml_root = ml_root;
  spec.limits = state.settings.limits;
  spec.runner = state.settings.runner;
  return spec;
}

std::string jobs_folder(const Context& context) { return context.data + "/jobs"; }

JobFolder::JobFolder(const Context& context, std::string_view name)
    : path_(fmt::format("{}/{}", jobs_folder(context), name)) {
  fs::remove_all(path_);
  fs::create_directories(path_);
}

JobFolder::~JobFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string JobFolder::place(std::string_view container_path) const {
  const fs::path normal = fs::path(container_path).lexically_normal();
  const std::string text = normal.string();
  if (!text.starts_with(kRoot) || (text.size() > kRoot.size() && text[kRoot.size()] != '/')) {
    throw ClientError(fmt::format("The path \"{}\" is not below {}", container_path, kRoot));
  }
  return path_ + text.substr(kRoot.size());
}

std::string JobFolder::filled(std::string_view container_path) const {
  std::string path = place(container_path);
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  const fs::path expected = fs::canonical(path_) / fs::path(path).lexically_relative(path_);
  if (error || real != expected.lexically_normal() || !fs::is_directory(real)) {
    throw ClientError(
        fmt::format("The program left no folder at {}, or a link in its place", container_path));
  }
  return path;
}

void JobFolder::write(std::string_view container_path, std::string_view bytes) const {
  const std::string path = place(container_path);
  fs::create_directories(fs::path(path).parent_path());
  io::write_file(path, bytes);
}

std::string JobFolder::read(std::string_view container_path) const try {
  // The program may have left a link to anywhere here; it isn't followed, nor a pipe waited for.
  const auto file = io::find_file(place(container_path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return {};
  std::string text(kTextBytes + 1, '\0');
  text.resize(io::read_at(*file, text.data(), text.size(), 0));
  return shortened(std::string(base::trim(text)), kTextBytes);
} catch (const std::system_error&) {
  return {};
}

std::string host_folder(const std::string& job_folder, const std::string& host) {
  return host == "algo-1" ? job_folder : fmt::format("{}+{}", job_folder, host);
}

std::string resource_config(std::string_view instance_type, const std::string& current_host,
                            const std::vector<std::string>& hosts) {
  boost::json::object config{{"current_host", current_host},
                             {"hosts", boost::json::array(hosts.begin(), hosts.end())},
                             {"network_interface_name", "lo"}};
  if (!instance_type.empty()) config["current_instance_type"] = instance_type;
  return boost::json::serialize(config);
}

}  // namespace engine::sagemaker
