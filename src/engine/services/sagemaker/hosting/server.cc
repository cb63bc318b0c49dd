// One serving process.
#include "engine/services/sagemaker/hosting/server.h"

#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/state.h"
#include "lib/io/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kStopGrace = 2s;
constexpr auto kPingTimeout = 2s;

bool can_bind(std::uint16_t port) {
  const io::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// A port nobody listens on. Below the range from which the system takes the ports of outgoing
/// connections (32768 and more), so that none of those takes it before the program does.
std::uint16_t free_port(base::Ids& ids) {
  constexpr std::uint64_t kFirst = 20'000, kCount = 12'000;
  for (int tries = 0; tries < 1000; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirst + ids.number() % kCount);
    if (can_bind(port)) return port;
  }
  throw std::runtime_error("There is no free port for a serving process.");
}

/// A program that is up within a moment is noticed at once; others are asked less and less often.
std::chrono::milliseconds next_pause(std::chrono::milliseconds pause,
                                     std::chrono::steady_clock::time_point began) {
  if (std::chrono::steady_clock::now() - began < 200ms) return pause;
  return std::min(2 * pause, 250ms);
}

std::string folder_name(base::Ids& ids, const std::string& endpoint, const std::string& variant) {
  return fmt::format("endpoint-{}-{}-{}", endpoint, variant, ids.hex(8));
}

}  // namespace

Server::Server(SageMaker::Impl& state, const std::string& endpoint, const std::string& variant,
               ServedModel model)
    : Server(state,
             {.folder = folder_name(state.context.ids, endpoint, variant),
              .log_group = "/aws/sagemaker/Endpoints/" + endpoint,
              .log_stream = fmt::format("{}/i-{}", variant, state.context.ids.hex(17)),
              .invocation_timeout = state.settings.invocation_timeout},
             std::move(model)) {}

Server::Server(SageMaker::Impl& state, const ServerPlace& place, ServedModel model)
    : state_(state),
      model_(std::move(model)),
      folder_(state.context, place.folder),
      log_(state.context, state.logs,
           may_log(state.context, model_.container.role, place.log_group, place.log_stream) ? place.log_group : "",
           place.log_stream),
      client_({.timeout = place.invocation_timeout, .max_body_bytes = 64 << 20}) {
  lay_out_model();
  const std::uint16_t port = free_port(state.context.ids);
  url_ = http::parse_url(fmt::format("http://127.0.0.1:{}/", port));
  auto spec = program_of(state, model_.container, folder_.path());
  spec.environment["SAGEMAKER_BIND_TO_PORT"] = std::to_string(port);
  spec.environment["SM_BIND_ADDRESS"] = "127.0.0.1";
  spec.on_output = [this](const std::vector<std::string>& lines) { log_.take(lines); };
  process_ = std::make_unique<jobs::Process>(std::move(spec));
}

Server::~Server() {
  if (process_) process_->stop(kStopGrace);
}

void Server::lay_out_model() const {
  const std::string place = folder_.place("/opt/ml/model");
  fs::create_directories(place);
  const std::string& role = model_.container.role;
  if (!model_.folder.empty()) download_as(state_.context, role, state_.s3, model_.folder, place);
  if (model_.archive.empty()) return;
  const std::string packed = folder_.path() + "/packed";
  download_as(state_.context, role, state_.s3, model_.archive, packed);
  try {
    for (const auto& file : fs::directory_iterator(packed))
      unpack_into(file.path().string(), place);
  } catch (const std::runtime_error& error) {
    throw ClientError(
        fmt::format("The model data {} can't be unpacked: {}", model_.archive, error.what()));
  }
  fs::remove_all(packed);
}

void Server::wait_until_healthy(std::chrono::milliseconds patience, std::stop_token stop) {
  http::Client pinger({.connect_timeout = kPingTimeout, .timeout = kPingTimeout});
  const std::string ping = fmt::format("http://{}/ping", url_.authority());
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto began = std::chrono::steady_clock::now();
  for (auto pause = 2ms; !stop.stop_requested(); pause = next_pause(pause, began)) {
    try {
      if (pinger.get(ping).status == 200) return;
    } catch (const http::ConnectionError&) {
      // not up yet
    }
    if (const auto exit = process_->wait_for(pause)) {
      throw ClientError(
          fmt::format("it ended with {} before it answered /ping; its last line was: {}",
                      exit->text(), log_.last_line()));
    }
    if (std::chrono::steady_clock::now() >= until) break;
  }
  throw ClientError("it did not pass the ping health check");
}

http::Response Server::get(const std::string& target) {
  http::Url url = url_;
  url.target = target;
  return client_.send(url, {});
}

http::Response Server::invoke(http::Request request, std::chrono::milliseconds timeout) {
  http::Client client({.timeout = timeout});
  http::Url url = url_;
  url.target = "/invocations";
  request.method = "POST";
  return client.send(url, std::move(request));
}

http::Response Server::invoke(http::Request request) {
  http::Url url = url_;
  url.target = "/invocations";
  request.method = "POST";
  return client_.send(url, std::move(request));
}

}  // namespace engine::sagemaker
