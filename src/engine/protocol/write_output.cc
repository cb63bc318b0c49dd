// From an output, or an error, to the bytes of an answer.
#include "engine/protocol/cbor.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/json.h"
#include "engine/protocol/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace engine {
namespace {

constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string_view content_type(const ServiceDefinition& service) {
  switch (service.protocol) {
    case Protocol::kAwsJson10: return "application/x-amz-json-1.0";
    case Protocol::kAwsJson11: return "application/x-amz-json-1.1";
    case Protocol::kRpcV2Cbor: return "application/cbor";
    case Protocol::kAwsCbor11: return "application/x-amz-cbor-1.1";
    default: return "application/json";
  }
}

void add_request_id(const ServiceDefinition& service, std::string_view request_id, http::Response& response) {
  if (service.protocol == Protocol::kRestXml) {
    response.headers.set("x-amz-request-id", std::string(request_id));
    response.headers.set("x-amz-id-2", std::string(request_id));
  } else {
    response.headers.set("x-amzn-RequestId", std::string(request_id));
  }
}

std::string header_text(const Member& member, const void* value) {
  TimeFormat time = member.time;
  if (time == TimeFormat::kDefault) time = TimeFormat::kHttpDate;
  if (member.shape->kind != Kind::kList) return scalar_text(*member.shape, value, time);
  std::string text;
  const auto& access = member.shape->access;
  for (std::size_t i = 0; i < access.list_size(value); ++i) {
    if (i > 0) text += ",";
    text += scalar_text(*member.shape->element, access.list_at(value, i), time);
  }
  return text;
}

/// Headers and status of a REST output; gives the member that is the whole body, if any.
const Member* write_bindings(const Shape& shape, const void* output, http::Response& response) {
  const Member* payload = nullptr;
  for (const Member& member : shape.members) {
    if (member.location == Location::kPayload) payload = &member;
    const void* value = member.get(output);
    if (value == nullptr) continue;
    switch (member.location) {
      case Location::kHeader:
        response.headers.set(member.wire_name, header_text(member, value));
        break;
      case Location::kHeaderPrefix:
        member.shape->access.map_each(value, [&](std::string_view key, const void* text) {
          response.headers.set(fmt::format("{}{}", member.wire_name, key), *static_cast<const std::string*>(text));
        });
        break;
      case Location::kStatus:
        response.status = static_cast<int>(*static_cast<const std::int64_t*>(value));
        break;
      default: break;
    }
  }
  return payload;
}

bool has_body_members(const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.location == Location::kBody) return true;
  }
  return false;
}

/// GetBucketLocation's root is its only member: text without an element of its own.
bool is_its_own_root(const OperationModel& model) {
  return model.output->members.size() == 1 && model.output->members[0].wire_name == model.output_wrapper;
}

std::string xml_body(const ServiceDefinition& service, const OperationModel& model, const void* output) {
  std::string out(kXmlDeclaration);
  if (is_its_own_root(model)) {
    const Member& member = model.output->members[0];
    const void* value = member.get(output);
    out += fmt::format("<{} xmlns=\"{}\">", model.output_wrapper, service.xml_namespace);
    if (value) write_xml_text(scalar_text(*member.shape, value, member.time), out);
    out += fmt::format("</{}>", model.output_wrapper);
    return out;
  }
  write_xml(*model.output, output, model.output_wrapper.empty() ? model.output->name : model.output_wrapper,
            service.xml_namespace, out);
  return out;
}

void write_payload(const ServiceDefinition& service, const Member& payload, const void* value,
                   http::Response& response) {
  switch (payload.shape->kind) {
    case Kind::kStream: response.body = *static_cast<const http::Body*>(value); return;
    case Kind::kBlob:
    case Kind::kString: {
      // Verified: Lambda's Invoke and S3's GetBucketPolicy; others name the type in a member.
      const std::string& text = *static_cast<const std::string*>(value);
      if (!text.empty() && !response.headers.has("Content-Type")) {
        response.headers.set("Content-Type", "application/json");
      }
      response.body = text;
      return;
    }
    default: break;
  }
  std::string out;
  if (service.protocol == Protocol::kRestXml) {
    out = kXmlDeclaration;
    write_xml(*payload.shape, value, payload.wire_name, service.xml_namespace, out);
    response.headers.set("Content-Type", "application/xml");
  } else {
    write_json(*payload.shape, value, out);
    response.headers.set("Content-Type", "application/json");
  }
  response.body = std::move(out);
}

void write_rest(const ServiceDefinition& service, const OperationModel& model, const void* output,
                http::Response& response) {
  const Member* payload = write_bindings(*model.output, output, response);
  if (payload != nullptr) {
    if (const void* value = payload->get(output)) write_payload(service, *payload, value, response);
    return;
  }
  if (service.protocol == Protocol::kRestXml) {
    if (!has_body_members(*model.output)) return;
    response.headers.set("Content-Type", "application/xml");
    response.body = xml_body(service, model, output);
    return;
  }
  if (response.status == 204) return;
  std::string out;
  if (model.has_output) write_json(*model.output, output, out);
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(out);
}

void write_query_answer(const ServiceDefinition& service, const OperationModel& model, const void* output,
                        std::string_view request_id, http::Response& response) {
  std::string out = fmt::format("<{}Response xmlns=\"{}\">", model.name, service.xml_namespace);
  if (model.has_output) {
    write_xml(*model.output, output,
              model.output_wrapper.empty() ? fmt::format("{}Result", model.name) : std::string(model.output_wrapper),
              {}, out);
  }
  out += fmt::format("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>", request_id,
                     model.name);
  response.headers.set("Content-Type", "text/xml");
  response.body = std::move(out);
}

void write_rpc_answer(const OperationModel& model, const void* output, http::Response& response) {
  response.headers.set("smithy-protocol", "rpc-v2-cbor");
  if (!model.has_output) return;
  std::string out;
  write_cbor(*model.output, output, out);
  response.headers.set("Content-Type", "application/cbor");
  response.body = std::move(out);
}

/// The model's name of an error.
std::string_view shape_of_error(const ServiceDefinition& service, const AwsError& error) {
  for (const ErrorName& name : service.error_names) {
    if (name.code == error.code) return name.shape;
  }
  return error.code;
}

std::string cbor_error(const ServiceDefinition& service, const AwsError& error) {
  std::string out;
  write_cbor_map(2 + error.extra.size(), out);
  const auto member = [&](std::string_view name, std::string_view value) {
    write_cbor_text(name, out);
    write_cbor_text(value, out);
  };
  member("__type", shape_of_error(service, error));
  member("message", error.what());
  for (const auto& [name, value] : error.extra) member(name, value);
  return out;
}

std::string xml_error(const ServiceDefinition& service, const AwsError& error, std::string_view request_id) {
  std::string out(kXmlDeclaration);
  const bool query = service.protocol == Protocol::kQuery;
  if (query) {
    out = fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type>", service.xml_namespace,
                      error.status < 500 ? "Sender" : "Receiver");
  } else {
    out += "<Error>";
  }
  write_xml_element("Code", error.code, out);
  write_xml_element("Message", error.what(), out);
  for (const auto& [name, value] : error.extra) write_xml_element(name, value, out);
  if (query) {
    out += fmt::format("</Error><RequestId>{}</RequestId></ErrorResponse>", request_id);
  } else {
    out += fmt::format("<RequestId>{0}</RequestId><HostId>{0}</HostId></Error>", request_id);
  }
  return out;
}

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Errors of the framework that all services share; it answers before them, in its own words.
bool is_common(const AwsError& error) {
  static constexpr std::array<std::string_view, 2> kCommon = {"ValidationException", "SerializationException"};
  return among(kCommon, error.code);
}

/// How an error calls its sentence: some services' models write it with a capital, Lambda's does for some.
// Verified: the error shapes of the API models.
std::string_view sentence_member(const ServiceDefinition& service, const AwsError& error) {
  static constexpr std::array<std::string_view, 4> kCapital = {"athena", "glue", "sagemaker", "sagemaker_runtime"};
  static constexpr std::array<std::string_view, 3> kOfLambda = {"ResourceNotFoundException", "ResourceInUseException",
                                                                "ServiceException"};
  const bool capital = among(kCapital, service.name) || (service.name == "lambda" && among(kOfLambda, error.code));
  return capital && !is_common(error) ? "Message" : "message";
}

std::string json_error(const ServiceDefinition& service, const AwsError& error) {
  std::string out = "{";
  const auto member = [&](std::string_view name, std::string_view value) {
    if (out.size() > 1) out += ',';
    write_json_string(name, out);
    out += ':';
    write_json_string(value, out);
  };
  if (service.protocol != Protocol::kRestJson) {
    member("__type", shape_of_error(service, error));
  } else if (service.name == "lambda" && !is_common(error)) {
    member("Type", error.status < 500 ? "User" : "Service");
  }
  member(sentence_member(service, error), error.what());
  for (const auto& [name, value] : error.extra) {
    if (name == "OriginalStatusCode") {  // the one that is a number
      out += fmt::format(",\"{}\":{}", name, value);
    } else {
      member(name, value);
    }
  }
  return out + "}";
}

}  // namespace

http::Response write_output(const ServiceDefinition& service, const Operation& operation, const Call& call,
                            const void* output) {
  const OperationModel& model = *operation.model;
  http::Response response;
  response.status = model.status;
  switch (service.protocol) {
    case Protocol::kAwsJson10:
    case Protocol::kAwsJson11: {
      std::string out;
      if (model.has_output) write_json(*model.output, output, out);
      response.headers.set("Content-Type", std::string(content_type(service)));
      response.body = std::move(out);
      break;
    }
    case Protocol::kAwsCbor11: {
      std::string out;
      if (model.has_output) write_cbor(*model.output, output, out, CborTime::kMilliseconds);
      response.headers.set("Content-Type", std::string(content_type(service)));
      response.body = std::move(out);
      break;
    }
    case Protocol::kRpcV2Cbor: write_rpc_answer(model, output, response); break;
    case Protocol::kQuery: write_query_answer(service, model, output, call.request_id, response); break;
    case Protocol::kRestJson:
    case Protocol::kRestXml: write_rest(service, model, output, response); break;
  }
  if (call.events) {
    response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
    response.body = {};
    response.live = call.events;
  }
  if (call.status != 0) response.status = call.status;
  for (const auto& [name, value] : call.headers) response.headers.set(name, value);
  add_request_id(service, call.request_id, response);
  return response;
}

http::Response write_error(const ServiceDefinition& service, const AwsError& error, std::string_view request_id) {
  http::Response response;
  response.status = error.status;
  if (service.protocol == Protocol::kRestXml || service.protocol == Protocol::kQuery) {
    response.headers.set("Content-Type", service.protocol == Protocol::kQuery ? "text/xml" : "application/xml");
    // 304 has no body; a HEAD's is dropped by the server.
    if (error.status != 304) response.body = xml_error(service, error, request_id);
  } else {
    const bool rpc = service.protocol == Protocol::kRpcV2Cbor;
    const bool cbor = rpc || service.protocol == Protocol::kAwsCbor11;
    if (rpc) response.headers.set("smithy-protocol", "rpc-v2-cbor");
    response.headers.set("Content-Type", std::string(content_type(service)));
    response.headers.set("x-amzn-ErrorType", std::string(shape_of_error(service, error)));
    if (service.query_compatible) {
      response.headers.set("x-amzn-query-error",
                           fmt::format("{};{}", error.code, error.status < 500 ? "Sender" : "Receiver"));
    }
    response.body = cbor ? cbor_error(service, error) : json_error(service, error);
  }
  add_request_id(service, request_id, response);
  return response;
}

}  // namespace engine
