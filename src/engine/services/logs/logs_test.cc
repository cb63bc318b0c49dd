#include "engine/services/logs/logs.h"

#include "engine/services/logs/operations.h"
#include "engine/services/logs/pattern.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace engine::logs {
namespace {

class LogsTest : public testing::Test {
 protected:
  LogsTest() {
    std::filesystem::create_directories(folder);
    catalog = std::make_unique<storage::Catalog>(folder);
    context = std::make_unique<Context>(Context{*catalog, clock, ids});
    logs = std::make_unique<Logs>(*context);
  }
  ~LogsTest() override {
    logs.reset();
    catalog.reset();
    std::filesystem::remove_all(folder);
  }

  std::vector<std::string> messages(const api::GetLogEventsOutput& output) {
    std::vector<std::string> texts;
    for (const auto& event : *output.events) texts.push_back(*event.message);
    return texts;
  }

  /// A group with these streams.
  void make(const std::string& group, const std::vector<std::string>& streams) {
    create_log_group(*logs, call, {.logGroupName = group});
    for (const auto& stream : streams) create_log_stream(*logs, call, {.logGroupName = group, .logStreamName = stream});
  }

  template <class F>
  static std::string code_of(F&& use) {
    try {
      use();
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }

  base::Ids ids;
  std::string folder = std::filesystem::temp_directory_path() / ("logs-" + ids.hex(12));
  base::ManualClock clock;
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<Context> context;
  std::unique_ptr<Logs> logs;
  const std::int64_t now = clock.now().time_since_epoch().count();
  http::Request request;
  Call call{.request = request};
};

using Texts = std::vector<std::string>;

TEST_F(LogsTest, KeepsWhatAServiceAppendsInOrder) {
  logs->append("/aws/lambda/f", "s", std::vector<Event>{{clock.now(), "one"}, {clock.now(), "two"}});
  const auto output = get_log_events(*logs, call, {.logGroupName = "/aws/lambda/f", .logStreamName = "s", .startFromHead = true});
  EXPECT_EQ(messages(output), (Texts{"one", "two"}));
}

TEST_F(LogsTest, PagesForwardUntilTheTokenStaysTheSame) {
  create_log_group(*logs, call, {.logGroupName = "g"});
  create_log_stream(*logs, call, {.logGroupName = "g", .logStreamName = "s"});
  put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .logEvents = {{now + 1, "a"}, {now + 2, "b"}, {now + 3, "c"}}});
  api::GetLogEventsInput input{.logGroupName = "g", .logStreamName = "s", .limit = 2, .startFromHead = true};
  auto page = get_log_events(*logs, call, input);
  EXPECT_EQ(messages(page), (Texts{"a", "b"}));
  input.nextToken = page.nextForwardToken;
  page = get_log_events(*logs, call, input);
  EXPECT_EQ(messages(page), (Texts{"c"}));
  input.nextToken = page.nextForwardToken;
  page = get_log_events(*logs, call, input);
  EXPECT_TRUE(page.events->empty());
  EXPECT_EQ(page.nextForwardToken, input.nextToken);
}

TEST_F(LogsTest, StartsAtTheTailUnlessToldOtherwise) {
  create_log_group(*logs, call, {.logGroupName = "g"});
  create_log_stream(*logs, call, {.logGroupName = "g", .logStreamName = "s"});
  put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .logEvents = {{now + 1, "a"}, {now + 2, "b"}, {now + 3, "c"}}});
  const auto page = get_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .limit = 2});
  EXPECT_EQ(messages(page), (Texts{"b", "c"}));
  const auto before = get_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .nextToken = page.nextBackwardToken, .limit = 2});
  EXPECT_EQ(messages(before), (Texts{"a"}));
}

TEST_F(LogsTest, FiltersOverStreamsByTime) {
  logs->append("g", "s1", std::vector<Event>{{Timestamp{base::Milliseconds(5)}, "ERROR late"}});
  logs->append("g", "s2", std::vector<Event>{{Timestamp{base::Milliseconds(3)}, "ERROR early"}, {Timestamp{base::Milliseconds(4)}, "fine"}});
  const auto output = filter_log_events(*logs, call, {.logGroupName = "g", .filterPattern = "ERROR"});
  ASSERT_EQ(output.events->size(), 2u);
  EXPECT_EQ(output.events->at(0).message, "ERROR early");
  EXPECT_EQ(output.events->at(1).logStreamName, "s1");
}

TEST_F(LogsTest, RefusesEventsOutOfOrder) {
  create_log_group(*logs, call, {.logGroupName = "g"});
  create_log_stream(*logs, call, {.logGroupName = "g", .logStreamName = "s"});
  EXPECT_THROW(put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .logEvents = {{2, "b"}, {1, "a"}}}), AwsError);
}

TEST_F(LogsTest, RefusesBatchesThatAreTooLargeOrTooLong) {
  make("g", {"s"});
  const std::string large(300'000, 'x');
  const auto put = [&](std::vector<api::InputLogEvent> events) {
    return code_of([&] {
      put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .logEvents = std::move(events)});
    });
  };
  EXPECT_EQ(put({{1, large}, {1, large}, {1, large}, {1, large}}), "InvalidParameterException");
  EXPECT_EQ(put({{1, "a"}, {2 + 24 * 3'600'000, "b"}}), "InvalidParameterException");
  EXPECT_EQ(put({{now - 24 * 3'600'000, large}, {now, large}}), "");
}

TEST_F(LogsTest, LeavesOutEventsTooOldOrTooNewAndSaysWhich) {
  constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;
  make("g", {"s"});
  const auto put = [&](std::vector<api::InputLogEvent> events) {
    return put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .logEvents = std::move(events)})
        .rejectedLogEventsInfo;
  };
  EXPECT_FALSE(put({{now - kHour, "a"}, {now + 2 * kHour, "b"}}));
  const auto old = put({{now - 14 * kDay - 2, "old"}, {now - 14 * kDay - 1, "old"}, {now - 14 * kDay, "c"}});
  ASSERT_TRUE(old);
  EXPECT_EQ(old->tooOldLogEventEndIndex, 2);
  EXPECT_FALSE(old->tooNewLogEventStartIndex);
  const auto fresh = put({{now, "d"}, {now + 2 * kHour + 1, "new"}, {now + 3 * kHour, "new"}});
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->tooNewLogEventStartIndex, 1);
  EXPECT_FALSE(fresh->tooOldLogEventEndIndex);

  EXPECT_EQ(messages(get_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .startFromHead = true})),
            (Texts{"c", "a", "d", "b"}));

  put_retention_policy(*logs, call, {.logGroupName = "g", .retentionInDays = 1});
  const auto expired = put({{now - kDay - 1, "expired"}, {now - kHour, "e"}});
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->expiredLogEventEndIndex, 1);
  EXPECT_EQ(put({{now + 9 * kHour, "new"}})->tooNewLogEventStartIndex, 0);

  Texts kept = messages(get_log_events(*logs, call, {.logGroupName = "g", .logStreamName = "s", .startFromHead = true}));
  std::erase(kept, "c");  // older than the retention: it may have been dropped already
  EXPECT_EQ(kept, (Texts{"a", "e", "d", "b"}));
}

TEST_F(LogsTest, RefusesTokensThatAreNotItsOwn) {
  make("g", {"s"});
  for (const std::string token : {"nonsense", "-1", "7x", "99999999999999999999999"}) {
    EXPECT_EQ(code_of([&] { filter_log_events(*logs, call, {.logGroupName = "g", .nextToken = token}); }),
              "InvalidParameterException");
    EXPECT_EQ(code_of([&] { describe_log_streams(*logs, call, {.logGroupName = "g", .nextToken = token}); }),
              "InvalidParameterException");
    EXPECT_EQ(code_of([&] { describe_log_groups(*logs, call, {.nextToken = token}); }), "InvalidParameterException");
  }
}

TEST_F(LogsTest, MissesNoGroupWhenThoseOfTheLastPageAreDeleted) {
  for (const char* name : {"a", "b", "c"}) make(name, {});
  const auto page = describe_log_groups(*logs, call, {.nextToken = {}, .limit = 2});
  delete_log_group(*logs, call, {.logGroupName = "a"});
  delete_log_group(*logs, call, {.logGroupName = "b"});
  const auto rest = describe_log_groups(*logs, call, {.nextToken = page.nextToken, .limit = 2});
  ASSERT_EQ(rest.logGroups->size(), 1u);
  EXPECT_EQ(rest.logGroups->front().logGroupName, "c");
  EXPECT_FALSE(rest.nextToken);
}

TEST_F(LogsTest, ListsTheStreamsThatSpokeLastFirstInPages) {
  make("g", {"a", "b", "c"});
  for (const auto& [stream, time] : std::map<std::string, std::int64_t>{{"a", 5}, {"b", 9}, {"c", 7}}) {
    put_log_events(*logs, call, {.logGroupName = "g", .logStreamName = stream, .logEvents = {{now + time, "x"}}});
  }
  api::DescribeLogStreamsInput input;
  input.logGroupIdentifier = "arn:aws:logs:us-east-1:123456789012:log-group:g:*";
  input.orderBy = "LastEventTime";
  input.descending = true;
  input.limit = 1;
  Texts names;
  do {
    const auto page = describe_log_streams(*logs, call, input);
    for (const auto& stream : *page.logStreams) names.push_back(*stream.logStreamName);
    input.nextToken = page.nextToken;
  } while (input.nextToken);
  EXPECT_EQ(names, (Texts{"b", "c", "a"}));
}

TEST_F(LogsTest, RefusesToFilterStreamsThatAreNotThere) {
  make("g", {"s"});
  api::FilterLogEventsInput input{.logGroupName = "g", .logStreamNames = {{"s", "missing"}}};
  EXPECT_EQ(code_of([&] { filter_log_events(*logs, call, input); }), "ResourceNotFoundException");
  input.logStreamNames = {{"s"}};
  input.logStreamNamePrefix = "s";
  EXPECT_EQ(code_of([&] { filter_log_events(*logs, call, input); }), "InvalidParameterException");
}

TEST_F(LogsTest, ForgetsADeletedGroup) {
  logs->append("g", "s", std::vector<Event>{{clock.now(), "x"}});
  delete_log_group(*logs, call, {.logGroupName = "g"});
  EXPECT_THROW(delete_log_group(*logs, call, {.logGroupName = "g"}), AwsError);
  create_log_group(*logs, call, {.logGroupName = "g"});
  EXPECT_TRUE(filter_log_events(*logs, call, {.logGroupName = "g"}).events->empty());
}

TEST(Pattern, CombinesTermsExclusionsAndAlternatives) {
  EXPECT_TRUE(Pattern("").matches("anything"));
  EXPECT_TRUE(Pattern("ERROR \"not found\"").matches("ERROR: key not found"));
  EXPECT_FALSE(Pattern("ERROR -retry").matches("ERROR, retry"));
  EXPECT_TRUE(Pattern("?a ?b").matches("xbx"));
  EXPECT_FALSE(Pattern("?a ?b").matches("xyz"));
  EXPECT_THROW(Pattern("{ $.x = 1 }"), AwsError);
}

}  // namespace
}  // namespace engine::logs
