// Which operation a request asks for: X-Amz-Target, Action, the path, or method, path and query.
#include "engine/protocol/codec.h"

#include "lib/base/encoding.h"

#include <algorithm>

namespace engine {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;
using Query = std::vector<std::pair<std::string, std::string>>;

std::string_view target_operation(const ServiceDefinition& service, const http::Request& request) {
  const std::string_view target = request.headers.get("x-amz-target");
  const auto dot = target.rfind('.');
  if (dot == std::string_view::npos || target.substr(0, dot) != service.target_prefix) return {};
  return target.substr(dot + 1);
}

std::string action(const http::Request& request, const http::Body& body) {
  for (const std::string_view text : {request.query(), body.view()}) {
    for (const auto& [key, value] : http::parse_query(text)) {
      if (key == "Action") return value;
    }
  }
  return {};
}

/// "/service/<target prefix>/operation/<name>" → the name
std::string_view path_operation(const ServiceDefinition& service, const http::Request& request) {
  std::string_view path = request.path();
  for (const std::string_view part : {std::string_view("/service/"), service.target_prefix,
                                      std::string_view("/operation/")}) {
    if (!path.starts_with(part)) return {};
    path.remove_prefix(part.size());
  }
  return path;
}

bool has_key(const Query& query, std::string_view key) {
  return std::any_of(query.begin(), query.end(), [&](const auto& pair) { return pair.first == key; });
}

/// Cuts the next segment off an encoded path that begins with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// Matches "/{Bucket}/{Key+}" against an encoded path. Labels get decoded text and are never empty; a
/// greedy one takes the rest, slashes and all.
bool match_path(std::string_view pattern, std::string_view path, Labels& labels) {
  while (!pattern.empty()) {
    const std::string_view wanted = next_segment(pattern);
    if (path.empty()) return wanted.empty() && pattern.empty();
    const bool label = wanted.size() > 2 && wanted.front() == '{';
    if (label && wanted[wanted.size() - 2] == '+') {
      if (path.size() < 2) return false;
      labels.emplace_back(wanted.substr(1, wanted.size() - 3), base::percent_decode(path.substr(1)));
      return true;
    }
    const std::string_view found = next_segment(path);
    if (!label && found != wanted) return false;
    if (label) {
      if (found.empty()) return false;
      labels.emplace_back(wanted.substr(1, wanted.size() - 2), base::percent_decode(found));
    }
  }
  return path.empty() || path == "/";
}

struct Candidate {
  const RouteModel* route = nullptr;
  Labels labels;
  int rank = -1;
};

/// How well the route fits: the more of the query and the headers it names, the better; -1 when what it
/// needs is not there.
int rank_of(const RouteModel& route, const Query& query, const http::Request& request) {
  int rank = 0;
  const auto mark = route.uri.find('?');
  if (mark != std::string_view::npos) {
    for (const auto& fixed : http::parse_query(route.uri.substr(mark + 1))) {
      const auto found = std::find_if(query.begin(), query.end(), [&](const auto& pair) { return pair.first == fixed.first; });
      if (found == query.end() || (!fixed.second.empty() && found->second != fixed.second)) return -1;
      rank += 2;
    }
  }
  for (const std::string_view key : route.required_query) {
    if (!has_key(query, key)) return -1;
    rank += 2;
  }
  for (const std::string_view header : route.required_headers) {
    if (!request.headers.has(header)) return -1;
    rank += 1;
  }
  return rank;
}

Candidate best_route(const ServiceDefinition& service, const http::Request& request) {
  const Query query = http::parse_query(request.query());
  Candidate best;
  for (const RouteModel& route : service.routes) {
    if (route.method != request.method) continue;
    Labels labels;
    if (!match_path(route.uri.substr(0, route.uri.find('?')), request.path(), labels)) continue;
    const int rank = rank_of(route, query, request);
    // Of two equal ones (an old and a new name of the same call) the one we have wins.
    const bool better = rank > best.rank ||
                        (rank == best.rank && rank >= 0 && service.find(best.route->name) == nullptr);
    if (better) best = {&route, std::move(labels), rank};
  }
  return best;
}

bool is_rest(const ServiceDefinition& service) {
  return service.protocol == Protocol::kRestJson || service.protocol == Protocol::kRestXml;
}

}  // namespace

const Operation* ServiceDefinition::find(std::string_view operation) const {
  for (const Operation& candidate : operations) {
    if (candidate.model->name == operation) return &candidate;
  }
  return nullptr;
}

Route find_route(const ServiceDefinition& service, const http::Request& request, const http::Body& body) {
  if (is_rest(service)) {
    Candidate best = best_route(service, request);
    if (best.route == nullptr) return {};
    return {service.find(best.route->name), std::move(best.labels)};
  }
  if (service.protocol == Protocol::kQuery) return {service.find(action(request, body)), {}};
  if (service.protocol == Protocol::kRpcV2Cbor) return {service.find(path_operation(service, request)), {}};
  return {service.find(target_operation(service, request)), {}};
}

std::string asked_for(const ServiceDefinition& service, const http::Request& request, const http::Body& body) {
  if (is_rest(service)) {
    const Candidate best = best_route(service, request);
    return best.route ? std::string(best.route->name) : request.method + " " + std::string(request.path());
  }
  if (service.protocol == Protocol::kQuery) return action(request, body);
  if (service.protocol == Protocol::kRpcV2Cbor) return std::string(path_operation(service, request));
  return std::string(request.headers.get("x-amz-target", "a request without X-Amz-Target"));
}

}  // namespace engine
