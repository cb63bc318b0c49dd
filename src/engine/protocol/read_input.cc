// From the bytes of a request to a filled and validated input.
#include "engine/protocol/cbor.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/json.h"
#include "engine/protocol/query.h"
#include "engine/protocol/xml.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace engine {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

AwsError serialization_error(const std::string& what) { return {"SerializationException", what, 400}; }

/// Sets a member that a header, the path or the query carries as text; lists are comma-separated there.
void set_text(const Member& member, std::string_view text, void* input) {
  const Shape& shape = *member.shape;
  TimeFormat time = member.time;
  if (time == TimeFormat::kDefault && member.location == Location::kHeader) time = TimeFormat::kHttpDate;
  bool good = true;
  if (shape.kind == Kind::kList) {
    void* list = member.set(input);
    while (!text.empty()) {
      const std::string_view item = text.substr(0, text.find(','));
      good &= parse_scalar(*shape.element, base::trim(item), shape.access.list_append(list), time);
      text.remove_prefix(std::min(text.size(), item.size() + 1));
    }
  } else {
    good = parse_scalar(shape, text, member.set(input), time);
  }
  if (!good) throw serialization_error(fmt::format("'{}' is not a valid value of {}", text, member.wire_name));
}

void read_query_member(const Member& member, const Query& query, void* input) {
  const Shape& shape = *member.shape;
  if (shape.kind == Kind::kMap) {
    void* map = member.set(input);
    for (const auto& [key, value] : query) {
      parse_scalar(*shape.element, value, shape.access.map_insert(map, key), member.time);
    }
    return;
  }
  void* list = nullptr;
  for (const auto& [key, value] : query) {
    if (key != member.wire_name) continue;
    if (shape.kind != Kind::kList) return set_text(member, value, input);
    if (list == nullptr) list = member.set(input);
    parse_scalar(*shape.element, value, shape.access.list_append(list), member.time);
  }
}

void read_header_prefix(const Member& member, const http::Headers& headers, void* input) {
  void* map = nullptr;
  for (const auto& [name, value] : headers) {
    if (name.size() <= member.wire_name.size() ||
        !base::iequals(std::string_view(name).substr(0, member.wire_name.size()), member.wire_name)) {
      continue;
    }
    if (map == nullptr) map = member.set(input);
    const std::string key = base::to_lower(name.substr(member.wire_name.size()));
    *static_cast<std::string*>(member.shape->access.map_insert(map, key)) = value;
  }
}

/// Everything of a REST input that doesn't travel in the body.
void read_bindings(const Shape& shape, const Route& route, const http::Request& request, void* input) {
  const Query query = http::parse_query(request.query());
  for (const Member& member : shape.members) {
    switch (member.location) {
      case Location::kUri:
        for (const auto& [label, text] : route.labels) {
          if (label == member.wire_name) set_text(member, text, input);
        }
        break;
      case Location::kQuery: read_query_member(member, query, input); break;
      case Location::kHeader:
        if (const auto text = request.headers.find(member.wire_name)) set_text(member, *text, input);
        break;
      case Location::kHeaderPrefix: read_header_prefix(member, request.headers, input); break;
      default: break;
    }
  }
}

/// S3's names and headers are bytes; restJson's are text.
void check_text(const Route& route, const http::Request& request) {
  const auto check = [](std::string_view text) {
    if (!base::is_utf8(text)) throw serialization_error("the request is not UTF-8 text");
  };
  for (const auto& [label, text] : route.labels) check(text);
  for (const auto& [key, value] : http::parse_query(request.query())) {
    check(key);
    check(value);
  }
}

/// The body of a REST request: one member that is all of it, or the members that are left.
void read_rest_body(const ServiceDefinition& service, const Shape& shape, const http::Body& body,
                    void* input, Violations& violations) {
  const auto read = [&](const Shape& target, void* object) {
    const std::string text = body.string();
    if (service.protocol == Protocol::kRestXml) return read_xml(target, text, object, violations);
    if (!text.empty()) read_json(target, text, object, violations);
  };
  bool has_body_members = false;
  for (const Member& member : shape.members) {
    has_body_members |= member.location == Location::kBody;
    if (member.location != Location::kPayload) continue;
    switch (member.shape->kind) {
      case Kind::kStream: *static_cast<http::Body*>(member.set(input)) = body; return;
      case Kind::kBlob:
      case Kind::kString: *static_cast<std::string*>(member.set(input)) = body.string(); return;
      default:
        if (!body.empty()) read(*member.shape, member.set(input));
        else if (member.required) violations.add_missing(path_name(member.name));
        return;
    }
  }
  if (!has_body_members) return;
  if (body.empty()) {
    for (const Member& member : shape.members) {
      if (member.required && member.location == Location::kBody) violations.add_missing(path_name(member.name));
    }
    return;
  }
  read(shape, input);
}

void read_any(const ServiceDefinition& service, const Route& route, const http::Request& request,
              const http::Body& body, void* input, Violations& violations) {
  const Shape& shape = *route.operation->model->input;
  switch (service.protocol) {
    case Protocol::kAwsJson10:
    case Protocol::kAwsJson11: {
      const std::string text = body.in_memory() ? std::string() : body.string();
      const std::string_view view = body.in_memory() ? body.view() : std::string_view(text);
      if (view.empty()) return read_json(shape, "{}", input, violations);
      return read_json(shape, view, input, violations, body.in_memory() ? body.readable() : 0);
    }
    case Protocol::kRpcV2Cbor:
    case Protocol::kAwsCbor11: {
      const auto time = service.protocol == Protocol::kAwsCbor11 ? CborTime::kMilliseconds : CborTime::kSeconds;
      constexpr std::string_view kEmptyMap = "\xa0";
      const std::string bytes = body.string();
      return read_cbor(shape, bytes.empty() ? kEmptyMap : bytes, input, violations, time);
    }
    case Protocol::kQuery: {
      Query parameters = http::parse_query(request.query());
      for (auto& pair : http::parse_query(body.string())) parameters.push_back(std::move(pair));
      return read_query(shape, parameters, input, violations);
    }
    case Protocol::kRestJson: check_text(route, request); [[fallthrough]];
    case Protocol::kRestXml:
      read_bindings(shape, route, request, input);
      return read_rest_body(service, shape, body, input, violations);
  }
}

}  // namespace

void read_input(const ServiceDefinition& service, const Route& route, const http::Request& request,
                const http::Body& body, void* input) {
  Violations violations;
  try {
    read_any(service, route, request, body, input, violations);
  } catch (const JsonError& error) {
    throw serialization_error(error.what());
  } catch (const CborError& error) {
    throw serialization_error(error.what());
  } catch (const XmlError&) {
    throw AwsError("MalformedXML",
                   "The XML you provided was not well-formed or did not validate against our published schema");
  }
  // S3 has its own errors for bad names and values and raises them itself.
  if (service.protocol == Protocol::kRestXml) {
    if (!violations.empty()) {
      throw AwsError("MalformedXML",
                     "The XML you provided was not well-formed or did not validate against our published schema");
    }
    return;
  }
  validate(*route.operation->model->input, input, {}, violations);
  if (!violations.empty()) throw AwsError(std::string(service.validation_code), violations.message());
}

}  // namespace engine
