// One command's way to AWS or to an engine.
#include "cli/session.h"

#include "engine/engine.h"
#include "engine/gateway/keys.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <cstdlib>
#include <stdexcept>

namespace cli {
namespace {

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string account_of(aws::Client& client) {
  const std::string text = client.query("sts", "GetCallerIdentity", "2011-06-15", {});
  pugi::xml_document document;
  document.load_buffer(text.data(), text.size());
  std::string account = document.select_node("//Account").node().child_value();
  if (account.empty()) throw std::runtime_error("GetCallerIdentity named no account");
  return account;
}

std::string identity(aws::Client& client) {
  try {
    return account_of(client);
  } catch (const http::ConnectionError& error) {
    const std::string& endpoint = client.config().endpoint;
    throw std::runtime_error(fmt::format(
        "nobody answers at {} ({}){}", endpoint.empty() ? "AWS" : endpoint, error.what(),
        endpoint.empty()
            ? ""
            : ": start the engine with `beer up`, or name another by AWS_ENDPOINT_URL"));
  }
}

}  // namespace

aws::Config find_endpoint(const Common& common) {
  if (std::getenv("AWS_ENDPOINT_URL") != nullptr) return aws::Config::from_environment();
  const std::string url = engine::engine_url(common.data);
  if (!url.empty()) {
    const auto keys = engine::stored_credentials(common.data);
    aws::Config config;
    if (keys) {
      config.credentials = *keys;
    } else {
      config = aws::Config::from_environment();  // the engine was started with these
    }
    config.endpoint = url;
    return config;
  }
  if (is_set("AWS_ACCESS_KEY_ID")) return aws::Config::from_environment();
  throw std::runtime_error(fmt::format(
      "no engine ever ran in {} and the environment has neither AWS_ENDPOINT_URL nor keys for AWS: "
      "start one with `beer up`, name its folder with --data, or set AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY",
      common.data));
}

Session::Session(const Common& common) : Session(find_endpoint(common), read_spec(common.spec)) {}

Session::Session(aws::Config config, Spec spec)
    : client_(std::move(config)),
      system_{std::move(spec), identity(client_), client_.config().region} {}

}  // namespace cli
