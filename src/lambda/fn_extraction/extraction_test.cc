// The function between a source that stumbles and a stream that throttles.
#include "lambda/fn_extraction/extraction.h"

#include "lib/base/encoding.h"
#include "lib/http/server.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <mutex>

namespace fn_extraction {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

http::Response text(std::string body) { return {200, {}, http::Body(std::move(body))}; }

/// A brewery and a Kinesis in one server: /v2/… is the one, / the other.
class World {
 public:
  World() : server_({}, [this](const http::Request& request) { return answer(request); }) {}

  std::deque<http::Response> draws;     ///< when empty: a beer with the next id
  std::deque<std::string> put_answers;  ///< when empty: all records are taken

  Extraction extraction(std::string_view path = "/v2", SourceOptions source = {}) {
    return {{server_.url() + std::string(path), "beers", source},
            {server_.url(), "us-east-1", {"AKID", "secret", ""}},
            clock_};
  }
  std::string url() const { return server_.url(); }
  std::vector<std::string> targets() const { return targets_; }
  std::vector<std::string> stream() const { return stream_; }
  std::vector<std::size_t> batches() const { return batches_; }

 private:
  http::Response answer(const http::Request& request) {
    std::lock_guard lock(mutex_);
    return request.target == "/" ? put(request) : draw(request);
  }
  http::Response draw(const http::Request& request) {
    targets_.push_back(request.target);
    if (draws.empty()) return text(fmt::format("[{{\"id\":{}}}]", ++last_id_));
    http::Response next = draws.front();
    draws.pop_front();
    return next;
  }
  http::Response put(const http::Request& request) {
    const auto input = boost::json::parse(request.body.string());
    EXPECT_EQ(input.at("StreamName"), "beers");
    const auto& records = input.at("Records").as_array();
    batches_.push_back(records.size());
    boost::json::array results(records.size(), boost::json::object{{"SequenceNumber", "1"}});
    if (!put_answers.empty()) {
      results = boost::json::parse(put_answers.front()).as_array();
      put_answers.pop_front();
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].as_object().contains("ErrorCode")) continue;
      stream_.push_back(std::string(records[i].at("PartitionKey").as_string()) + " " +
                        *base::from_base64(records[i].at("Data").as_string()));
    }
    return text(boost::json::serialize(boost::json::object{{"Records", results}}));
  }

  std::mutex mutex_;
  int last_id_ = 0;
  std::vector<std::string> targets_, stream_;
  std::vector<std::size_t> batches_;
  base::ScaledClock clock_{1e6};
  http::Server server_;
};

aws::Invocation event(std::string_view payload) {
  aws::Invocation invocation;
  invocation.payload = payload;
  return invocation;
}

std::string failure_of(Extraction&& extraction, const aws::Invocation& invocation,
                       std::string_view type) {
  try {
    extraction.handle(invocation);
  } catch (const aws::FunctionError& error) {
    EXPECT_EQ(error.type(), type);
    return error.what();
  }
  return "it succeeded";
}

TEST(Extraction, PutsOneBeerForAScheduledEvent) {
  World world;
  EXPECT_EQ(world.extraction().handle(event(R"({"source":"aws.events","detail":{}})")),
            R"({"records":1,"stream":"beers"})");
  EXPECT_THAT(world.targets(), ElementsAre("/v2/beers/random"));
  EXPECT_THAT(world.stream(), ElementsAre("1 {\"id\":1}\n"));
}

TEST(Extraction, TakesTheUrlOfTheApiOrOfADraw) {
  World world;
  for (const std::string_view path :
       {"/v2/", "/v2/beers/random", "/v3/beers/random?x=1", "/v2?key=k"}) {
    world.extraction(path).handle(event("{}"));
  }
  EXPECT_THAT(world.targets(), ElementsAre("/v2/beers/random", "/v2/beers/random",
                                           "/v3/beers/random?x=1", "/v2/beers/random?key=k"));
}

TEST(Extraction, DrawsAsManyAsTheEventSaysInBatchesOfFiveHundred) {
  World world;
  EXPECT_EQ(world.extraction().handle(event(R"({"count":1200})")),
            R"({"records":1200,"stream":"beers"})");
  EXPECT_THAT(world.batches(), ElementsAre(500, 500, 200));
  EXPECT_EQ(world.stream().back(), "1200 {\"id\":1200}\n");
}

TEST(Extraction, RefusesACountThatIsNone) {
  World world;
  for (const std::string_view count : {"0", "-1", "10001", "1.5", "\"3\"", "null"}) {
    EXPECT_THAT(failure_of(world.extraction(), event(fmt::format("{{\"count\":{}}}", count)),
                           "InvalidEvent"),
                HasSubstr(count));
  }
  EXPECT_TRUE(world.targets().empty());
}

TEST(Extraction, TriesASourceThatStumblesAgain) {
  World world;
  world.draws = {{503, {}, {}}, {429, {}, {}}, text("{\"id\":9}")};
  EXPECT_EQ(world.extraction().handle(event("{}")), R"({"records":1,"stream":"beers"})");
  EXPECT_THAT(world.stream(), ElementsAre("9 {\"id\":9}\n"));
}

TEST(Extraction, SaysWhichSourceFailedHowOftenAndWhy) {
  World world;
  world.draws = {{503, {}, {}}, {503, {}, {}}, {500, {}, {}}};
  EXPECT_THAT(
      failure_of(world.extraction("/v2", {.attempts = 3}), event("{}"), "Source.Unreachable"),
      AllOf(HasSubstr(world.url() + "/v2/beers/random"), HasSubstr("3 tries"),
            HasSubstr("500 Internal Server Error")));
  world.draws = {{404, {}, {}}};
  EXPECT_THAT(failure_of(world.extraction(), event("{}"), "Source.Refused"), HasSubstr("404"));
  world.draws = {{301, {{"Location", "https://elsewhere/"}}, {}}};
  EXPECT_THAT(failure_of(world.extraction(), event("{}"), "Source.Refused"),
              HasSubstr("https://elsewhere/"));
  EXPECT_TRUE(world.stream().empty());
}

TEST(Extraction, SaysThatNobodyListens) {
  World world;
  Extraction extraction({"http://127.0.0.1:1/v2", "beers", {.attempts = 2}},
                        {world.url(), "us-east-1", {"A", "s", ""}}, base::system_clock());
  EXPECT_THAT(failure_of(std::move(extraction), event("{}"), "Source.Unreachable"),
              AllOf(HasSubstr("http://127.0.0.1:1/v2/beers/random"), HasSubstr("refused")));
}

TEST(Extraction, StartsNoTryThatCannotEndBeforeTheDeadline) {
  World world;
  world.draws = {{503, {}, {}}};
  aws::Invocation invocation = event("{}");
  invocation.deadline_ms = 1;
  EXPECT_THAT(failure_of(world.extraction(), invocation, "Source.Unreachable"),
              AllOf(HasSubstr("after 1 try"), HasSubstr("time is up")));
}

TEST(Extraction, KeepsWhatWasDrawnBeforeTheSourceFailed) {
  World world;
  world.draws = {text("[{\"id\":1}]"), text("[{\"id\":2}]"), {404, {}, {}}};
  EXPECT_THAT(failure_of(world.extraction(), event(R"({"count":3})"), "Source.Refused"),
              HasSubstr("404"));
  EXPECT_THAT(world.stream(), ElementsAre("1 {\"id\":1}\n", "2 {\"id\":2}\n"));
}

TEST(Extraction, PutsOnlyTheRefusedRecordsAgain) {
  World world;
  world.draws = {text(R"([{"id":1},{"id":2},{"id":3}])")};
  world.put_answers = {
      R"([{"SequenceNumber":"1"},
          {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow"},
          {"SequenceNumber":"2"}])"};
  EXPECT_EQ(world.extraction().handle(event("{}")), R"({"records":3,"stream":"beers"})");
  EXPECT_THAT(world.batches(), ElementsAre(3, 1));
  EXPECT_THAT(world.stream(), ElementsAre("1 {\"id\":1}\n", "3 {\"id\":3}\n", "2 {\"id\":2}\n"));
}

TEST(Extraction, StaysWithAStreamThatTakesAFewEachTime) {
  World world;
  world.draws = {text(R"([{"id":1},{"id":2},{"id":3}])")};
  const std::string slow = R"({"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow"})";
  for (const int left : {3, 2}) {
    std::string first = R"([{"SequenceNumber":"1"})";
    for (int i = 1; i < left; ++i) first += "," + slow;
    world.put_answers.push_back(first + "]");
    std::string none = "[" + slow;
    for (int i = 2; i < left; ++i) none += "," + slow;
    for (int i = 0; i < 4; ++i) world.put_answers.push_back(none + "]");
  }
  EXPECT_EQ(world.extraction().handle(event("{}")), R"({"records":3,"stream":"beers"})");
  EXPECT_THAT(world.batches(), ElementsAre(3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1));
  EXPECT_THAT(world.stream(), ElementsAre("1 {\"id\":1}\n", "2 {\"id\":2}\n", "3 {\"id\":3}\n"));
}

TEST(Extraction, GivesUpOnAStreamThatGoesOnRefusing) {
  World world;
  world.put_answers.assign(
      20, R"([{"ErrorCode":"InternalFailure","ErrorMessage":"the stream is ill"}])");
  EXPECT_THAT(failure_of(world.extraction(), event("{}"), "Stream.Refused"),
              AllOf(HasSubstr("beers"), HasSubstr("the stream is ill")));
}

TEST(Settings, ComeFromTheEnvironmentAndNameWhatIsWrong) {
  for (const char* name : {"SOURCE_URL", "STREAM_NAME", "SOURCE_TIMEOUT_MS", "SOURCE_ATTEMPTS"}) {
    ::unsetenv(name);
  }
  const auto complaint = [] {
    try {
      Settings::from_environment();
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_THAT(complaint(), HasSubstr("SOURCE_URL"));
  ::setenv("SOURCE_URL", "http://h/v2", 1);
  EXPECT_THAT(complaint(), HasSubstr("STREAM_NAME"));
  ::setenv("STREAM_NAME", "beers", 1);
  ::setenv("SOURCE_TIMEOUT_MS", "250ms", 1);
  EXPECT_THAT(complaint(), HasSubstr("250ms"));
  ::setenv("SOURCE_TIMEOUT_MS", "250", 1);
  EXPECT_EQ(Settings::from_environment().source.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(Settings::from_environment().source.attempts, 4);
}

}  // namespace
}  // namespace fn_extraction
