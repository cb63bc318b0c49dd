// The way of a request, as one ordered list of stages.
#include "engine/gateway/gateway.h"

#include "engine/gateway/authenticate.h"
#include "engine/gateway/gunzip.h"
#include "engine/protocol/codec.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kLargestInflated = 16 << 20;

/// The service a signature or presigned URL is for, as far as it can be read; "" when unsigned.
std::string signing_name(const http::Request& request) {
  try {
    return aws::read_claim(request).scope.service;
  } catch (const aws::MalformedSignature&) {
    return {};
  }
}

/// Smithy's RPC v2: one header says so, the path names service and operation.
bool is_rpc(const http::Request& request) { return request.headers.get("smithy-protocol") == "rpc-v2-cbor"; }

/// Kinesis's CBOR differs from its JSON by nothing else.
bool is_aws_cbor(const http::Request& request) {
  return request.headers.get("content-type").starts_with("application/x-amz-cbor-1.1");
}

/// "/service/GraniteServiceVersion20100801/operation/PutMetricData" → "GraniteServiceVersion20100801"
std::string_view rpc_service(std::string_view path) {
  constexpr std::string_view kStart = "/service/";
  if (!path.starts_with(kStart)) return "?";
  path.remove_prefix(kStart.size());
  return path.substr(0, path.find('/'));
}

AwsError unknown_operation(const ServiceDefinition& service, const std::string& asked) {
  const std::string sentence =
      fmt::format("{} of {} is not an operation of this engine. Its services' README files list those it has.", asked,
                  service.name);
  switch (service.protocol) {
    case Protocol::kQuery: return {"InvalidAction", sentence, 400};
    case Protocol::kRestXml: return {"NotImplemented", sentence, 501};
    case Protocol::kRestJson: return {"UnknownOperationException", sentence, 404};
    default: return {"UnknownOperationException", sentence, 400};
  }
}

http::Response plain(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(text)};
}

}  // namespace

std::string virtual_host_bucket(std::string_view host) {
  host = host.substr(0, host.rfind(':') == std::string_view::npos ? host.size() : host.rfind(':'));
  for (const std::string_view suffix : {".localhost", ".amazonaws.com", ".localhost.localdomain"}) {
    if (!host.ends_with(suffix)) continue;
    std::string_view name = host.substr(0, host.size() - suffix.size());
    // "beers.s3", "beers.s3.us-east-1", or "beers" alone before .localhost.
    const auto s3 = name.rfind(".s3");
    if (s3 != std::string_view::npos) return std::string(name.substr(0, s3));
    if (name == "s3" || name.starts_with("s3.") || suffix == ".amazonaws.com") return {};
    return std::string(name);
  }
  return {};
}

Gateway::Gateway(GatewayOptions options, const KeyStore& keys, const base::Clock& clock, base::Ids& ids,
                 std::vector<ServiceDefinition> services)
    : options_(std::move(options)), keys_(keys), clock_(clock), ids_(ids), services_(std::move(services)) {}

void Gateway::add_page(std::string path, bool open, std::function<http::Response(const http::Request&)> page) {
  pages_.push_back({std::move(path), open, std::move(page)});
}

/// By the target's prefix or the path of an RPC, else by the name in the signature; what has neither is
/// taken for S3, which answers an unsigned request with AccessDenied.
const ServiceDefinition* Gateway::find_service(const http::Request& request) const {
  const std::string_view target = request.headers.get("x-amz-target");
  const bool rpc = is_rpc(request), cbor = is_aws_cbor(request);
  const std::string_view prefix = rpc ? rpc_service(request.path()) : target.substr(0, target.rfind('.'));
  // Read again by authenticate(): only what has no target pays for it twice.
  const std::string signed_for = prefix.empty() ? signing_name(request) : std::string();
  for (const ServiceDefinition& service : services_) {
    if (rpc != (service.protocol == Protocol::kRpcV2Cbor)) continue;
    if (cbor != (service.protocol == Protocol::kAwsCbor11)) continue;
    if (!prefix.empty() ? service.target_prefix == prefix
                        : service.target_prefix.empty() &&
                              service.signing_name == (signed_for.empty() ? "s3" : std::string_view(signed_for))) {
      return &service;
    }
  }
  return nullptr;
}

http::Response Gateway::handle(const http::Request& request) const {
  const std::string request_id = ids_.uuid();
  if (request.path().starts_with("/_engine/")) return answer_page(request, request_id);
  const auto began = std::chrono::steady_clock::now();
  const ServiceDefinition* service = find_service(request);
  std::string_view operation;
  http::Response response =
      service == nullptr ? unknown_service(request, request_id) : serve(*service, request, request_id, operation);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const std::string_view name = service == nullptr ? std::string_view("unknown") : service->name;
  if (on_answer_) on_answer_(name, operation, response.status, took);
  base::log_info("gateway", "{} {} {}: {} in {:.3f} ms", request_id, name,
                 operation.empty() ? std::string_view("?") : operation, response.status, 1e3 * took.count());
  return response;
}

http::Response Gateway::unknown_service(const http::Request& request, const std::string& request_id) const {
  std::string name = signing_name(request);
  if (request.headers.has("x-amz-target")) name = request.headers.get("x-amz-target");
  if (is_rpc(request)) name = rpc_service(request.path());
  base::log_warning("gateway", "{} {}: no such service: {}", request_id, request.method, name);
  const ServiceDefinition nobody{.name = "engine", .signing_name = "", .protocol = Protocol::kAwsJson11};
  return write_error(nobody, {"UnknownOperationException",
                              fmt::format("This engine has no service for '{}'.", name), 404}, request_id);
}

http::Response Gateway::serve(const ServiceDefinition& service, http::Request request,
                              const std::string& request_id, std::string_view& operation) const {
  std::string asked = "?";
  try {
    // 1. Who? The signature is over the request as it was sent.
    Caller caller = authenticate(request, service, keys_, base::system_clock().now(), options_.spool_dir);

    // 2. Bring the forms of S3's requests to one: path style, and trailers among the headers.
    if (service.protocol == Protocol::kRestXml) {
      const std::string bucket = virtual_host_bucket(request.headers.get("host"));
      if (!bucket.empty()) request.target = "/" + bucket + request.target;
      // Checksums only: an unsigned trailer must not stand in for a header that was signed.
      for (const auto& [name, value] : caller.trailers) {
        if (name.starts_with("x-amz-checksum-")) request.headers.set(name, value);
      }
    }

    // 3. A compressed body is signed as it was sent; S3 keeps it so.
    if (service.protocol != Protocol::kRestXml && request.headers.get("content-encoding") == "gzip") {
      caller.body = gunzip(caller.body.string(), kLargestInflated);
    }

    // Where nobody decides on them, unsigned requests are refused.
    const bool anonymous = caller.who.kind == Identity::Kind::kAnonymous;
    if (anonymous && !options_.authorize) throw AwsError("AccessDenied", "Access Denied", 403);

    // 4. Which operation?
    const Route route = find_route(service, request, caller.body);
    asked = route.operation ? std::string(route.operation->model->name) : asked_for(service, request, caller.body);
    if (route.operation == nullptr && anonymous) throw AwsError("AccessDenied", "Access Denied", 403);
    if (route.operation == nullptr) throw unknown_operation(service, asked);
    operation = route.operation->model->name;

    // 5. Read and validate its input.
    const std::shared_ptr<void> input = route.operation->make_input();
    read_input(service, route, request, caller.body, input.get());
    Call call{.request = request,
              .request_id = request_id,
              .account = options_.account,
              .region = options_.region,
              .access_key_id = caller.access_key_id,
              .principal_arn = caller.who.arn.empty() ? fmt::format("arn:aws:iam::{}:root", options_.account)
                                                      : caller.who.arn,
              .now = clock_.now(),
              .body = caller.body,
              .protocol = service.protocol};

    // 6. May they?
    if (options_.authorize) options_.authorize(service, *route.operation->model, call, caller.who, input.get());

    // 7. Run it, write its answer.
    const auto output = route.operation->run(call, input.get());
    return write_output(service, *route.operation, call, output.get());
  } catch (const AwsError& error) {
    const bool ours = error.status >= 500;
    base::log(ours ? base::Level::kWarning : base::Level::kInfo, service.name, "{} {}: {} {}", request_id, asked,
              error.code, error.what());
    return write_error(service, error, request_id);
  } catch (const std::exception& error) {
    base::log_error(service.name, "{} {}: {}", request_id, asked, error.what());
    const bool s3 = service.protocol == Protocol::kRestXml;
    return write_error(service, {s3 ? "InternalError" : "InternalFailure",
                                 "We encountered an internal error. Please try again.", 500}, request_id);
  }
}

http::Response Gateway::answer_page(const http::Request& request, const std::string& request_id) const {
  for (const Page& page : pages_) {
    if (page.path != request.path()) continue;
    if (!page.open) {
      // Any service name will do in the signature: there is none of AWS's to name.
      const std::string name = signing_name(request);
      const ServiceDefinition pages{.name = "engine", .signing_name = "",
                                    .protocol = name == "s3" ? Protocol::kRestXml : Protocol::kRestJson};
      try {
        const Caller caller = authenticate(request, pages, keys_, base::system_clock().now(), options_.spool_dir);
        if (caller.who.kind != Identity::Kind::kRoot) throw AwsError("AccessDenied", "Only the root may.", 403);
      } catch (const AwsError& error) {
        return write_error(pages, error, request_id);
      }
    }
    try {
      return page.answer(request);
    } catch (const std::exception& error) {
      base::log_error("gateway", "{} {}: {}", request_id, page.path, error.what());
      return plain(500, fmt::format("{}\n", error.what()));
    }
  }
  return plain(404, "no such page\n");
}

}  // namespace engine
