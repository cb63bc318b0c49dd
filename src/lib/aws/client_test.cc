// The AWS client against a server that checks what it is sent.
#include "lib/aws/client.h"

#include "lib/aws/container_credentials.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/http/server.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <mutex>

namespace aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kSecret = "secret/of+the=house";

/// Answers from a list, checks every signature, and keeps what came.
class FakeAws {
 public:
  explicit FakeAws(std::deque<http::Response> answers)
      : answers_(std::move(answers)),
        server_({}, [this](const http::Request& request) { return answer(request); }) {}

  Config config(std::string region = "us-east-1") const {
    return {server_.url(), std::move(region), {"AKID", kSecret, ""}};
  }
  std::vector<http::Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  http::Response answer(const http::Request& request) {
    const SignatureClaim claim = read_claim(request);
    const std::string hash = base::to_hex(base::sha256(request.body.string()));
    EXPECT_EQ(claim.payload_hash, claim.scope.service == "s3" ? hash : "");
    EXPECT_TRUE(verify(request, claim, kSecret, hash)) << request.target;
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (answers_.empty()) return {};
    http::Response next = answers_.front();
    answers_.pop_front();
    return next;
  }

  mutable std::mutex mutex_;
  std::deque<http::Response> answers_;
  std::vector<http::Request> requests_;
  http::Server server_;
};

http::Response json_error(int status, std::string_view type, std::string_view message) {
  return {
      status, {}, http::Body(fmt::format(R"({{"__type":"{}","message":"{}"}})", type, message))};
}

TEST(Client, SpeaksAwsJson) {
  FakeAws aws({{200, {}, http::Body(R"({"FailedRecordCount":0})")}, {}});
  Client client(aws.config());
  const auto output =
      client.json("kinesis", "Kinesis_20131202.PutRecords", {{"StreamName", "beers"}});
  EXPECT_EQ(output.at("FailedRecordCount").as_int64(), 0);
  EXPECT_EQ(client.json("kinesis", "X.Y", boost::json::object()),
            boost::json::value(boost::json::object()));
  const http::Request request = aws.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.get("X-Amz-Target"), "Kinesis_20131202.PutRecords");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(request.body.string(), R"({"StreamName":"beers"})");
  EXPECT_EQ(read_claim(request).scope.service, "kinesis");
}

TEST(Client, SpeaksTheQueryProtocol) {
  FakeAws aws({{200, {}, http::Body("<Answer/>")}});
  EXPECT_EQ(Client(aws.config()).query("sts", "GetCallerIdentity", "2011-06-15", {{"A", "b c&d"}}),
            "<Answer/>");
  EXPECT_EQ(aws.requests().front().body.string(),
            "Action=GetCallerIdentity&Version=2011-06-15&A=b%20c%26d");
}

void expect_error(http::Response answer, std::string_view code, std::string_view message) {
  const int status = answer.status;
  FakeAws aws({std::move(answer)});
  try {
    Client(aws.config()).rest("lambda", "GET", "/x");
    FAIL() << "an error was taken for an answer";
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.message(), message);
    EXPECT_EQ(error.status(), status);
  }
  EXPECT_EQ(aws.requests().size(), 1u);
}

TEST(Client, ReadsTheErrorsOfEveryProtocol) {
  expect_error(json_error(400, "com.amazonaws.kinesis#ResourceNotFoundException", "no stream"),
               "ResourceNotFoundException", "no stream");
  expect_error({404,
                {{"X-Amzn-ErrorType", "ResourceNotFoundException:http://internal/"}},
                http::Body(R"({"Message":"no function"})")},
               "ResourceNotFoundException", "no function");
  expect_error({404,
                {},
                http::Body("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>"
                           "<Message>gone</Message></Error>")},
               "NoSuchKey", "gone");
  expect_error({403,
                {},
                http::Body("<ErrorResponse><Error><Code>AccessDenied</Code>"
                           "<Message>no</Message></Error></ErrorResponse>")},
               "AccessDenied", "no");
  expect_error({404, {}, {}}, "NotFound", "Not Found");
  expect_error({400, {}, http::Body("neither")}, "400", "Bad Request");
}

TEST(Client, TriesAgainWhatWillPass) {
  FakeAws aws({json_error(400, "ThrottlingException", "slow down"),
               {503, {}, {}},
               {200, {}, http::Body(R"({"done":true})")}});
  EXPECT_TRUE(Client(aws.config()).json("kinesis", "K.Op", {}).at("done").as_bool());
  EXPECT_EQ(aws.requests().size(), 3u);
}

TEST(Client, GivesUpAfterItsAttempts) {
  FakeAws aws({{500, {}, {}}, {500, {}, {}}, {200, {}, {}}});
  EXPECT_THROW(Client(aws.config(), {}, 2).rest("lambda", "GET", "/"), ServiceError);
  EXPECT_EQ(aws.requests().size(), 2u);
}

TEST(Client, SaysWhereNobodyAnswered) {
  Config config;
  {
    FakeAws aws({});
    config = aws.config();
  }
  EXPECT_THROW(Client(config, {}, 2).rest("s3", "GET", "/"), http::ConnectionError);
}

TEST(Config, ComesFromTheEnvironmentAndNamesWhatIsMissing) {
  for (const char* name : {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION",
                           "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
    ::unsetenv(name);
  }
  try {
    Config::from_environment();
    FAIL() << "there are no credentials";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("AWS_ACCESS_KEY_ID"));
  }
  ::setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
  ::setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
  EXPECT_EQ(Config::from_environment().region, "eu-west-1");
  ::setenv("AWS_REGION", "sa-east-1", 1);
  EXPECT_EQ(Config::from_environment().region, "sa-east-1");
  EXPECT_EQ(Config::from_environment().endpoint, "");
  EXPECT_EQ(Config::from_environment().credentials.access_key_id, "AKID");
}

TEST(ContainerCredentials, AreThoseThatTheContainerIsHandedOut) {
  const http::Server server({}, [](const http::Request& request) -> http::Response {
    if (request.target != "/creds") return {404, {}, http::Body("no")};
    return {200, {}, http::Body(R"({"AccessKeyId":"A","SecretAccessKey":"s","Token":"t"})")};
  });
  ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", (server.url() + "/creds").c_str(), 1);
  const std::string url = container_credentials_url();
  EXPECT_EQ(url, server.url() + "/creds");
  EXPECT_EQ(fetch_container_credentials(url).session_token, "t");
  EXPECT_THROW(fetch_container_credentials(server.url() + "/other"), std::runtime_error);
  ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://elsewhere/", 1);
  EXPECT_EQ(container_credentials_url(), "") << "nobody else is asked without TLS";
  ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.elsewhere/", 1);
  EXPECT_EQ(container_credentials_url(), "");
  ::setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x", 1);
  EXPECT_EQ(container_credentials_url(), "http://169.254.170.2/v2/x");
  ::unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  ::unsetenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
}

TEST(S3, PutsAndGetsKeysOfAnyLetters) {
  FakeAws aws({{200, {}, {}}, {200, {}, http::Body("bytes")}});
  Client client(aws.config());
  S3 s3(client);
  s3.put_object("raw", "a b/year=2026/ü+%.json", http::Body("{}"), "application/json");
  EXPECT_EQ(s3.get_object("raw", "k").body.string(), "bytes");
  const auto requests = aws.requests();
  EXPECT_EQ(requests[0].target, "/raw/a%20b/year%3D2026/%C3%BC%2B%25.json");
  EXPECT_EQ(requests[0].headers.get("Content-Type"), "application/json");
  EXPECT_EQ(requests[1].target, "/raw/k");
}

TEST(S3, ListsAllPages) {
  FakeAws aws({{200,
                {},
                http::Body("<ListBucketResult><Contents><Key>a</Key><Size>5</Size>"
                           "<ETag>\"e\"</ETag></Contents>"
                           "<NextContinuationToken>t+/=</NextContinuationToken>"
                           "</ListBucketResult>")},
               {200,
                {},
                http::Body("<ListBucketResult><Contents><Key>b&amp;c</Key>"
                           "<Size>5000000000</Size></Contents></ListBucketResult>")}});
  Client client(aws.config());
  const auto objects = S3(client).list_objects("raw", "x/");
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].etag, "\"e\"");
  EXPECT_EQ(objects[1].key, "b&c");
  EXPECT_EQ(objects[1].size, 5'000'000'000u);
  EXPECT_EQ(aws.requests()[0].target, "/raw?list-type=2&prefix=x%2F");
  EXPECT_EQ(aws.requests()[1].target, "/raw?list-type=2&prefix=x%2F&continuation-token=t%2B%2F%3D");
}

TEST(S3, TellsABucketThatIsOursAlreadyFromOneThatIsNot) {
  const auto error = [](std::string_view code) {
    return http::Response{409, {}, http::Body(fmt::format("<Error><Code>{}</Code></Error>", code))};
  };
  FakeAws aws({{200, {}, {}}, error("BucketAlreadyOwnedByYou"), error("BucketAlreadyExists")});
  Client client(aws.config("eu-west-1"));
  S3 s3(client);
  EXPECT_TRUE(s3.create_bucket("raw"));
  EXPECT_FALSE(s3.create_bucket("raw"));
  EXPECT_THROW(s3.create_bucket("raw"), ServiceError);
  EXPECT_THAT(aws.requests()[0].body.string(),
              HasSubstr("<LocationConstraint>eu-west-1</LocationConstraint>"));
}

TEST(S3, DeletesObjectsAndBuckets) {
  FakeAws aws({{204, {}, {}}, {204, {}, {}}});
  Client client(aws.config());
  S3(client).delete_object("raw", "k");
  S3(client).delete_bucket("raw");
  EXPECT_EQ(aws.requests()[0].target, "/raw/k");
  EXPECT_EQ(aws.requests()[1].target, "/raw");
  EXPECT_EQ(aws.requests()[1].method, "DELETE");
}

TEST(S3, PutsSettingsWithTheChecksumThatS3Demands) {
  FakeAws aws({{200, {}, {}}, {200, {}, http::Body("<Tagging/>")}, {204, {}, {}}});
  Client client(aws.config());
  S3 s3(client);
  s3.put_setting("raw", "tagging", "<Tagging/>");
  EXPECT_EQ(s3.get_setting("raw", "tagging"), "<Tagging/>");
  s3.delete_setting("raw", "tagging");
  const auto requests = aws.requests();
  EXPECT_EQ(requests[0].target, "/raw?tagging");
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[0].headers.get("Content-MD5"),
            base::to_base64(base::md5(requests[0].body.string())));
  EXPECT_EQ(requests[1].method, "GET");
  EXPECT_EQ(requests[2].method, "DELETE");
}

TEST(S3, ListsAndDeletesVersionsAndMarks) {
  FakeAws aws({{200,
                {},
                http::Body("<ListVersionsResult><IsTruncated>true</IsTruncated>"
                           "<NextKeyMarker>a&amp;b</NextKeyMarker>"
                           "<NextVersionIdMarker>v1</NextVersionIdMarker>"
                           "<Version><Key>a&amp;b</Key><VersionId>v1</VersionId></Version>"
                           "</ListVersionsResult>")},
               {200,
                {},
                http::Body("<ListVersionsResult><IsTruncated>false</IsTruncated><DeleteMarker>"
                           "<Key>c</Key><VersionId>v2</VersionId></DeleteMarker>"
                           "</ListVersionsResult>")},
               {200, {}, http::Body("<DeleteResult/>")},
               {200,
                {},
                http::Body("<DeleteResult><Error><Key>c</Key><Code>AccessDenied</Code>"
                           "<Message>no</Message></Error></DeleteResult>")}});
  Client client(aws.config());
  S3 s3(client);
  const auto versions = s3.list_versions("raw");
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].key, "a&b");
  EXPECT_EQ(versions[1].id, "v2");
  s3.delete_versions("raw", versions);
  EXPECT_THROW(s3.delete_versions("raw", versions), ServiceError);
  const auto requests = aws.requests();
  EXPECT_EQ(requests[1].target, "/raw?versions&key-marker=a%26b&version-id-marker=v1");
  EXPECT_EQ(requests[2].target, "/raw?delete");
  EXPECT_THAT(requests[2].body.string(),
              HasSubstr("<Object><Key>a&amp;b</Key><VersionId>v1</VersionId></Object>"));
  EXPECT_FALSE(requests[2].headers.get("Content-MD5").empty());
}

}  // namespace
}  // namespace aws
