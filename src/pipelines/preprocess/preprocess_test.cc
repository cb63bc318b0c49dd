// The preprocessing job: which rows, which side, which bytes.
#include "pipelines/preprocess/preprocess.h"

#include "beer/features.h"
#include "beer/quality.h"
#include "lib/duckdb/database.h"
#include "pipelines/preprocess/cleaned_rows.h"
#include "pipelines/table.h"
#include "pipelines/test_beers.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using testing::Root;
using ::testing::ThrowsMessage;

std::string preprocess_in(const Root& root, const PreprocessOptions& options = {}) {
  std::ostringstream log;
  preprocess(root.folders(), options, log);
  return log.str();
}

void put_input(const Root& root, const std::string& name, const std::string& bytes) {
  write_file(root.folders().processing("input") / name, bytes);
}

std::map<std::string, std::string> outputs(const Root& root) {
  std::map<std::string, std::string> files;
  for (const char* folder : {"train", "test", "rows", "baseline"}) {
    for (const auto& file : files_below(root.folders().processing(folder))) {
      files[std::filesystem::relative(file, root.path())] = read_file(file);
    }
  }
  return files;
}

std::vector<RowKey> keys(const Root& root, const char* file) {
  return read_row_keys(root.folders().processing("rows") / file);
}

/// The first row of `rows` with other values of some members.
std::string changed_first_row(
    const std::string& rows,
    std::initializer_list<std::pair<const char*, boost::json::value>> with) {
  auto row = boost::json::parse(rows.substr(0, rows.find('\n'))).as_object();
  for (const auto& [name, value] : with) row[name] = value;
  return boost::json::serialize(row) + "\n";
}

TEST(Preprocess, LetsNoFamilyStandOnBothSides) {
  Root root;
  put_input(root, "rows.json", testing::simulated_rows(400));
  preprocess_in(root);
  std::set<std::uint32_t> trained;
  for (const RowKey& row : keys(root, "train_rows.csv")) trained.insert(row.family);
  const auto test = keys(root, "test_rows.csv");
  EXPECT_GT(test.size(), 30U);
  for (const RowKey& row : test) EXPECT_FALSE(trained.contains(row.family)) << row.name;
}

TEST(Preprocess, DealsTheTrainingRowsToInstancesInOrder) {
  Root whole, parts;
  for (const Root* root : {&whole, &parts}) {
    put_input(*root, "rows.json", testing::simulated_rows(200));
  }
  preprocess_in(whole);
  preprocess_in(parts, {.parts = 3});
  const auto files = files_below(parts.folders().processing("train"));
  ASSERT_EQ(files.size(), 3U);
  std::string together;
  for (const auto& file : files) together += read_file(file);
  EXPECT_EQ(together, read_file(whole.folders().processing("train") / "train.csv"));
  EXPECT_GT(read_file(files.back()).size() * 4, together.size());
  EXPECT_THAT([&] { preprocess_in(parts, {.parts = 1000}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("can't be dealt to 1000 instances")));
}

TEST(Preprocess, NamesEachRowOfTheTables) {
  Root root;
  put_input(root, "rows.json", testing::simulated_rows(200));
  preprocess_in(root);
  const Table train = Table::read_channel(root.folders().processing("train"));
  EXPECT_EQ(train.rows(), keys(root, "train_rows.csv").size());
  EXPECT_EQ(train.columns, beer::features().size());
  for (const float label : train.labels) {
    EXPECT_GE(label, 0);
    EXPECT_LE(label, 100);
  }
}

TEST(Preprocess, GivesTheSameBytesWhateverTheOrderOfRecords) {
  const std::string rows = testing::simulated_rows(200);
  const auto middle = rows.find('\n', rows.size() / 2) + 1;
  Root one, two;
  put_input(one, "a.json", rows);
  put_input(two, "2026/b.json", rows.substr(0, middle));
  put_input(two, "2026/a.json", rows.substr(middle));
  preprocess_in(one);
  preprocess_in(two);
  EXPECT_EQ(outputs(one), outputs(two));
}

/// The lines in another order, each twice: what a crash between delivery and cursor leaves.
std::string shuffled_twice(const std::string& rows) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < rows.size();) {
    const auto end = rows.find('\n', begin) + 1;
    lines.push_back(rows.substr(begin, end - begin));
    begin = end;
  }
  std::string text;
  for (std::size_t i = 0; i < 2 * lines.size(); ++i) text += lines[(i * 7919 + 5) % lines.size()];
  return text;
}

TEST(Preprocess, GivesTheSameBytesOfRecordsThatCameTwiceAndInAnyOrder) {
  const std::string rows = testing::simulated_rows(200);
  const std::string more = testing::simulated_rows(150, 4);  // other beers with the same ids
  Root one, two, three;
  put_input(one, "a.json", rows);
  put_input(one, "b.json", more);
  put_input(two, "a.json", more);
  put_input(two, "b.json", rows);
  put_input(three, "a.json", shuffled_twice(rows + more));
  for (const Root* root : {&one, &two, &three}) preprocess_in(*root);
  EXPECT_EQ(outputs(one), outputs(two));
  EXPECT_EQ(outputs(one), outputs(three));
}

TEST(Preprocess, SplitsOtherwiseByAnotherSeed) {
  Root one, two;
  for (const Root* root : {&one, &two}) put_input(*root, "a.json", testing::simulated_rows(200));
  preprocess_in(one, {.seed = 1});
  preprocess_in(two, {.seed = 2});
  EXPECT_NE(outputs(one).at("processing/rows/split.json"),
            outputs(two).at("processing/rows/split.json"));
}

TEST(Preprocess, CountsOnlyTheLatestRecordOfABeer) {
  const std::string rows = testing::simulated_rows(160);
  Root root;
  put_input(root, "a.json",
            changed_first_row(rows, {{"name", "the latest"},
                                     {"label", "ok"},
                                     {"ibu", 50},
                                     {"arrived_at", "2030-01-01 00:00:00.000"}}));
  put_input(root, "b.json", rows + rows);
  EXPECT_THAT(preprocess_in(root), HasSubstr("321 records, 160 different beers"));
  auto all = keys(root, "train_rows.csv");
  for (const RowKey& row : keys(root, "test_rows.csv")) all.push_back(row);
  int found = 0;
  for (const RowKey& row : all) {
    if (row.id != 1) continue;
    ++found;
    EXPECT_EQ(row.name, "the latest");
  }
  EXPECT_EQ(found, 1);
}

TEST(Preprocess, LearnsFromNoBeerWhoseLabelIsNotOk) {
  const std::string rows = testing::simulated_rows(160);
  Root root;
  put_input(root, "a.json", rows);
  put_input(
      root, "b.json",
      changed_first_row(
          rows, {{"label", "rejected"}, {"ibu", 50}, {"arrived_at", "2030-01-01 00:00:00.000"}}));
  preprocess_in(root);
  for (const char* file : {"train_rows.csv", "test_rows.csv"}) {
    for (const RowKey& row : keys(root, file)) EXPECT_NE(row.id, 1);
  }
}

TEST(Preprocess, TakesFewBeersWhenAsked) {
  Root root;
  put_input(root, "a.json", testing::simulated_rows(60));
  std::ostringstream log;
  EXPECT_NO_THROW(preprocess(root.folders(), {.minimum_beers = 20}, log));
}

TEST(Preprocess, RefusesTooFewBeers) {
  Root root;
  put_input(root, "a.json", testing::simulated_rows(60));
  EXPECT_THAT([&] { preprocess_in(root); },
              ThrowsMessage<std::runtime_error>(HasSubstr("at least 100 are needed to train")));
  Root empty;
  EXPECT_THAT([&] { preprocess_in(empty); },
              ThrowsMessage<std::runtime_error>(HasSubstr("Only 0 different beers")));
}

TEST(Preprocess, DescribesTheTrainingRowsInModelMonitorsForm) {
  Root root;
  put_input(root, "a.json", testing::simulated_rows(200));
  preprocess_in(root);
  const auto statistics =
      boost::json::parse(read_file(root.folders().processing("baseline") / "statistics.json"));
  const auto& features = statistics.at("features").as_array();
  ASSERT_EQ(features.size(), beer::features().size() + 1);
  const std::size_t rows = keys(root, "train_rows.csv").size();
  for (const auto& feature : features) {
    const auto& numbers = feature.at("numerical_statistics");
    EXPECT_EQ(numbers.at_pointer("/common/num_present").to_number<std::size_t>() +
                  numbers.at_pointer("/common/num_missing").to_number<std::size_t>(),
              rows);
  }
  const auto& ibu = features[0].at("numerical_statistics");
  EXPECT_LE(ibu.at("min").to_number<double>(), ibu.at("mean").to_number<double>());
  EXPECT_LE(ibu.at("mean").to_number<double>(), ibu.at("max").to_number<double>());
  std::size_t counted = 0;
  for (const auto& bucket : ibu.at_pointer("/distribution/kll/buckets").as_array()) {
    counted += bucket.at("count").to_number<std::size_t>();
  }
  EXPECT_EQ(counted, rows);
}

TEST(Preprocess, SuggestsConstraintsInModelMonitorsForm) {
  Root root;
  put_input(root, "a.json", testing::simulated_rows(200));
  preprocess_in(root);
  const auto constraints =
      boost::json::parse(read_file(root.folders().processing("baseline") / "constraints.json"));
  const auto& features = constraints.at("features").as_array();
  ASSERT_EQ(features.size(), beer::features().size() + 1);
  EXPECT_EQ(features[0].at("name"), "ibu");
  EXPECT_EQ(features[0].at("completeness").to_number<double>(), 1);
  EXPECT_TRUE(features[0].at_pointer("/num_constraints/is_non_negative").as_bool());
  EXPECT_LT(features[1 + beer::feature_index("ph")].at("completeness").to_number<double>(), 1);
  EXPECT_TRUE(constraints.at("monitoring_config").is_object());
}

// What a file is
// -----------------------------------------------------------------------------------

TEST(ReadCleaned, ReadsGzippedJsonLines) {
  const std::string rows = testing::simulated_rows(120);
  Root plain, packed;
  put_input(plain, "a.json", rows);
  std::filesystem::create_directories(packed.folders().processing("input"));
  testing::write_gzip(packed.folders().processing("input") / "a.gz", rows);
  preprocess_in(plain);
  preprocess_in(packed);
  EXPECT_EQ(outputs(plain), outputs(packed));
}

TEST(ReadCleaned, ReadsParquetAsItReadsJson) {
  Root lines, parquet;
  put_input(lines, "a.json", testing::simulated_rows(150));
  const auto folder = parquet.folders().processing("input") / "day=2026-01-01";
  std::filesystem::create_directories(folder);
  duck::Database database(
      {.allowed_directories = {lines.path().string(), parquet.path().string()}});
  duck::Connection(database).execute_all(
      "COPY (SELECT * REPLACE (CAST(arrived_at AS TIMESTAMP) AS arrived_at) FROM read_json(" +
      duck::quote_text((lines.folders().processing("input") / "a.json").string()) +
      ", format = 'newline_delimited', sample_size = -1)) TO " +
      duck::quote_text((folder / "a.parquet").string()) + " (FORMAT parquet)");
  preprocess_in(lines);
  preprocess_in(parquet);
  EXPECT_EQ(outputs(lines), outputs(parquet));
}

TEST(ReadCleaned, NamesTheFileAndLineOfAFault) {
  Root root;
  put_input(root, "a.json", "{\"id\":1}\n");
  EXPECT_THAT([&] { read_cleaned(root.folders().processing("input")); },
              ThrowsMessage<std::runtime_error>(HasSubstr("a.json, line 1: the column 'name'")));
  put_input(root, "a.json", "no json\n");
  EXPECT_THAT([&] { read_cleaned(root.folders().processing("input")); },
              ThrowsMessage<std::runtime_error>(HasSubstr("a.json, line 1")));
  put_input(root, "a.json", "PAR1 and then nothing");
  EXPECT_THAT([&] { read_cleaned(root.folders().processing("input")); },
              ThrowsMessage<std::runtime_error>(HasSubstr("can't be read as the table cleaned")));
}

}  // namespace
}  // namespace pipelines
