// SQL through Athena.
#include "cli/calls/athena.h"

#include "cli/calls/json.h"

#include <fmt/format.h>

#include <charconv>
#include <thread>

namespace cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirstPause{5}, kLongestPause{1'000};

// Ctrl-C is answered within this while a query runs.
constexpr milliseconds kLongestWatchedPause{100};

[[noreturn]] void stop(Session& session, const json::object& id) {
  session.aws().json("athena", "AmazonAthena.StopQueryExecution", id);
  throw QueryStopped();
}

json::value wait_for(Session& session, const json::object& id, const Pause& watched) {
  const milliseconds longest = watched ? kLongestWatchedPause : kLongestPause;
  for (milliseconds pause = kFirstPause;; pause = std::min(pause * 2, longest)) {
    json::value answer = session.aws().json("athena", "AmazonAthena.GetQueryExecution", id);
    const std::string state = text(answer, "QueryExecution.Status.State");
    if (state == "SUCCEEDED") return answer;
    if (state == "FAILED" || state == "CANCELLED") {
      throw std::runtime_error(fmt::format(
          "the query {}: {}", state == "FAILED" ? "failed" : "was cancelled",
          text(answer, "QueryExecution.Status.StateChangeReason", "no reason was given")));
    }
    if (!watched) {
      std::this_thread::sleep_for(pause);
    } else if (watched(pause)) {
      stop(session, id);
    }
  }
}

void read_columns(const json::value& page, QueryResult& result) {
  for (const json::value& column : list(page, "ResultSet.ResultSetMetadata.ColumnInfo")) {
    result.names.push_back(text(column, "Label", text(column, "Name")));
    result.types.push_back(text(column, "Type"));
  }
}

void read_rows(const json::value& page, bool skip_first, QueryResult& result) {
  for (const json::value& row : list(page, "ResultSet.Rows")) {
    if (std::exchange(skip_first, false)) continue;
    auto& cells = result.rows.emplace_back();
    for (const json::value& cell : list(row, "Data")) {
      const json::value* const value = find(cell, "VarCharValue");
      cells.push_back(value == nullptr ? std::nullopt : std::optional(text(cell, "VarCharValue")));
    }
    cells.resize(result.names.size());
  }
}

/// NaN and Infinity aren't JSON and stay texts, as decimals do, which a double would round.
json::value typed(const std::string& cell, const std::string& type) {
  if (type == "boolean") return cell == "true";
  const char* const end = cell.data() + cell.size();
  if (type == "bigint" || type == "integer" || type == "smallint" || type == "tinyint") {
    std::int64_t whole = 0;
    if (std::from_chars(cell.data(), end, whole).ptr == end) return whole;
  }
  if (type == "double" || type == "float" || type == "real") {
    double real = 0;
    const bool finite = cell.find_first_of("nN") == std::string::npos;
    if (finite && std::from_chars(cell.data(), end, real).ptr == end) return real;
  }
  return json::value(cell);
}

}  // namespace

json::value QueryResult::to_json() const {
  json::array all;
  for (const auto& row : rows) {
    json::object one;
    for (std::size_t i = 0; i < names.size(); ++i) {
      one[names[i]] = row[i] ? typed(*row[i], types[i]) : json::value(nullptr);
    }
    all.push_back(std::move(one));
  }
  return all;
}

Table QueryResult::to_table(std::string_view null) const {
  Table table(names);
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    cells.reserve(row.size());
    for (const auto& cell : row) cells.push_back(cell ? *cell : std::string(null));
    table.add(std::move(cells));
  }
  return table;
}

Table QueryResult::to_typed_table() const {
  Table table = to_table("NULL");
  table.set_types(types);
  return table;
}

QueryResult run_query(Session& session, const std::string& sql, const Pause& pause) {
  const Spec& spec = session.spec();
  const json::value started = session.aws().json(
      "athena", "AmazonAthena.StartQueryExecution",
      json::object{{"QueryString", sql},
                   {"WorkGroup", spec.queries.workgroup},
                   {"QueryExecutionContext", {{"Database", spec.table.database}}}});
  json::object id{{"QueryExecutionId", text(started, "QueryExecutionId")}};
  const json::value execution = wait_for(session, id, pause);
  QueryResult result;
  result.scanned_bytes =
      static_cast<std::uint64_t>(number(execution, "QueryExecution.Statistics.DataScannedInBytes"));
  // Only the first page of a SELECT repeats the names as its first row.
  bool names_first = text(execution, "QueryExecution.StatementType") == "DML";
  for (std::string token = "first"; !token.empty();) {
    if (pause && pause(milliseconds(0))) throw QueryStopped();
    const json::value page = session.aws().json("athena", "AmazonAthena.GetQueryResults", id);
    if (result.names.empty()) read_columns(page, result);
    read_rows(page, std::exchange(names_first, false), result);
    token = text(page, "NextToken");
    id["NextToken"] = token;
  }
  return result;
}

}  // namespace cli
