// Requests of restJson and restXml: labels, query strings, headers and bodies.
#include "engine/models/lambda.h"
#include "engine/models/s3.h"
#include "engine/protocol/codec.h"
#include "lib/base/fuzz.h"

namespace {

using namespace engine;

template <class Op>
Operation bare() {
  return {&Op::model(),
          [] { return std::static_pointer_cast<void>(std::make_shared<typename Op::Input>()); },
          {}};
}

const ServiceDefinition& service(bool s3) {
  static const ServiceDefinition kS3{
      .name = "s3",
      .signing_name = "s3",
      .protocol = Protocol::kRestXml,
      .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
      .routes = s3::api::routes(),
      .operations = {bare<s3::api::op::PutObject>(), bare<s3::api::op::ListObjectsV2>(),
                     bare<s3::api::op::DeleteObjects>(),
                     bare<s3::api::op::CompleteMultipartUpload>(),
                     bare<s3::api::op::PutBucketLifecycleConfiguration>()}};
  static const ServiceDefinition kLambda{
      .name = "lambda",
      .signing_name = "lambda",
      .protocol = Protocol::kRestJson,
      .routes = lambda::api::routes(),
      .operations = {bare<lambda::api::op::Invoke>(), bare<lambda::api::op::CreateFunction>(),
                     bare<lambda::api::op::ListFunctions>()}};
  return s3 ? kS3 : kLambda;
}

}  // namespace

FUZZ(bytes) {
  const ServiceDefinition& asked = service(base::fuzz::take_line(bytes) == "s3");
  http::Request request;
  request.method = base::fuzz::take_line(bytes);
  request.target = base::fuzz::take_line(bytes);
  for (std::string_view line; !(line = base::fuzz::take_line(bytes)).empty();) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
      request.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  request.body = std::string(bytes);
  const Route route = find_route(asked, request, request.body);
  if (route.operation == nullptr) return void(asked_for(asked, request, request.body));
  const auto input = route.operation->make_input();
  try {
    read_input(asked, route, request, request.body, input.get());
  } catch (const AwsError&) {
  }
}
