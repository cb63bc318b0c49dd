#include "engine/services/cloudwatch/store.h"

#include "lib/io/temporary_folder.h"

#include <gtest/gtest.h>

namespace engine::cloudwatch {
namespace {

class Store : public testing::Test {
 protected:
  void reopen() {
    store.reset();
    catalog.reset();
    catalog = std::make_unique<storage::Catalog>(folder.path());
    store = std::make_unique<MetricStore>(*catalog);
  }
  void SetUp() override { reopen(); }

  std::string key(const std::string& name, const std::string& unit = "Count") {
    return Metric{"N", name, {{"D", "v"}}, unit}.key();
  }
  Minutes read(const std::string& name, Minute from, Minute to) {
    return store->read(Metric::prefix("N", name, {{"D", "v"}}, std::nullopt), from, to);
  }

  io::TemporaryFolder folder;
  std::unique_ptr<storage::Catalog> catalog;
  std::unique_ptr<MetricStore> store;
};

TEST_F(Store, AddsUpAMinute) {
  for (const double value : {3.0, 1.0, 2.0}) store->add(key("a"), 100, Totals::of(value));
  const auto minutes = read("a", 100, 101);
  ASSERT_EQ(minutes.size(), 1u);
  const Totals& totals = minutes.at(100);
  EXPECT_EQ(totals.statistic("Sum"), 6);
  EXPECT_EQ(totals.statistic("SampleCount"), 3);
  EXPECT_EQ(totals.statistic("Average"), 2);
  EXPECT_EQ(totals.statistic("Minimum"), 1);
  EXPECT_EQ(totals.statistic("Maximum"), 3);
  EXPECT_FALSE(totals.statistic("p99"));
}

TEST_F(Store, KeepsOverARestartWhatWasFlushedAndAddsToIt) {
  store->add(key("a"), 59, Totals::of(1));
  store->add(key("a"), 60, Totals::of(0.1));
  store->flush();
  store->add(key("a"), 61, Totals::of(9));  // lost
  reopen();
  store->add(key("a"), 60, Totals::of(2));
  const auto minutes = read("a", 0, 1000);
  ASSERT_EQ(minutes.size(), 2u);
  EXPECT_EQ(minutes.at(59).sum, 1);
  EXPECT_EQ(minutes.at(60).sum, 2.1);
  EXPECT_EQ(minutes.at(60).count, 2);
  ASSERT_EQ(store->metrics().size(), 1u);
  EXPECT_EQ(Metric::of_key(store->metrics()[0].key).dimensions, (Dimensions{{"D", "v"}}));
}

TEST_F(Store, ReadsHoursThatHaveLeftTheMemory) {
  for (Minute hour = 0; hour < 5; ++hour) {
    store->add(key("a"), hour * 60 + 30, Totals::of(static_cast<double>(hour)));
    store->flush();
  }
  EXPECT_EQ(read("a", 0, 300).size(), 5u);
  EXPECT_EQ(read("a", 90, 151).size(), 2u);
  EXPECT_EQ(read("a", 91, 150).size(), 0u);
  EXPECT_EQ(read("a", 150, 151).at(150).sum, 2);
}

TEST_F(Store, TakesUnitsAsMetricsOfTheirOwnAndReadsThemTogether) {
  store->add(key("a", "Count"), 1, Totals::of(1));
  store->add(key("a", "Bytes"), 1, Totals::of(2));
  store->add(key("ab"), 1, Totals::of(4));
  EXPECT_EQ(read("a", 0, 9).at(1).sum, 3);
  EXPECT_EQ(store->read(Metric::prefix("N", "a", {{"D", "v"}}, "Bytes"), 0, 9).at(1).sum, 2);
  EXPECT_TRUE(store->read(Metric::prefix("N", "a", {}, std::nullopt), 0, 9).empty());
}

TEST_F(Store, RefusesMetricsPastItsLimitButNotValuesOfThoseItHas) {
  for (std::size_t i = 0; i < MetricStore::kMostMetrics; ++i) ASSERT_TRUE(store->add(key(std::to_string(i)), 1, Totals::of(1)));
  EXPECT_FALSE(store->add(key("one more"), 1, Totals::of(1)));
  EXPECT_TRUE(store->add(key("7"), 1, Totals::of(1)));
}

TEST_F(Store, LetsGoOfWhatIsOld) {
  store->add(key("old"), 1, Totals::of(1));
  store->add(key("young"), 1, Totals::of(1));
  store->add(key("young"), MetricStore::kRetention + 200, Totals::of(1));
  store->flush();
  store->drop_expired(MetricStore::kRetention + 200);
  EXPECT_EQ(store->metrics().size(), 1u);
  reopen();
  EXPECT_TRUE(read("old", 0, 100).empty());
  EXPECT_TRUE(read("young", 0, 100).empty());
  EXPECT_EQ(read("young", 0, MetricStore::kRetention + 201).size(), 1u);
}

}  // namespace
}  // namespace engine::cloudwatch
