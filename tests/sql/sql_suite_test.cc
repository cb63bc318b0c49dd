// Runs the statements of tests/sql/*.test against Athena in this process, over a lake in a
// temporary folder, and compares columns' types and rows, or the error.
//
// A .test file is a list of blocks with empty lines between them; # begins a line of comment.
//
//   file s3://lake/a/b.json        the lines below are that object's
//   {"id": 1}
//
//   setup                          a statement that must succeed
//   CREATE EXTERNAL TABLE …
//
//   query integer varchar          a statement, the types of its columns,
//   SELECT 1, 'a'                  and its rows behind ----, values between | signs,
//   ----                           NULL for NULL, (empty) for a row that is one empty text
//   1|a
//
//   error                          a statement, and how the reason of its failure begins
//   SELECT x FROM t
//   ----
//   COLUMN_NOT_FOUND: line 1:8
//
// "query sorted …" compares the rows in any order. What is expected is what Trino's and Athena's
// documentation says.
#include "engine/services/athena/errors.h"
#include "engine/services/athena/run_query.h"
#include "engine/services/athena/sessions.h"
#include "lib/base/encoding.h"
#include "lib/base/ids.h"
#include "test_places.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace engine::athena {
namespace {

struct Block {
  std::string kind;
  std::vector<std::string> words;  // behind the kind
  std::string statement;
  std::vector<std::string> expected;
  int line = 0;
};

std::vector<Block> read_blocks(const std::filesystem::path& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  std::string line;
  bool inside = false, answers = false;
  for (int number = 1; std::getline(file, line); ++number) {
    if (!inside && line.starts_with("#")) continue;
    if (line.empty()) {
      inside = answers = false;
    } else if (!inside) {
      std::istringstream words(line);
      Block& block = blocks.emplace_back();
      block.line = number;
      words >> block.kind;
      for (std::string word; words >> word;) block.words.push_back(word);
      inside = true;
    } else if (line == "----") {
      answers = true;
    } else if (answers) {
      blocks.back().expected.push_back(line);
    } else {
      blocks.back().statement += (blocks.back().statement.empty() ? "" : "\n") + line;
    }
  }
  return blocks;
}

class Lake {
 public:
  Lake() {
    s3_.create_bucket("lake");
    glue_.create_database({.Name = "beers"});
  }
  ~Lake() { std::filesystem::remove_all(folder_); }

  void put(const std::string& uri, const std::string& text) {
    const auto place = s3::parse_s3_uri(uri).value();
    s3_.put_object(place.bucket, place.key, http::Body(text));
  }
  QueryOutput run(const std::string& sql) {
    Cancellation cancellation;
    QueryOutput output = run_query(glue_, s3_,
                                   {.sessions = sessions_,
                                    .sql = sql,
                                    .database = "beers",
                                    .scratch = folder_ + "/scratch"},
                                   cancellation);
    const auto commit = [&](storage::Batch batch) {
      s3_.put_objects(std::move(output.change.objects), std::move(batch));
    };
    if (output.change.apply) {
      output.change.apply(commit);
    } else {
      commit({});
    }
    return output;
  }

 private:
  std::string folder_ = std::filesystem::temp_directory_path() / ("sql_" + base::Ids().hex(12));
  Sessions sessions_{folder_ + "/scratch"};
  storage::Catalog catalog_{(std::filesystem::create_directories(folder_ + "/scratch"), folder_)};
  storage::ObjectStore objects_{catalog_, folder_ + "/buckets", folder_ + "/objects"};
  base::ManualClock clock_;
  base::Ids ids_{7};
  Context context_{catalog_, clock_, ids_, "123456789012", "us-east-1", folder_};
  s3::S3 s3_{context_, objects_};
  glue::Glue glue_{context_};
};

std::string joined(const ResultRow& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) text += (i ? "|" : "") + row[i].value_or("NULL");
  return text.empty() ? "(empty)" : text;
}

// The reason why a block is not as expected, "" when it is.
std::string check(Lake& lake, const Block& block) {
  if (block.kind == "file") {
    lake.put(block.words.at(0), block.statement + "\n");
    return "";
  }
  try {
    const QueryOutput output = lake.run(block.statement);
    if (block.kind == "setup") return "";
    if (block.kind == "error") return "it succeeds";
    std::string types, wanted_types;
    for (const auto& column : output.columns) types += column.Type + " ";
    std::vector<std::string> rows, wanted = block.expected;
    std::size_t first = 0;
    const bool sorted = !block.words.empty() && block.words[0] == "sorted";
    for (std::size_t i = sorted ? 1 : 0; i < block.words.size(); ++i) {
      wanted_types += block.words[i] + " ";
    }
    const std::string text = output.file.string();
    for (const ResultRow& row : output.form == ResultForm::kCsv ? read_csv(text, 0, 10000).rows : read_lines(text, 10000).rows) {
      if (first++ == 0 && output.form == ResultForm::kCsv) continue;
      rows.push_back(joined(row));
    }
    if (sorted) {
      std::sort(rows.begin(), rows.end());
      std::sort(wanted.begin(), wanted.end());
    }
    std::string problem;
    if (rows != wanted) {
      for (const std::string& row : rows) problem += "\n    gives " + row;
    }
    if (types != wanted_types) problem += "\n    types " + types;
    return problem;
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    if (block.kind != "error") return reason;
    const std::string wanted = block.expected.empty() ? "?" : block.expected[0];
    return reason.starts_with(wanted) ? "" : "fails with " + reason;
  }
}

class SqlSuite : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(SqlSuite, GivesWhatIsWritten) {
  Lake lake;
  int statements = 0;
  for (const Block& block : read_blocks(GetParam())) {
    statements += block.kind == "query" || block.kind == "error";
    const std::string problem = check(lake, block);
    EXPECT_TRUE(problem.empty()) << GetParam().filename().string() << ":" << block.line << ": "
                                 << block.statement << "\n  " << problem;
  }
  EXPECT_GT(statements, 0);
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(BEER_SOURCE_DIR "/tests/sql")) {
    if (entry.path().extension() == ".test") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

INSTANTIATE_TEST_SUITE_P(Files, SqlSuite, ::testing::ValuesIn(files()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace engine::athena
