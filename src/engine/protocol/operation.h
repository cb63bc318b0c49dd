// Operations and services as data: what the gateway dispatches by.
#pragma once

#include "engine/protocol/error.h"
#include "engine/protocol/shape.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace engine {

/// The facts of an operation, from the API model; generated.
struct OperationModel {
  std::string_view name;    ///< "PutRecords"
  std::string_view method;  ///< "POST"
  std::string_view uri;     ///< "/" or "/2015-03-31/functions/{FunctionName}/invocations?x=y"
  int status;               ///< of success
  const Shape* input;
  const Shape* output;
  bool has_output;          ///< false: an awsJson answer has no body at all
  std::string_view output_wrapper;  ///< query: "CreateRoleResult"
};

/// How an operation of a REST service is recognised, whether we implement it or not; generated.
struct RouteModel {
  std::string_view name;
  std::string_view method;
  std::string_view uri;  ///< with {labels}, {greedy+} and the literal part of the query
  std::span<const std::string_view> required_query;
  std::span<const std::string_view> required_headers;
};

/// kAwsCbor11: awsJson 1.1 with its bodies in CBOR, which the Java SDK sends to Kinesis.
enum class Protocol { kAwsJson10, kAwsJson11, kRestJson, kRestXml, kQuery, kRpcV2Cbor, kAwsCbor11 };

/// One request on its way: who asks for what, and what the answer carries beside its output.
struct Call {
  const http::Request& request;
  std::string request_id;
  std::string account;       ///< "123456789012"
  std::string region;        ///< "us-east-1"
  std::string access_key_id; ///< of the caller
  std::string principal_arn; ///< "arn:aws:iam::123456789012:root"
  Timestamp now;             ///< on the engine's clock
  http::Body body;           ///< the request's body, decoded from aws-chunked
  Protocol protocol = Protocol::kAwsJson11;  ///< the service's; what an event stream is written in

  // The answer, where it departs from the model.
  int status = 0;            ///< 0: the model's
  http::Headers headers;     ///< added to the answer's
  std::shared_ptr<http::LiveBody> events = nullptr;  ///< an event stream, in the place of the output
};

/// One line of a service's api.cc.
struct Operation {
  const OperationModel* model;
  /// Makes an empty input, as the codec fills it.
  std::shared_ptr<void> (*make_input)();
  std::function<std::shared_ptr<const void>(Call&, const void* input)> run;
};

/// An error of which the shape in the model and the code in the query protocol differ.
struct ErrorName {
  std::string_view code;   ///< "InvalidParameterValue", as AwsError has it
  std::string_view shape;  ///< "InvalidParameterValueException"
};

/// A service describes itself with a designated initialiser. One that speaks several protocols gives one
/// definition for each.
struct ServiceDefinition {
  std::string_view name;          ///< "kinesis"
  std::string_view signing_name;  ///< in the credential scope
  Protocol protocol;
  std::string_view target_prefix = {};   ///< awsJson, RPC v2: "Kinesis_20131202"
  std::string_view api_version = {};     ///< query: "2010-05-08", also the XML namespace's date
  std::string_view xml_namespace = {};   ///< restXml, query
  std::string_view validation_code = "ValidationException";
  std::span<const RouteModel> routes = {};  ///< REST services: api::routes()
  /// The service spoke query once: answers of its other protocols tell the error's old code as well.
  bool query_compatible = false;
  std::span<const ErrorName> error_names = {};  ///< of a query-compatible service
  std::vector<Operation> operations;

  const Operation* find(std::string_view operation) const;
};

/// Binds a typed function to its model: `operation<api::op::PutRecords>(put_records, kinesis)`.
/// `run` is `Output run(Service&…, Call&, const Input&)`.
template <class Op, class... Services>
Operation operation(std::type_identity_t<typename Op::Output (*)(Services&..., Call&,
                                                                 const typename Op::Input&)> run,
                    Services&... services) {
  return {&Op::model(),
          [] { return std::static_pointer_cast<void>(std::make_shared<typename Op::Input>()); },
          [run, &services...](Call& call, const void* input) -> std::shared_ptr<const void> {
            return std::make_shared<typename Op::Output>(
                run(services..., call, *static_cast<const typename Op::Input*>(input)));
          }};
}

}  // namespace engine
