// The program behind an image.
#include "engine/services/sagemaker/jobs/program.h"

#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kRoot = "/opt/ml";
constexpr std::chrono::hours kKeysLast{28 * 24};  // the longest that a job may run
constexpr std::chrono::hours kGrantLasts{10 * 365 * 24};
constexpr std::size_t kTextBytes = 1024;  // of a failure or message file

/// Who serves has no end that keys could be made for: as in a container of AWS's, its SDK asks for them, and for the next
/// before they are over. What it asks with is the token of a session that never signs; no AssumeRole can name one so.
Environment keys_to_ask_for(const SageMaker::Impl& state, const Container& container) {
  const Callback callback = state.callback ? state.callback() : Callback{};
  if (container.command != "serve" || callback.endpoint_url.empty() || state.context.authority == nullptr) return {};
  Actor asking = acting_as(container.role);
  asking.session.insert(0, kAskingMark);
  const auto grant = state.context.authority->keys(asking, kGrantLasts);
  if (!grant) return {};
  return {{"AWS_ENDPOINT_URL", callback.endpoint_url},
          {"AWS_CONTAINER_CREDENTIALS_FULL_URI",
           fmt::format("{}/_engine/credentials?id={}&token={}", callback.endpoint_url, grant->access_key_id,
                       base::percent_encode(grant->session_token))}};
}

/// Keys of a session of the role, where there is one.
Callback callback_of(const SageMaker::Impl& state, const std::string& role) {
  Callback callback = state.callback ? state.callback() : Callback{};
  if (callback.endpoint_url.empty() || state.context.authority == nullptr) return callback;
  if (const auto keys = state.context.authority->keys(acting_as(role), kKeysLast)) {
    callback.access_key_id = keys->access_key_id;
    callback.secret_access_key = keys->secret_access_key;
    callback.session_token = keys->session_token;
  }
  return callback;
}

Environment environment_of(const SageMaker::Impl& state, const Container& container) {
  Environment asked_for = keys_to_ask_for(state, container);
  const Callback callback = asked_for.empty() ? callback_of(state, container.role) : Callback{};
  Environment environment = container.environment;
  environment.erase("SM_ML_ROOT");  // the runner's to set
  // Idle OpenMP threads would spin on cores that the other programs here need.
  environment.insert({{"OMP_WAIT_POLICY", "passive"},
                      {"OMP_NUM_THREADS", "1"},
                      {"AWS_REGION", state.context.region},
                      {"AWS_DEFAULT_REGION", state.context.region}});
  environment.merge(asked_for);
  if (!callback.endpoint_url.empty()) {
    environment.insert({{"AWS_ENDPOINT_URL", callback.endpoint_url},
                        {"AWS_ACCESS_KEY_ID", callback.access_key_id},
                        {"AWS_SECRET_ACCESS_KEY", callback.secret_access_key}});
    if (!callback.session_token.empty()) environment.insert({"AWS_SESSION_TOKEN", callback.session_token});
  }
  return environment;
}

}  // namespace

jobs::ProcessSpec program_of(SageMaker::Impl& state, const Container& container,
                             const std::string& ml_root) {
  const auto program = state.images(container.image);
  if (program && program->path.empty()) {
    throw ClientError(fmt::format("No local program stands for the image \"{}\"; there are {}",
                                  container.image, fmt::join(program->others, ", ")));
  }
  if (!program) {
    throw ClientError(fmt::format(
        "No local program stands for the image \"{}\"; name one in the engine's settings",
        container.image));
  }
  require_image(state.context, container.role, container.image);
  jobs::ProcessSpec spec{.program = program->path};
  if (container.entrypoint.empty()) {
    spec.args = program->words;
    if (!container.command.empty()) spec.args.push_back(container.command);
  } else {
    spec.args.assign(container.entrypoint.begin() + 1, container.entrypoint.end());
  }
  spec.args.insert(spec.args.end(), container.arguments.begin(), container.arguments.end());
  spec.environment = environment_of(state, container);
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

// Verified: the members of resourceconfig.json in SageMaker's documentation of its containers.
std::string resource_config(const std::vector<HostGroup>& groups, const std::string& current_host) {
  boost::json::object config{{"current_host", current_host}, {"network_interface_name", "lo"}};
  boost::json::array all, described;
  for (const HostGroup& group : groups) {
    const boost::json::array hosts(group.hosts.begin(), group.hosts.end());
    all.insert(all.end(), hosts.begin(), hosts.end());
    described.push_back({{"instance_group_name", group.name},
                         {"instance_type", group.instance_type},
                         {"hosts", hosts}});
    if (std::find(group.hosts.begin(), group.hosts.end(), current_host) == group.hosts.end()) {
      continue;
    }
    config["current_group_name"] = group.name;
    if (!group.instance_type.empty()) config["current_instance_type"] = group.instance_type;
  }
  config["hosts"] = std::move(all);
  config["instance_groups"] = std::move(described);
  return boost::json::serialize(config);
}

HostsFile::HostsFile(const std::string& job_folder, const std::vector<std::string>& hosts)
    : path_(job_folder + ".hosts") {
  fs::create_directories(fs::path(path_).parent_path());
  // All of 127.0.0.0/8 is this machine. 16,384 jobs later an address comes again.
  static std::atomic<unsigned> jobs = 0;
  const unsigned job = jobs.fetch_add(1) % (64 * 256);
  std::string text;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    text += fmt::format("127.{}.{}.{}\t{}\n", 64 + job / 256, job % 256, i + 1, hosts[i]);
  }
  std::error_code error;
  if (fs::exists("/etc/hosts", error)) text += io::read_file("/etc/hosts");
  io::write_file(path_, text);
}

HostsFile::~HostsFile() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

}  // namespace engine::sagemaker
