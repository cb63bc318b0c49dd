#include "engine/protocol/codec.h"

#include "engine/models/iam.h"
#include "engine/models/kinesis.h"
#include "engine/models/lambda.h"
#include "engine/models/s3.h"
#include "engine/protocol/xml.h"

#include <gtest/gtest.h>

namespace engine {
namespace {

template <class Op>
Operation bare() {
  return {&Op::model(), [] { return std::static_pointer_cast<void>(std::make_shared<typename Op::Input>()); }, {}};
}

ServiceDefinition s3_service() {
  using namespace s3::api;
  return {.name = "s3", .signing_name = "s3", .protocol = Protocol::kRestXml,
          .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/", .routes = routes(),
          .operations = {bare<op::ListBuckets>(), bare<op::PutObject>(), bare<op::CopyObject>(),
                         bare<op::UploadPart>(), bare<op::ListObjects>(), bare<op::ListObjectsV2>(),
                         bare<op::CreateMultipartUpload>(), bare<op::CompleteMultipartUpload>(),
                         bare<op::DeleteObjects>(), bare<op::GetBucketLocation>(), bare<op::GetObject>(),
                         bare<op::PutBucketLifecycleConfiguration>()}};
}

ServiceDefinition lambda_service() {
  using namespace lambda::api;
  return {.name = "lambda", .signing_name = "lambda", .protocol = Protocol::kRestJson, .routes = routes(),
          .operations = {bare<op::Invoke>(), bare<op::CreateFunction>(), bare<op::ListFunctions>()}};
}

ServiceDefinition iam_service() {
  using namespace iam::api;
  return {.name = "iam", .signing_name = "iam", .protocol = Protocol::kQuery, .api_version = "2010-05-08",
          .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/", .validation_code = "ValidationError",
          .operations = {bare<op::CreateRole>(), bare<op::GetRole>()}};
}

std::string routed(const ServiceDefinition& service, http::Request request) {
  const Route route = find_route(service, request, request.body);
  return route.operation ? std::string(route.operation->model->name)
                         : "none: " + asked_for(service, request, request.body);
}

TEST(Route, TellsS3OperationsByTheirSubResources) {
  const auto s3 = s3_service();
  EXPECT_EQ(routed(s3, {.method = "GET", .target = "/"}), "ListBuckets");
  EXPECT_EQ(routed(s3, {.method = "PUT", .target = "/b/k"}), "PutObject");
  EXPECT_EQ(routed(s3, {.method = "PUT", .target = "/b/k", .headers = {{"x-amz-copy-source", "/a/b"}}}), "CopyObject");
  EXPECT_EQ(routed(s3, {.method = "PUT", .target = "/b/k?uploadId=1&partNumber=2"}), "UploadPart");
  EXPECT_EQ(routed(s3, {.method = "GET", .target = "/b"}), "ListObjects");
  EXPECT_EQ(routed(s3, {.method = "GET", .target = "/b/?list-type=2&prefix=x"}), "ListObjectsV2");
  EXPECT_EQ(routed(s3, {.method = "POST", .target = "/b/k?uploads"}), "CreateMultipartUpload");
  EXPECT_EQ(routed(s3, {.method = "POST", .target = "/b/k?uploadId=7"}), "CompleteMultipartUpload");
  EXPECT_EQ(routed(s3, {.method = "POST", .target = "/b?delete"}), "DeleteObjects");
  EXPECT_EQ(routed(s3, {.method = "GET", .target = "/b?location"}), "GetBucketLocation");
  EXPECT_EQ(routed(s3, {.method = "PUT", .target = "/b?lifecycle"}), "PutBucketLifecycleConfiguration");
}

TEST(Route, NamesAnOperationWeLackInsteadOfTakingItForAnother) {
  EXPECT_EQ(routed(s3_service(), {.method = "GET", .target = "/b?intelligent-tiering&id=1"}),
            "none: GetBucketIntelligentTieringConfiguration");
}

TEST(Route, KeepsTheWholeKeyWithItsSlashesAndDots) {
  const auto s3 = s3_service();
  const http::Request request{.method = "GET", .target = "/b/a//..%2Fb%20c/d+e"};
  const Route route = find_route(s3, request, {});
  s3::api::GetObjectInput input;
  read_input(s3, route, request, {}, &input);
  EXPECT_EQ(input.Bucket, "b");
  EXPECT_EQ(input.Key, "a//../b c/d+e");
}

TEST(RestXml, ReadsHeadersMetadataAndTheBody) {
  const auto s3 = s3_service();
  http::Request request{.method = "PUT", .target = "/b/k",
                        .headers = {{"Content-Type", "text/csv"}, {"X-Amz-Meta-Who", "Ana"}, {"x-amz-meta-why", "x"}},
                        .body = std::string("bytes")};
  s3::api::PutObjectInput input;
  read_input(s3, find_route(s3, request, request.body), request, request.body, &input);
  EXPECT_EQ(input.ContentType, "text/csv");
  EXPECT_EQ(input.Metadata.value().at("who"), "Ana");
  EXPECT_EQ(input.Body.value().view(), "bytes");
}

TEST(RestXml, ReadsFlattenedLists) {
  const auto s3 = s3_service();
  http::Request request{.method = "POST", .target = "/b?delete", .body = std::string(
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a &amp; b</Key></Object>"
      "<Object><Key> c </Key></Object><Quiet>true</Quiet></Delete>")};
  s3::api::DeleteObjectsInput input;
  read_input(s3, find_route(s3, request, request.body), request, request.body, &input);
  ASSERT_EQ(input.Delete.Objects.size(), 2u);
  EXPECT_EQ(input.Delete.Objects[0].Key, "a & b");
  EXPECT_EQ(input.Delete.Objects[1].Key, " c ");
  EXPECT_EQ(input.Delete.Quiet, true);
}

TEST(RestXml, AnswersMalformedXmlInS3sWords) {
  const auto s3 = s3_service();
  http::Request request{.method = "POST", .target = "/b?delete", .body = std::string("<Delete><Object>")};
  s3::api::DeleteObjectsInput input;
  try {
    read_input(s3, find_route(s3, request, request.body), request, request.body, &input);
    FAIL();
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code, "MalformedXML");
  }
}

TEST(RestXml, WritesTheRootAndLeavesOutWhatIsAbsent) {
  const auto s3 = s3_service();
  const Operation* list = s3.find("ListObjectsV2");
  s3::api::ListObjectsV2Output output;
  output.Name = "b";
  output.KeyCount = 1;
  output.Contents = {{.Key = "a<b", .Size = 3}};
  http::Request request;
  Call call{.request = request, .request_id = "R"};
  const auto response = write_output(s3, *list, call, &output);
  EXPECT_EQ(response.body.view(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Contents><Key>a&lt;b</Key><Size>3</Size></Contents><Name>b</Name><KeyCount>1</KeyCount></ListBucketResult>");
  EXPECT_EQ(response.headers.get("x-amz-request-id"), "R");
}

TEST(RestXml, WritesALocationWithoutAnInnerElement) {
  const auto s3 = s3_service();
  s3::api::GetBucketLocationOutput output{.LocationConstraint = "eu-west-1"};
  http::Request request;
  Call call{.request = request};
  EXPECT_NE(write_output(s3, *s3.find("GetBucketLocation"), call, &output).body.view().find(
                "01/\">eu-west-1</LocationConstraint>"), std::string_view::npos);
}

TEST(RestJson, TakesThePayloadAndTheLabels) {
  const auto lambda = lambda_service();
  http::Request request{.method = "POST", .target = "/2015-03-31/functions/arn%3Aaws%3Alambda%3A1%3Af/invocations?Qualifier=v1",
                        .headers = {{"X-Amz-Invocation-Type", "Event"}}, .body = std::string("{\"a\":1}")};
  lambda::api::InvokeInput input;
  read_input(lambda, find_route(lambda, request, request.body), request, request.body, &input);
  EXPECT_EQ(input.FunctionName, "arn:aws:lambda:1:f");
  EXPECT_EQ(input.Qualifier, "v1");
  EXPECT_EQ(input.InvocationType, "Event");
  EXPECT_EQ(input.Payload, "{\"a\":1}");
}

TEST(RestJson, SendsTheStatusAndHeadersOfTheOutput) {
  const auto lambda = lambda_service();
  lambda::api::InvokeOutput output;
  output.StatusCode = 202;
  output.FunctionError = "Unhandled";
  output.Payload = "null";
  http::Request request;
  Call call{.request = request};
  const auto response = write_output(lambda, *lambda.find("Invoke"), call, &output);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.headers.get("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(response.body.view(), "null");
}

TEST(Query, ReadsNestedListsFromAForm) {
  const auto iam = iam_service();
  http::Request request{.method = "POST", .body = std::string(
      "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=a&"
      "Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=")};
  iam::api::CreateRoleInput input;
  read_input(iam, find_route(iam, request, request.body), request, request.body, &input);
  EXPECT_EQ(input.AssumeRolePolicyDocument, "{}");
  ASSERT_EQ(input.Tags.value().size(), 2u);
  EXPECT_EQ(input.Tags->at(1).Key, "b");
}

template <class Input>
std::string code_of(const ServiceDefinition& service, const http::Request& request) {
  try {
    Input input;
    read_input(service, find_route(service, request, request.body), request, request.body, &input);
  } catch (const AwsError& error) {
    return error.code;
  }
  return {};
}

TEST(Query, IsUtf8) {
  const auto iam = iam_service();
  const auto code = [&](const std::string& name) {
    return code_of<iam::api::GetRoleInput>(iam, {.method = "POST", .body = "Action=GetRole&RoleName=" + name});
  };
  EXPECT_EQ(code("r"), "");
  EXPECT_EQ(code("%FF"), "MalformedInput");
  EXPECT_EQ(code("r&%C3%28=1"), "MalformedInput");
}

TEST(RestJson, IsUtf8) {
  const auto lambda = lambda_service();
  const auto code = [&](const std::string& rest) {
    return code_of<lambda::api::InvokeInput>(lambda, {.method = "POST", .target = "/2015-03-31/functions/" + rest});
  };
  EXPECT_EQ(code("f/invocations?Qualifier=v1"), "");
  EXPECT_EQ(code("f/invocations?Qualifier=%FF"), "SerializationException");
  EXPECT_EQ(code("%C3%28/invocations"), "SerializationException");
}

TEST(Query, WrapsTheAnswerAndTheErrorInXml) {
  const auto iam = iam_service();
  const auto response = write_error(iam, {"NoSuchEntity", "The role with name x cannot be found.", 404}, "R");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.view(),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>"
            "NoSuchEntity</Code><Message>The role with name x cannot be found.</Message></Error><RequestId>R"
            "</RequestId></ErrorResponse>");
}

TEST(AwsJson, CallsTheSentenceOfAnErrorAsTheModelDoes) {
  const auto body = [](std::string_view name, Protocol protocol, const AwsError& error) -> std::string {
    return std::string(write_error({.name = name, .protocol = protocol}, error, "R").body.view());
  };
  EXPECT_EQ(body("kinesis", Protocol::kAwsJson11, {"ResourceNotFoundException", "no"}),
            R"({"__type":"ResourceNotFoundException","message":"no"})");
  EXPECT_EQ(body("glue", Protocol::kAwsJson11, {"EntityNotFoundException", "no"}),
            R"({"__type":"EntityNotFoundException","Message":"no"})");
  EXPECT_EQ(body("glue", Protocol::kAwsJson11, {"ValidationException", "no"}),
            R"({"__type":"ValidationException","message":"no"})");
  EXPECT_EQ(body("lambda", Protocol::kRestJson, {"ResourceNotFoundException", "no", 404}), R"({"Type":"User","Message":"no"})");
  EXPECT_EQ(body("lambda", Protocol::kRestJson, {"ResourceConflictException", "no", 409}), R"({"Type":"User","message":"no"})");
  EXPECT_EQ(body("lambda", Protocol::kRestJson, {"ValidationException", "no"}), R"({"message":"no"})");
  EXPECT_EQ(body("sagemaker_runtime", Protocol::kRestJson, {"ModelError", "no", 424, {{"OriginalStatusCode", "500"}}}),
            R"({"Message":"no","OriginalStatusCode":500})");
}

TEST(AwsJson, AnswersNothingWhereTheModelHasNoOutput) {
  const ServiceDefinition kinesis{.name = "kinesis", .signing_name = "kinesis", .protocol = Protocol::kAwsJson11,
                                  .target_prefix = "Kinesis_20131202",
                                  .operations = {bare<kinesis::api::op::DeleteStream>()}};
  kinesis::api::DeleteStreamOutput output;
  http::Request request{.headers = {{"X-Amz-Target", "Kinesis_20131202.DeleteStream"}}};
  Call call{.request = request};
  EXPECT_EQ(routed(kinesis, request), "DeleteStream");
  EXPECT_TRUE(write_output(kinesis, kinesis.operations[0], call, &output).body.empty());
}

}  // namespace
}  // namespace engine
