// `beer up`: the engine in the foreground, with the system of beer.yaml and its schedule live.
#include "cli/calls/brewery_server.h"
#include "cli/commands/commands.h"
#include "cli/deploy/deploy.h"
#include "cli/errors.h"
#include "cli/local_engine.h"
#include "cli/signals.h"
#include "lib/base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace cli {
namespace {

/// "127.0.0.1:4577", ":4577" or "4577".
std::pair<std::string, std::uint16_t> read_address(const std::string& listen) {
  const auto colon = listen.rfind(':');
  std::string address = colon == std::string::npos ? "" : listen.substr(0, colon);
  const std::string port = colon == std::string::npos ? listen : listen.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (failed != std::errc() || end != port.data() + port.size()) {
    throw UsageError(
        fmt::format("--listen {}: must be ADDRESS:PORT, with a port from 0 to 65535", listen));
  }
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  return {address.empty() ? "127.0.0.1" : address, number};
}

/// Signatures keep others from asking, and nobody from reading along.
void check_reach(const std::string& address, bool plain_http) {
  if (plain_http || address.starts_with("127.") || address == "::1" || address == "localhost") return;
  throw UsageError(fmt::format("--listen {}: other machines would be answered unencrypted. Put a proxy with TLS before "
                               "127.0.0.1, or say --plain-http if the network is yours alone", address));
}

std::string wanted_source(const UpOptions& options, const Spec& spec) {
  std::string source = options.source.empty() ? spec.source.url : options.source;
  check_source(source);
  if (source_kind(source) == SourceKind::kFile) {
    throw UsageError(fmt::format(
        "the source \"{}\" is a file: put its beers on the stream with `beer ingest --source {}`",
        source, source));
  }
  return source;
}

/// A line that a reader behind a pipe sees at once.
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(format, std::forward<Args>(args)...);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void deploy_system(const aws::Config& config, const Spec& spec, const std::string& source) {
  Session session(config, spec);
  const DeployResult result =
      cli::deploy(session, {.source_url = source}, [](const auto&, const auto&) {});
  say("deployed {}: {} resources, {} changed; {} from {}", spec.file, result.resources,
      result.changed, spec.schedule.expression, source);
}

base::Level level_named(const std::string& name) {
  if (name == "debug") return base::Level::kDebug;
  if (name == "info") return base::Level::kInfo;
  return name == "error" ? base::Level::kError : base::Level::kWarning;
}

}  // namespace

int up(const UpOptions& options) {
  const Spec spec = read_spec(options.common.spec);
  const auto [address, port] = read_address(options.listen);
  check_reach(address, options.plain_http);
  const std::string source = wanted_source(options, spec);

  if (options.log_json) ::setenv("BEER_LOG_FORMAT", "json", 1);  // before the first line
  if (!options.log.empty()) base::set_log_level(level_named(options.log));
  StopSignals signals;  // before any thread, so that none is missed
  std::optional<BreweryServer> brewery;
  engine::EngineOptions how = engine_options(spec, options.common.data, options.speed);
  how.address = address;
  how.port = port;
  how.allow_reset = options.allow_reset;
  how.kinesis_limits = options.kinesis_limits;
  if (options.iam == "log") how.iam = engine::IamEnforcement::kLog;
  if (options.iam == "off") how.iam = engine::IamEnforcement::kOff;
  engine::Engine engine(how);
  const bool simulated = options.deploy && source_kind(source) == SourceKind::kSimulated;
  if (simulated || options.brewery_port) {
    brewery.emplace(BrewerySettings{.seed = static_cast<std::uint64_t>(spec.source.seed),
                                    .drift = options.drift},
                    "127.0.0.1", options.brewery_port.value_or(0));
    say("brewery {}", brewery->api_url());
  }
  if (options.deploy) {
    deploy_system(config_for(engine, how), spec, simulated ? brewery->api_url() : source);
  }
  // The word in the link opens the page once: it is for a terminal, not for a log.
  say("console {}", ::isatty(STDOUT_FILENO) ? engine.console_link() : engine.url() + "/_engine/console");
  say("ready {}", engine.url());  // whoever waits for this line may use all of it
  signals.wait();
  engine.stop();
  return kOk;
}

}  // namespace cli
