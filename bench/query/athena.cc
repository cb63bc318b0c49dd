// StartQueryExecution, GetQueryExecution, GetQueryResults.
#include "bench/query/athena.h"

#include "bench/query/lake.h"

#include <boost/json.hpp>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

namespace json = boost::json;

json::value call(Caller& caller, std::string_view operation, const json::value& input) {
  const auto response = caller.json("athena", "AmazonAthena." + std::string(operation),
                                    http::Body(json::serialize(input)));
  return json::parse(response.body.string());
}

double number(const json::value& statistics, std::string_view name) {
  const json::value* found = statistics.as_object().if_contains(name);
  return found != nullptr ? found->to_number<double>() : 0;
}

json::value start(Caller& caller, std::string_view sql) {
  return call(caller, "StartQueryExecution",
              {{"QueryString", sql},
               {"QueryExecutionContext", {{"Database", kDatabase}}},
               {"ResultConfiguration", {{"OutputLocation", "s3://lake/results/"}}}})
      .at("QueryExecutionId");
}

// Asks at once, then with pauses that grow to 2 ms.
json::value ended(Caller& caller, const json::value& id) {
  for (std::chrono::microseconds pause{500};; pause = std::min(2 * pause, std::chrono::microseconds{2000})) {
    json::value execution =
        call(caller, "GetQueryExecution", {{"QueryExecutionId", id}}).at("QueryExecution");
    const auto& state = execution.at("Status").at("State").as_string();
    if (state == "SUCCEEDED") return execution;
    if (state != "QUEUED" && state != "RUNNING") {
      throw std::runtime_error(
          std::string(execution.at("Status").at("StateChangeReason").as_string()));
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

double stopped(Caller& caller, std::string_view sql) {
  const json::value id = start(caller, sql);
  const auto state = [&] {
    const json::value answer = call(caller, "GetQueryExecution", {{"QueryExecutionId", id}});
    return std::string(answer.at("QueryExecution").at("Status").at("State").as_string());
  };
  while (state() == "QUEUED") {
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto began = std::chrono::steady_clock::now();
  call(caller, "StopQueryExecution", {{"QueryExecutionId", id}});
  for (std::string now = state(); now != "CANCELLED"; now = state()) {
    if (now != "RUNNING") throw std::runtime_error("the query has " + now);
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
      .count();
}

Answer ask(Caller& caller, std::string_view sql) {
  const auto began = std::chrono::steady_clock::now();
  const json::value id = start(caller, sql);
  const json::value execution = ended(caller, id);
  const json::value page = call(caller, "GetQueryResults", {{"QueryExecutionId", id}});
  Answer answer;
  answer.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  for (const json::value& row : page.at("ResultSet").at("Rows").as_array()) {
    std::vector<std::string> values;
    for (const json::value& cell : row.at("Data").as_array()) {
      const json::value* text = cell.as_object().if_contains("VarCharValue");
      values.emplace_back(text != nullptr ? std::string(text->as_string()) : "");
    }
    answer.rows.push_back(std::move(values));
  }
  if (!answer.rows.empty()) answer.rows.erase(answer.rows.begin());
  const json::value& statistics = execution.at("Statistics");
  answer.planning = number(statistics, "QueryPlanningTimeInMillis");
  answer.engine = number(statistics, "EngineExecutionTimeInMillis");
  answer.bytes_scanned = static_cast<std::uint64_t>(number(statistics, "DataScannedInBytes"));
  return answer;
}

}  // namespace bench
