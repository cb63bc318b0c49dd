// One GET, answered in JSON.
#include "lib/aws/container_credentials.h"

#include "lib/http/client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

namespace aws {
namespace {

constexpr const char* kHost = "http://169.254.170.2";

}  // namespace

std::string container_credentials_url() {
  const char* const relative = std::getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (relative != nullptr && *relative != '\0') return kHost + std::string(relative);
  const char* const full = std::getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const std::string url = full == nullptr ? "" : full;
  if (url.empty()) return {};
  const http::Url parsed = http::parse_url(url);
  return parsed.scheme == "https" || parsed.host == "127.0.0.1" ? url : std::string();
}

Credentials fetch_container_credentials(const std::string& url) {
  http::Client client;
  const http::Response response = client.get(url);
  boost::system::error_code failed;
  const auto value = boost::json::parse(response.body.string(), failed);
  const auto* object = failed || response.status != 200 ? nullptr : value.if_object();
  const auto text = [&](const char* name) -> std::string {
    const auto* found = object == nullptr ? nullptr : object->if_contains(name);
    return found != nullptr && found->is_string() ? found->as_string().c_str() : "";
  };
  Credentials credentials{text("AccessKeyId"), text("SecretAccessKey"), text("Token")};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    throw std::runtime_error(
        fmt::format("{} answered {} without credentials", url, response.status));
  }
  return credentials;
}

}  // namespace aws
