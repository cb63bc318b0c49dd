// What Model Monitor's files say of small datasets.
#include "pipelines/monitor/monitor.h"

#include "pipelines/monitor/constraints.h"
#include "pipelines/monitor/model_quality.h"
#include "pipelines/monitor/statistics.h"
#include "pipelines/test_beers.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace pipelines::monitor {
namespace {

namespace json = boost::json;
using pipelines::testing::Root;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr const char* kBeers =
    "abv,name,ibu\n4.5,\"Pale, dry\",20\n,Stout,35\n7,\"a \"\"b\"\"\",60\n";

class Monitor : public ::testing::Test {
 protected:
  Dataset csv(const std::string& text, bool header = true) {
    write_file(root_.path() / "data.csv", text);
    return read_dataset(root_.path() / "data.csv", {.header = header});
  }
  json::value run(std::map<std::string, std::string> more = {}) {
    std::map<std::string, std::string> all{
        {"dataset_format", R"({"csv": {"header": true, "output_columns_position": "START"}})"},
        {"dataset_source", "/opt/ml/processing/input/baseline_dataset_input"},
        {"output_path", "/opt/ml/processing/output"}};
    for (auto& [name, value] : more) all[name] = value;
    std::ostringstream log;
    monitor(
        root_.folders(),
        [&](const char* name) {
          const auto at = all.find(name);
          return at == all.end() ? std::nullopt : std::optional(at->second);
        },
        log);
    return read("statistics.json");
  }
  json::value read(const char* file) {
    return json::parse(read_file(root_.folders().processing("output") / file));
  }
  void put(const std::string& text) {
    write_file(root_.folders().processing("input") / "baseline_dataset_input" / "a.csv", text);
  }
  static std::vector<std::string> checks(const json::object& violations) {
    std::vector<std::string> found;
    for (const auto& one : violations.at("violations").as_array()) {
      found.push_back(fmt::format("{} {}", one.at("feature_name").as_string().c_str(),
                                  one.at("constraint_check_type").as_string().c_str()));
    }
    return found;
  }
  /// What `now` violates of a baseline of `before`.
  std::vector<std::string> against(const std::string& before, const std::string& now) {
    const Dataset one = csv(before);
    const json::value constraints = suggest_constraints(one), statistic = statistics(one);
    const Dataset other = csv(now);
    return checks(check_constraints(other, statistics(other), statistic, constraints));
  }

  Root root_;
};

TEST_F(Monitor, InfersTypesAndCountsWhatIsThere) {
  const json::value told = statistics(csv(kBeers));
  EXPECT_EQ(told.at_pointer("/dataset/item_count"), 3);
  EXPECT_EQ(told.at_pointer("/features/0/inferred_type"), "Fractional");
  EXPECT_EQ(told.at_pointer("/features/0/numerical_statistics/common/num_missing"), 1);
  EXPECT_EQ(told.at_pointer("/features/0/numerical_statistics/mean"), 5.75);
  EXPECT_EQ(told.at_pointer("/features/2/inferred_type"), "Integral");
  EXPECT_EQ(told.at_pointer("/features/2/numerical_statistics/max"), 60.0);
  EXPECT_EQ(told.at_pointer("/features/1/string_statistics/distinct_count"), 3.0);
  EXPECT_EQ(
      told.at_pointer("/features/1/string_statistics/distribution/categorical/buckets/2/value"),
      "a \"b\"");
  std::size_t counted = 0;
  const auto& buckets =
      told.at_pointer("/features/2/numerical_statistics/distribution/kll/buckets");
  for (const auto& bucket : buckets.as_array()) counted += bucket.at("count").to_number<int>();
  EXPECT_EQ(buckets.as_array().size(), 10U);
  EXPECT_EQ(counted, 3U);
}

TEST_F(Monitor, ReadsJsonLinesWithNestedMembersAndCsvWithoutAHeader) {
  write_file(root_.path() / "lines", "{\"a\": 1, \"b\": {\"c\": true}}\n{\"a\": null}\n");
  const Dataset data = read_dataset(root_.path() / "lines", {.json_lines = true});
  ASSERT_EQ(data.columns.size(), 2U);
  EXPECT_EQ(data.columns[1].name, "b.c");
  EXPECT_THAT(data.columns[1].values, ElementsAre(Value("true"), Value()));
  EXPECT_EQ(csv("1,2\n3,4\n", false).columns[1].name, "_c1");
  EXPECT_THAT([&] { csv("a,b\n1\n"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("1 fields, not 2")));
}

TEST_F(Monitor, FindsNothingWrongWithTheBaselineItself) {
  EXPECT_THAT(against(kBeers, kBeers), ElementsAre());
}

TEST_F(Monitor, FindsEachKindOfViolation) {
  EXPECT_THAT(against("a,b\n1,2\n", "a\n1\n"), ElementsAre("b missing_column_check"));
  EXPECT_THAT(against("a\n1\n", "a,b\n1,2\n"), ElementsAre("b extra_column_check"));
  EXPECT_THAT(against("a\n1\n2\n", "a\n1\nx\n"), ElementsAre("a data_type_check"));
  EXPECT_THAT(against("a\n1\n2\n", "a\n1\n2.5\n"), ElementsAre("a data_type_check"));
  EXPECT_THAT(against("a,b\n1,1\n2,2\n", "a,b\n1,1\n,2\n"), ElementsAre("a completeness_check"));
  EXPECT_THAT(against("a\n1\n2\n", "a\n1\n-2\n"), ElementsAre("a data_type_check"));
  EXPECT_THAT(against("a\nale\nbock\n", "a\nale\nwine\n"),
              ElementsAre("a categorical_values_check"));
}

TEST_F(Monitor, SeesDriftThatIsMoreThanChance) {
  std::string before = "a\n", alike = "a\n", moved = "a\n", few = "a\n";
  for (int i = 0; i < 1000; ++i) {
    before += fmt::format("{}\n", i % 100);
    alike += fmt::format("{}\n", (i * 7 + 3) % 100);
    moved += fmt::format("{}\n", i % 100 + 40);
    if (i < 5) few += fmt::format("{}\n", i + 40);
  }
  EXPECT_THAT(against(before, alike), ElementsAre());
  EXPECT_THAT(against(before, moved), ElementsAre("a baseline_drift_check"));
  EXPECT_THAT(against(before, few), ElementsAre()) << "five values may be chance";
}

TEST(Distance, IsTheLargestGapWhateverTheSketchLeavesOut) {
  std::vector<double> one, other;
  for (int i = 0; i < 10'000; ++i) {
    one.push_back(i);
    other.push_back(i + 3'000);
  }
  const json::value a = number_statistics("x", Type::kIntegral, one, one.size());
  const json::value b = number_statistics("x", Type::kIntegral, other, other.size());
  const Distribution first = distribution_of(a);
  EXPECT_LE(first.numbers.size(), 2048U + 8);
  EXPECT_EQ(first.count, 10'000);
  EXPECT_NEAR(distance(first, distribution_of(b)), 0.3, 0.002);
  EXPECT_EQ(distance(first, first), 0);
}

TEST_F(Monitor, WritesTheFilesAndSaysHowItWent) {
  put(kBeers);
  run();
  EXPECT_FALSE(
      std::filesystem::exists(root_.folders().processing("output") / "constraint_violations.json"));
  const auto baseline = root_.folders().processing("baseline") / "constraints" / "constraints.json";
  write_file(baseline, json::serialize(read("constraints.json")));
  put("abv,name\n4.5,Pale\n");
  run({{"baseline_constraints", "/opt/ml/processing/baseline/constraints/constraints.json"}});
  EXPECT_EQ(read("constraint_violations.json").at_pointer("/violations/0/feature_name"), "ibu");
  EXPECT_EQ(read_file(root_.folders().message()),
            "CompletedWithViolations: Job completed successfully with 2 violations.");
}

TEST_F(Monitor, JudgesARegressionAndHoldsItAgainstThresholds) {
  std::string text = "prediction,truth\n";
  for (int i = 0; i < 250; ++i) text += fmt::format("{},{}\n", i + (i % 2 ? 2 : -2), i);
  put(text);
  const std::map<std::string, std::string> quality{{"analysis_type", "MODEL_QUALITY"},
                                                   {"problem_type", "Regression"},
                                                   {"inference_attribute", "prediction"},
                                                   {"ground_truth_attribute", "1"}};
  const json::value told = run(quality);
  EXPECT_NEAR(told.at_pointer("/regression_metrics/mae/value").to_number<double>(), 2, 1e-6);
  EXPECT_TRUE(told.at_pointer("/regression_metrics/mae/standard_deviation").is_number());
  const json::value constraints = read("constraints.json");
  EXPECT_EQ(constraints.at_pointer("/regression_constraints/r2/comparison_operator"),
            "LessThanThreshold");
  json::value strict = constraints;
  strict.at_pointer("/regression_constraints/mae/threshold") = 1.5;
  const auto violations = check_quality(told.as_object(), strict);
  ASSERT_EQ(violations.at("violations").as_array().size(), 1U);
  EXPECT_EQ(violations.at("violations").at(0).at("description"),
            "Metric mae with 2 was GreaterThanThreshold '1.5'");
  EXPECT_TRUE(check_quality(told.as_object(), constraints).at("violations").as_array().empty());
}

TEST_F(Monitor, RefusesWhatOnlyTheImageOfAwsDoes) {
  put(kBeers);
  EXPECT_THAT(
      [&] {
        run({{"record_preprocessor_script", "x.py"}});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("is Python")));
  EXPECT_THAT(
      [&] {
        run({{"dataset_format", R"({"parquet": {}})"}});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("isn't read here")));
  EXPECT_THAT(
      [&] {
        run({{"analysis_type", "BIAS"}});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("isn't done here")));
}

}  // namespace
}  // namespace pipelines::monitor
