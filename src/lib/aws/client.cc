// Signs, sends, retries and reads errors.
#include "lib/aws/client.h"

#include "lib/aws/container_credentials.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

namespace aws {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackOff{50}, kLongestBackOff{5'000};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string required(const char* name) {
  std::string value = variable(name);
  if (value.empty())
    throw std::runtime_error(fmt::format("the environment variable {} is not set", name));
  return value;
}

/// The part of AWS's host names before the region, where it is not the service's signing name.
std::string host_name(std::string_view service, std::string_view prefix, std::string_view region) {
  if (service == "iam") return "iam.amazonaws.com";
  const bool has_api_host = service == "sagemaker" || service == "ecr";
  if (prefix.empty() && has_api_host) prefix = "api.";
  return fmt::format("{}{}.{}.amazonaws.com", prefix, service, region);
}

/// "com.amazonaws.kinesis#Name:http://…" is Name.
std::string bare_code(std::string_view text) {
  text = text.substr(0, text.find(':'));
  return std::string(text.substr(text.rfind('#') + 1));
}

struct ErrorText {
  std::string code, message;
};

ErrorText read_json_error(std::string_view body) {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(body, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) return {};
  const auto text = [&](std::initializer_list<std::string_view> names) -> std::string {
    for (const std::string_view name : names) {
      const auto* found = object->if_contains(name);
      if (found != nullptr && found->is_string()) return std::string(found->get_string());
    }
    return {};
  };
  return {bare_code(text({"__type", "code", "Code"})),
          text({"message", "Message", "errorMessage"})};
}

ErrorText read_xml_error(std::string_view body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return {};
  pugi::xml_node error = document.child("Error");
  if (!error) error = document.document_element().child("Error");
  if (!error) error = document.document_element().child("Errors").child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

ServiceError read_error(const http::Response& response) {
  const std::string body = response.body.string();
  const std::string_view start = base::trim(body);
  ErrorText text = start.starts_with('<') ? read_xml_error(body) : read_json_error(body);
  if (const auto type = response.headers.find("X-Amzn-ErrorType")) text.code = bare_code(*type);
  if (text.code.empty()) {
    // The answer to a HEAD has no body: its status is all there is.
    text.code = response.status == 404 ? "NotFound" : std::to_string(response.status);
  }
  if (text.message.empty()) text.message = http::reason(response.status);
  return {text.code, text.message, response.status};
}

bool is_passing(const ServiceError& error) {
  constexpr std::string_view kPassing[] = {"Throttling",
                                           "ThrottlingException",
                                           "ThrottledException",
                                           "RequestThrottled",
                                           "RequestThrottledException",
                                           "TooManyRequestsException",
                                           "RequestLimitExceeded",
                                           "BandwidthLimitExceeded",
                                           "ProvisionedThroughputExceededException",
                                           "SlowDown",
                                           "PriorRequestNotComplete",
                                           "RequestTimeout",
                                           "RequestTimeoutException"};
  return error.status() >= 500 || error.status() == 429 ||
         std::find(std::begin(kPassing), std::end(kPassing), error.code()) != std::end(kPassing);
}

/// Doubles with each attempt, and jitters so that callers that failed together don't return
/// together.
void back_off(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds most = std::min(kLongestBackOff, kFirstBackOff * (1 << std::min(attempt, 10)));
  std::uniform_int_distribution<long long> spread(most.count() / 2, most.count());
  std::this_thread::sleep_for(milliseconds(spread(random)));
}

}  // namespace

Config Config::from_environment() {
  Config config;
  config.endpoint = variable("AWS_ENDPOINT_URL");
  for (const char* name : {"AWS_DEFAULT_REGION", "AWS_REGION"}) {
    if (std::string value = variable(name); !value.empty()) config.region = std::move(value);
  }
  if (variable("AWS_ACCESS_KEY_ID").empty()) {
    if (const std::string url = container_credentials_url(); !url.empty()) {
      config.credentials = fetch_container_credentials(url);
      return config;
    }
  }
  config.credentials = {required("AWS_ACCESS_KEY_ID"), required("AWS_SECRET_ACCESS_KEY"),
                        variable("AWS_SESSION_TOKEN")};
  return config;
}

ServiceError::ServiceError(std::string code, std::string message, int status)
    : std::runtime_error(fmt::format("{}: {}", code, message)),
      code_(std::move(code)),
      message_(std::move(message)),
      status_(status) {}

Client::Client(Config config, http::ClientOptions http, int attempts)
    : config_(std::move(config)), http_(http), attempts_(std::max(attempts, 1)) {}

boost::json::value Client::json(std::string_view service, std::string_view target,
                                const boost::json::value& input) {
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", std::string(target)}};
  request.body = boost::json::serialize(input);
  const std::string body = exchange(service, {}, std::move(request)).body.string();
  return body.empty() ? boost::json::value(boost::json::object()) : boost::json::parse(body);
}

std::string Client::query(std::string_view service, std::string_view action,
                          std::string_view version,
                          const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string form = fmt::format("Action={}&Version={}", action, version);
  for (const auto& [name, value] : parameters) {
    form += fmt::format("&{}={}", base::percent_encode(name), base::percent_encode(value));
  }
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = std::move(form);
  return exchange(service, {}, std::move(request)).body.string();
}

http::Response Client::rest(std::string_view service, std::string_view method,
                            std::string_view target, http::Headers headers, http::Body body,
                            std::string_view host_prefix) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  request.body = std::move(body);
  return exchange(service, host_prefix, std::move(request));
}

http::Response Client::exchange(std::string_view service, std::string_view host_prefix,
                                http::Request request) {
  http::Url url = http::parse_url(config_.endpoint.empty()
                                      ? "https://" + host_name(service, host_prefix, config_.region)
                                      : config_.endpoint);
  // A path of the endpoint itself, if it has one, comes before the request's.
  if (url.target != "/")
    request.target.insert(0, url.target.substr(0, url.target.find_last_not_of('/') + 1));
  url.target = request.target;
  // IAM is one for all regions, and wants to be signed for its home.
  const bool is_global = service == "iam" && config_.endpoint.empty();
  const std::string region = is_global ? "us-east-1" : config_.region;

  for (int attempt = 0;; ++attempt) {
    const bool last = attempt + 1 >= attempts_;
    try {
      http::Request copy = request;
      sign(copy, url.authority(), config_.credentials, region, service, base::system_clock().now());
      http::Response response = http_.send(url, std::move(copy));
      if (response.status < 300) return response;
      const ServiceError error = read_error(response);
      if (last || !is_passing(error)) throw error;
      base::log_info("aws", "{} answered {}; trying again", service, error.what());
    } catch (const http::TimeoutError&) {
      throw;  // it may still be at work: asking again could do it twice
    } catch (const http::ConnectionError& error) {
      if (last) throw;
      base::log_info("aws", "{}; trying again", error.what());
    }
    back_off(attempt);
  }
}

}  // namespace aws
