#include "engine/services/cloudwatch/verdict.h"

#include <gtest/gtest.h>

namespace engine::cloudwatch {
namespace {

/// Points from the oldest to the newest, as AWS's tables write them: X breaches, 0 does not, - is missing.
Verdict judged(Rule rule, std::string_view points) {
  rule.comparison = "GreaterThanThreshold";
  rule.threshold = 0.5;
  Series newest_first;
  std::vector<base::Timestamp> times;
  for (auto at = points.rbegin(); at != points.rend(); ++at) {
    times.push_back(base::Timestamp{std::chrono::hours(1) - std::chrono::minutes(times.size() + 1)});
    newest_first.push_back(*at == '-' ? std::nullopt : std::optional(*at == 'X' ? 1.0 : 0.0));
  }
  return judge(rule, newest_first, times);
}

/// The states for missing, ignore, breaching and notBreaching; "" is the state as it was.
std::vector<std::string> states(std::size_t to_alarm, std::string_view points) {
  std::vector<std::string> found;
  for (const char* missing : {"missing", "ignore", "breaching", "notBreaching"}) {
    found.push_back(judged({.periods = 3, .to_alarm = to_alarm, .missing = missing}, points).state);
  }
  return found;
}

using States = std::vector<std::string>;
const States kAlarms = {"ALARM", "ALARM", "ALARM", "ALARM"};
const States kFine = {"OK", "OK", "OK", "OK"};

// The tables of "Configuring how CloudWatch alarms treat missing data".

TEST(Verdict, IsThatOfAwsForThreeOutOfThree) {
  EXPECT_EQ(states(3, "0-X-X"), kFine);
  EXPECT_EQ(states(3, "----0"), kFine);
  EXPECT_EQ(states(3, "-----"), (States{"INSUFFICIENT_DATA", "", "ALARM", "OK"}));
  EXPECT_EQ(states(3, "0XX-X"), kAlarms);
  EXPECT_EQ(states(3, "--X--"), (States{"ALARM", "", "ALARM", "OK"}));
}

TEST(Verdict, IsThatOfAwsForTwoOutOfThree) {
  EXPECT_EQ(states(2, "0-X-X"), kAlarms);
  EXPECT_EQ(states(2, "00X0X"), kAlarms);
  EXPECT_EQ(states(2, "0-X--"), (States{"OK", "OK", "ALARM", "OK"}));
  EXPECT_EQ(states(2, "----0"), (States{"OK", "OK", "ALARM", "OK"}));
  EXPECT_EQ(states(2, "---X-"), (States{"ALARM", "", "ALARM", "OK"}));
}

TEST(Verdict, StaysWhileTheOnlyValueIsTooYoungToTell) {
  EXPECT_EQ(judged({.periods = 3, .to_alarm = 3}, "----X").state, "");
}

TEST(Verdict, SaysWhyAsAwsDoes) {
  EXPECT_EQ(judged({.periods = 1, .to_alarm = 1}, "00X").reason,
            "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (01/01/70 00:59:00)] was greater than the threshold "
            "(0.5) (minimum 1 datapoint for OK -> ALARM transition).");
  EXPECT_EQ(judged({.periods = 3, .to_alarm = 2}, "00X00").reason,
            "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (01/01/70 00:59:00), 0.0 (01/01/70 00:58:00)] were "
            "not greater than the threshold (0.5) (minimum 2 datapoints for ALARM -> OK transition).");
  EXPECT_EQ(judged({.periods = 1, .to_alarm = 1}, "---").reason, "Insufficient Data: 1 datapoint was unknown.");
  EXPECT_EQ(judged({.periods = 2, .to_alarm = 2, .missing = "notBreaching"}, "----").reason,
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as "
            "[NonBreaching].");
}

TEST(Verdict, ComparesAsItIsTold) {
  const auto breaches = [](const char* comparison, double value) {
    return Rule{.comparison = comparison, .threshold = 2}.breaches(value);
  };
  EXPECT_TRUE(breaches("GreaterThanOrEqualToThreshold", 2));
  EXPECT_FALSE(breaches("GreaterThanThreshold", 2));
  EXPECT_FALSE(breaches("LessThanThreshold", 2));
  EXPECT_TRUE(breaches("LessThanOrEqualToThreshold", 2));
}

}  // namespace
}  // namespace engine::cloudwatch
