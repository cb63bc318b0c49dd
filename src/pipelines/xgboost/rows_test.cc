// CSV and LIBSVM, compared with what XGBoost itself reads in them.
#include "pipelines/xgboost/rows.h"

#include "lib/duckdb/database.h"
#include "pipelines/files.h"
#include "pipelines/test_beers.h"
#include "pipelines/xgboost/error.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pipelines::xgboost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Root;
using ::testing::ThrowsMessage;

void write_parquet(const std::filesystem::path& file, const char* sql) {
  duck::Database database({.allowed_directories = {file.parent_path().string()}});
  duck::Connection(database).query(
      fmt::format("COPY ({}) TO {} (FORMAT parquet)", sql, duck::quote_text(file.string())));
}

struct Seen {
  std::vector<std::pair<bst_ulong, unsigned>> cells;  // row, column
  std::vector<float> values, labels, weights;
};

/// XGBoost's own reader of numbers is at times off by the last bit.
MATCHER(IsAlmost, "") {
  const auto& [mine, other] = arg;
  return std::abs(mine - other) <= 1e-6 * std::abs(other);
}

Seen seen_in(DMatrixHandle matrix) {
  Seen seen;
  bst_ulong rows = 0;
  bst_ulong present = 0;
  XGDMatrixNumRow(matrix, &rows);
  XGDMatrixNumNonMissing(matrix, &present);
  std::vector<bst_ulong> starts(rows + 1);
  std::vector<unsigned> columns(present);
  std::vector<float> values(present);
  EXPECT_EQ(XGDMatrixGetDataAsCSR(matrix, "{}", starts.data(), columns.data(), values.data()), 0)
      << XGBGetLastError();
  for (bst_ulong row = 0; row < rows; ++row) {
    for (auto i = starts[row]; i < starts[row + 1]; ++i) {
      seen.cells.emplace_back(row, columns[i]);
      seen.values.push_back(values[i]);
    }
  }
  for (auto [name, list] : {std::pair{"label", &seen.labels}, {"weight", &seen.weights}}) {
    const float* numbers = nullptr;
    bst_ulong count = 0;
    XGDMatrixGetFloatInfo(matrix, name, &count, &numbers);
    list->assign(numbers, numbers + count);
  }
  return seen;
}

/// Our reading of a channel's file and XGBoost's own, as the image calls it, are the same. (Of
/// several files XGBoost's order is that of the file system.)
void expect_read_as_xgboost_does(const std::filesystem::path& channel, Form form,
                                 bool weights = false) {
  const Matrix ours = to_matrix(read_channel(channel, form, weights));
  const std::string uri =
      channel.string() + (form == Form::kLibsvm ? "?format=libsvm"
                          : weights ? "?format=csv&label_column=0&delimiter=,&weight_column=1"
                                    : "?format=csv&label_column=0&delimiter=,");
  DMatrixHandle theirs = nullptr;
  ASSERT_EQ(XGDMatrixCreateFromFile(uri.c_str(), 1, &theirs), 0) << XGBGetLastError();
  const Seen mine = seen_in(ours.handle());
  const Seen other = seen_in(theirs);
  XGDMatrixFree(theirs);
  EXPECT_FALSE(mine.cells.empty());
  EXPECT_EQ(mine.cells, other.cells);
  EXPECT_THAT(mine.values, ::testing::Pointwise(IsAlmost(), other.values));
  EXPECT_THAT(mine.labels, ::testing::Pointwise(IsAlmost(), other.labels));
  EXPECT_EQ(mine.weights, other.weights);
}

TEST(XgboostRows, OfCsvAreReadAsXgboostReadsThem) {
  Root root;
  const auto channel = root.path() / "train";
  write_file(channel / "a.csv", "38,1,,3\n5,,2.5,\n7,4,-5,6e-2");
  expect_read_as_xgboost_does(channel, Form::kCsv);
}

TEST(XgboostRows, OfCsvWithWeightsAreReadAsXgboostReadsThem) {
  Root root;
  const auto channel = root.path() / "train";
  write_file(channel / "a.csv", "38,1,2,3\n5,0.5,2.5,\n");
  expect_read_as_xgboost_does(channel, Form::kCsv, true);
}

TEST(XgboostRows, OfLibsvmAreReadAsXgboostReadsThem) {
  Root root;
  const auto channel = root.path() / "train";
  write_file(channel / "a", "9.5 1:2 3:0.25\n-1 2:1e3\n4 1:0\n7 5:1\n");
  expect_read_as_xgboost_does(channel, Form::kLibsvm);
}

TEST(XgboostRows, OfLibsvmWithWeightsAreReadAsXgboostReadsThem) {
  Root root;
  const auto channel = root.path() / "train";
  write_file(channel / "a", "9.5:2 1:2 3:0.25\n-1:0.5 2:1e3\n");
  expect_read_as_xgboost_does(channel, Form::kLibsvm);
}

TEST(XgboostRows, ThatOurPreprocessWritesAreReadByXgboostAsWeMeanThem) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  expect_read_as_xgboost_does(root.folders().channel("train"), Form::kCsv);
}

TEST(XgboostRows, HaveTheSeparatorOfTheFirstLine) {
  for (const char* text : {"1;2;3", "1\t2\t3", "1 2 3", " 1, 2, 3\r\n"}) {
    Rows rows;
    add_csv(rows, text, "body", Lead::kNothing);
    EXPECT_THAT(rows.features.values, ElementsAre(1, 2, 3)) << text;
  }
  Rows missing;
  add_csv(missing, "1\t2\t\n\t\t3\n", "body", Lead::kNothing);
  EXPECT_THAT(missing.features.places, ElementsAre(0, 1, 2));
}

TEST(XgboostRows, OfARequestMayHaveLabelsOrNot) {
  Rows rows;
  add_libsvm(rows, "0:1 2:3\n7 1:2\n7\n", "body", false);
  EXPECT_EQ(rows.count(), 3U);
  EXPECT_EQ(rows.features.columns, 3U);
  EXPECT_TRUE(rows.labels.empty());
}

TEST(XgboostRows, ThatCannotBeReadAreRefusedByFileAndLine) {
  const auto refuses = [](const std::string& text, Form form, const std::string& why) {
    Root root;
    write_file(root.path() / "train" / "part-1", text);
    EXPECT_THAT([&] { read_channel(root.path() / "train", form, false); },
                ThrowsMessage<UserError>(HasSubstr(why)))
        << text;
  };
  refuses("ibu,abv,og\n40,5,1050\n", Form::kCsv, "part-1, line 1: 'ibu' is no number");
  refuses("40,5\n,5\n", Form::kCsv, "line 2: the label is missing");
  refuses("40,5\n40,5,6\n", Form::kCsv, "line 2: 3 fields where 2 are expected");
  refuses("40\n", Form::kCsv, "there is no feature");
  refuses("40,5,1050\n", Form::kLibsvm, "expected LIBSVM");
  refuses("40 5\n", Form::kLibsvm, "'5' is not column:value");
  refuses("40 -1:5\n", Form::kLibsvm, "'-1:5' is not column:value");
  refuses("40 4000000000:5\n", Form::kLibsvm, "is not column:value");
  refuses("\n \n", Form::kCsv, "No data in the channel train");
}

TEST(XgboostRows, OfParquetHaveTheLabelFirst) {
  const Root root;
  const auto file = root.path() / "a.parquet";
  write_parquet(file,
                "SELECT * FROM (VALUES (7::TINYINT, 0.5, NULL, true), (9, 1.5, 2, false)) t(a, b, c, d)");
  Rows rows;
  add_parquet(rows, file);
  EXPECT_THAT(rows.labels, ElementsAre(7, 9));
  EXPECT_EQ(rows.features.columns, 3U);
  EXPECT_THAT(rows.features.values, ElementsAre(0.5, 1, 1.5, 2, 0));
  EXPECT_THAT(rows.features.places, ElementsAre(0, 2, 0, 1, 2));
}

TEST(XgboostRows, OfParquetAreRefusedWithTheNameOfTheFile) {
  const Root root;
  const auto file = root.path() / "a.parquet";
  const auto refusal = [&](const char* sql) -> std::string {
    write_parquet(file, sql);
    try {
      Rows rows;
      add_parquet(rows, file);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("SELECT 1 AS a"), "a.parquet: there is no feature");
  EXPECT_EQ(refusal("SELECT NULL::INTEGER AS a, 2 AS b"), "a.parquet: a label is missing");
  EXPECT_THAT(refusal("SELECT 1 AS a, 'hops' AS b"),
              HasSubstr("Failed to load parquet data with exception: a.parquet"));
  write_file(file, "1,2,3\n");
  Rows rows;
  EXPECT_THROW(add_parquet(rows, file), UserError);
}

TEST(XgboostRows, HaveTheFormOfTheirContentType) {
  EXPECT_EQ(form_of("", Form::kLibsvm), Form::kLibsvm);
  EXPECT_EQ(form_of("text/csv; label_size=1", Form::kLibsvm), Form::kCsv);
  EXPECT_EQ(form_of("CSV", Form::kLibsvm), Form::kCsv);
  EXPECT_EQ(form_of("text/x-libsvm ;charset=utf8", Form::kCsv), Form::kLibsvm);
  EXPECT_THROW(form_of("text/csv;label_size=2", Form::kCsv), UserError);
  EXPECT_EQ(form_of("application/x-parquet", Form::kCsv), Form::kParquet);
  EXPECT_EQ(form_of("parquet", Form::kCsv), Form::kParquet);
  EXPECT_THAT([] { form_of("application/x-recordio-protobuf", Form::kCsv); },
              ThrowsMessage<UserError>(HasSubstr("text/csv, text/libsvm and application/x-parquet")));
}

}  // namespace
}  // namespace pipelines::xgboost
