// Findings counted by DuckDB, told by the rules' own words.
#include "pipelines/report/quality_table.h"

#include "beer/quality.h"
#include "lib/duckdb/database.h"
#include "pipelines/files.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace pipelines {
namespace {

/// The latest row of each beer.
std::string latest(const std::vector<std::filesystem::path>& files) {
  std::string list;
  for (const auto& file : files) list += duck::quote_text(file.string()) + ",";
  list.pop_back();
  return "(SELECT id, arg_max(label, arrived_at) AS label, arg_max(findings, arrived_at) AS "
         "findings "
         "FROM read_parquet([" +
         list + "], union_by_name = true, hive_partitioning = false) GROUP BY id)";
}

/// A bar would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '|') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

std::map<std::string, std::size_t> counts(duck::Connection& connection, const std::string& sql) {
  std::map<std::string, std::size_t> result;
  duck::Statement statement = connection.prepare(sql);
  duck::Result rows = statement.stream();
  while (rows.next()) {
    if (rows[0].is_null()) continue;
    result[std::string(rows[0].bytes())] = static_cast<std::size_t>(rows[1].integer());
  }
  return result;
}

}  // namespace

QualityCounts quality_counts(const std::filesystem::path& folder) {
  QualityCounts result;
  if (!std::filesystem::exists(folder)) return result;
  const auto real = std::filesystem::canonical(folder);
  auto files = files_below(real);
  std::erase_if(files, [](const auto& file) { return file.extension() != ".parquet"; });
  if (files.empty()) return result;
  duck::Database database({.allowed_directories = {real.string()}});
  duck::Connection connection(database);
  const std::string beers = latest(files);
  result.labels = counts(
      connection, "SELECT label, CAST(count(*) AS BIGINT) FROM " + beers + " GROUP BY label");
  result.findings = counts(connection,
                           "SELECT finding, CAST(count(*) AS BIGINT) FROM (SELECT "
                           "unnest(string_split(findings, ',')) AS finding FROM " +
                               beers + ") WHERE finding <> '' GROUP BY finding");
  for (const auto& [label, count] : result.labels) result.beers += count;
  return result;
}

std::string quality_table(const QualityCounts& counts) {
  std::string text = fmt::format("{} beers:", counts.beers);
  for (const auto& [label, count] : counts.labels) text += fmt::format(" {} {}", count, label);
  text += "\n\n| rule | checks | does | why | beers |\n|---|---|---|---|---|\n";
  for (const beer::Rule& rule : beer::rules()) {
    const auto found = counts.findings.find(std::string(rule.name));
    text += fmt::format("| {} | {} | {} | {} | {} |\n", rule.name, cell(rule.checks),
                        beer::to_string(rule.action), cell(rule.reason),
                        found == counts.findings.end() ? 0 : found->second);
  }
  return text;
}

}  // namespace pipelines
