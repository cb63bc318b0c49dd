// The console's paths through a gateway, as a browser and the command ask for them.
#include "engine/console/console.h"

#include "engine/services/kinesis/operations.h"
#include "engine/services/s3/api.h"
#include "engine/services/s3/test_engine.h"
#include "engine/services/test_meter.h"
#include "engine/sql/parquet.h"
#include "lib/aws/sigv4.h"
#include "lib/base/encoding.h"
#include "lib/io/temporary_folder.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>

namespace engine::console {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr std::string_view kRoot = "/_engine/console";
/// "hello\n", by gzip.
const std::string kHello = *base::from_hex("1f8b0800000000000003cb48cdc9c9e7020020303a3606000000");

struct ConsolePages : s3::S3Test {
  ConsolePages() {
    keys.add(kKeys);
    console.add_pages(gateway, *s3_, kinesis, [] { return std::string("http://127.0.0.1:4577"); });
  }

  http::Request request(std::string method, std::string_view path, std::string body = {}) {
    return {.method = std::move(method),
            .target = std::string(kRoot) + std::string(path),
            .headers = {{"Host", "127.0.0.1:4577"}},
            .body = std::move(body),
            .peer = "127.0.0.1:50000"};
  }
  http::Response signed_as(const aws::Credentials& who, std::string method, std::string_view path) {
    http::Request sent = request(std::move(method), path);
    aws::sign(sent, "127.0.0.1:4577", who, "us-east-1", "console", base::system_clock().now());
    return gateway.handle(sent);
  }
  static json::object read(const http::Response& response) { return json::parse(response.body.string()).as_object(); }
  static std::string text(const json::object& object, const char* name) { return std::string(object.at(name).as_string()); }
  static aws::Credentials session_of(const http::Response& response) {
    const json::object session = read(response);
    return {text(session, "accessKeyId"), text(session, "secretAccessKey"), {}};
  }

  inline static const aws::Credentials kKeys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {}};
  base::Ids random;
  base::ManualClock engine_clock;
  io::TemporaryFolder streams;
  storage::Catalog catalog{streams.path()};
  TestMeter meter;
  Context stream_context{.catalog = catalog, .clock = engine_clock, .ids = random, .data = streams.path(), .meter = meter.meter()};
  kinesis::Kinesis kinesis{stream_context};
  KeyStore keys;
  io::TemporaryFolder spool;
  const std::array<Asset, 2> assets{{{"/_engine/console", "text/html", "\"page\"", false, kHello},
                                     {"/_engine/console/assets/a-1.js", "text/javascript", "\"script\"", true, kHello}}};
  Console console{{"123456789012", "us-east-1", 60}, keys, engine_clock, assets};
  Gateway gateway{{.spool_dir = spool.path()}, keys, engine_clock, random, {s3::definition(*s3_)}};
};

TEST_F(ConsolePages, ServeThePageCompressedToWhoTakesIt) {
  http::Request asked = request("GET", "");
  EXPECT_EQ(gateway.handle(asked).body.string(), "hello\n");
  asked.headers.set("Accept-Encoding", "br, gzip");
  const http::Response packed = gateway.handle(asked);
  EXPECT_EQ(packed.headers.get("content-encoding"), "gzip");
  EXPECT_EQ(packed.body.string(), kHello);
  asked.headers.set("Accept-Encoding", "gzip;q=0");
  EXPECT_FALSE(gateway.handle(asked).headers.has("content-encoding"));
  EXPECT_EQ(gateway.handle(request("GET", "/")).body.string(), "hello\n");
  EXPECT_EQ(gateway.handle(request("GET", "/assets/none.js")).status, 404);
  EXPECT_EQ(gateway.handle(request("POST", "")).status, 405);
}

TEST_F(ConsolePages, AreKeptByABrowserAsLongAsTheyAreTheSame) {
  const http::Response script = gateway.handle(request("GET", "/assets/a-1.js"));
  EXPECT_THAT(std::string(script.headers.get("cache-control")), HasSubstr("immutable"));
  EXPECT_EQ(gateway.handle(request("GET", "")).headers.get("cache-control"), "no-cache");
  http::Request again = request("GET", "");
  again.headers.set("If-None-Match", "\"old\", W/\"page\"");
  const http::Response same = gateway.handle(again);
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(same.headers.get("etag"), "\"page\"");
}

TEST_F(ConsolePages, LetNothingFromElsewhereIn) {
  const http::Response page = gateway.handle(request("GET", ""));
  const std::string policy(page.headers.get("content-security-policy"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.headers.get("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.headers.get("referrer-policy"), "no-referrer");
}

TEST_F(ConsolePages, AnswerNoOtherHostAndNoOtherMachine) {
  for (const char* path : {"", "/assets/a-1.js", "/redeem"}) {
    http::Request rebound = request(*path == '/' && path[1] == 'r' ? "POST" : "GET", path);
    rebound.headers.set("Host", "evil.example:4577");
    EXPECT_EQ(gateway.handle(rebound).status, 403) << path;
    http::Request far = request("GET", path);
    far.peer = "10.0.0.9:40000";
    EXPECT_EQ(gateway.handle(far).status, 403) << path;
  }
}

TEST_F(ConsolePages, OpenASessionForAnAccessKeyAndEndIt) {
  const http::Response opened = signed_as(kKeys, "POST", "/session");
  ASSERT_EQ(opened.status, 200) << opened.body.string();
  EXPECT_EQ(opened.headers.get("cache-control"), "no-store");
  const aws::Credentials session = session_of(opened);
  EXPECT_EQ(text(read(signed_as(session, "GET", "/about")), "account"), "123456789012");
  EXPECT_EQ(signed_as(session, "DELETE", "/session").status, 200);
  EXPECT_EQ(signed_as(session, "GET", "/about").status, 403);
}

TEST_F(ConsolePages, OpenNoneForAWrongSecretNorForNobody) {
  EXPECT_EQ(signed_as({kKeys.access_key_id, "wrong", {}}, "POST", "/session").status, 403);
  EXPECT_EQ(signed_as({"AKIANOBODY", "wrong", {}}, "POST", "/session").status, 403);
  EXPECT_GE(gateway.handle(request("POST", "/session")).status, 400);
  EXPECT_GE(gateway.handle(request("GET", "/about")).status, 400);
}

TEST_F(ConsolePages, LetASessionOpenNoOther) {
  const aws::Credentials session = session_of(signed_as(kKeys, "POST", "/session"));
  EXPECT_EQ(signed_as(session, "POST", "/session").status, 403);
  EXPECT_EQ(signed_as(session, "POST", "/link").status, 403);
  EXPECT_EQ(signed_as(kKeys, "DELETE", "/session").status, 404);
}

TEST_F(ConsolePages, LetOneInByALinkOnce) {
  const std::string url = text(read(signed_as(kKeys, "POST", "/link")), "url");
  ASSERT_THAT(url, testing::StartsWith("http://127.0.0.1:4577/_engine/console#"));
  const std::string word = url.substr(url.find('#') + 1);
  const http::Response opened = gateway.handle(request("POST", "/redeem", word));
  ASSERT_EQ(opened.status, 200);
  EXPECT_EQ(signed_as(session_of(opened), "GET", "/about").status, 200);
  const http::Response again = gateway.handle(request("POST", "/redeem", word));
  EXPECT_EQ(again.status, 403);
  EXPECT_THAT(again.body.string(), HasSubstr("beer console"));
}

TEST_F(ConsolePages, TellTheEnginesTime) {
  const json::object about = read(signed_as(kKeys, "GET", "/about"));
  EXPECT_EQ(about.at("now").as_int64(), engine_clock.now().time_since_epoch().count());
  EXPECT_EQ(about.at("speed").to_number<double>(), 60);
}

TEST_F(ConsolePages, ShowTheRowsOfAParquetObject) {
  auto file = sql::parquet::from_json_lines({R"({"name":"Punk","ibu":60})", R"({"name":"Hazy"})"},
                                            {{"name", "string"}, {"ibu", "double"}}, {.scratch = spool.path()});
  s3_->create_bucket("cleaned");
  s3_->put_object("cleaned", "beers.parquet", file.file);
  const json::object shown = read(signed_as(kKeys, "GET", "/parquet?bucket=cleaned&key=beers.parquet&limit=10"));
  EXPECT_EQ(shown.at("rows").as_int64(), 2);
  EXPECT_EQ(json::serialize(shown.at("columns")),
            R"([{"name":"name","type":"VARCHAR"},{"name":"ibu","type":"DOUBLE"}])");
  EXPECT_EQ(json::serialize(shown.at("values")), R"([["Punk","60.0"],["Hazy",null]])");
  const json::object first = read(signed_as(kKeys, "GET", "/parquet?bucket=cleaned&key=beers.parquet&limit=1"));
  EXPECT_EQ(first.at("values").as_array().size(), 1u);
}

struct ConsoleRecords : ConsolePages {
  ConsoleRecords() {
    kinesis::api::CreateStreamInput input;
    input.StreamName = "beers";
    input.ShardCount = 1;
    Call call{request("POST", ""), "request-1"};
    create_stream(kinesis, call, input);
    for (const char* data : {"pale", "stout", "sour"}) {
      kinesis.put_records("beers", std::vector<kinesis::NewRecord>{{.data = data, .partition_key = "k"}});
      engine_clock.advance(base::Milliseconds(1000));
    }
  }
  /// The records' data, or the message of the refusal.
  std::string data(const std::string& query) {
    const json::object shown = read(signed_as(kKeys, "GET", "/records?stream=beers&" + query));
    if (!shown.contains("records")) return text(shown, "message");
    std::string all;
    for (const json::value& record : shown.at("records").as_array()) {
      all += *base::from_base64(text(record.as_object(), "data")) + " ";
    }
    return all;
  }
};

TEST_F(ConsoleRecords, AreTheNewestOrThoseFromAPlaceOn) {
  const std::string shard = "shard=shardId-000000000000&";
  EXPECT_EQ(data(shard + "from=newest&limit=2"), "stout sour ");
  EXPECT_EQ(data(shard + "from=newest&limit=9"), "pale stout sour ");
  EXPECT_EQ(data(shard + "from=0&limit=1"), "pale ");
  EXPECT_EQ(data(shard + "from=1"), "stout sour ");
  const auto later = engine_clock.now() - base::Milliseconds(1500);
  EXPECT_EQ(data(shard + "from=%40" + std::to_string(later.time_since_epoch().count())), "sour ");
}

TEST_F(ConsoleRecords, AreLookedAtWithoutATrace) {
  data("shard=shardId-000000000000&from=0&limit=1");
  EXPECT_TRUE(meter.values("AWS/Kinesis GetRecords.IteratorAgeMilliseconds StreamName=beers").empty());
}

TEST_F(ConsoleRecords, AreRefusedInWords) {
  EXPECT_EQ(data("shard=none&from=newest"), "The stream beers has no shard none.");
  EXPECT_EQ(data("shard=shardId-000000000000&from=-1"), "'-1' is no place in a shard.");
  EXPECT_EQ(signed_as(kKeys, "GET", "/records?stream=none&shard=s&from=0").status, 400);
}

TEST_F(ConsolePages, SayWhyAnObjectIsNoParquet) {
  s3_->create_bucket("cleaned");
  s3_->put_object("cleaned", "text.parquet", http::Body(std::string("no parquet at all")));
  const http::Response wrong = signed_as(kKeys, "GET", "/parquet?bucket=cleaned&key=text.parquet");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(text(read(wrong), "message"), HasSubstr("s3://cleaned/text.parquet"));
  EXPECT_EQ(signed_as(kKeys, "GET", "/parquet?bucket=cleaned&key=none").status, 404);
}

}  // namespace
}  // namespace engine::console
