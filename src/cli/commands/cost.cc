// `beer cost`: what the system of beer.yaml costs a month on AWS, at list prices. Asks nobody.
#include "cli/commands/commands.h"
#include "cli/cost/estimate.h"
#include "cli/errors.h"
#include "cli/output/table.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cli {
namespace {

namespace json = boost::json;

std::string quantity_text(double quantity) {
  if (quantity >= 100) return grouped(static_cast<std::uint64_t>(std::llround(quantity)));
  return fmt::format("{:.4g}", quantity);
}

std::string usd_text(double usd) { return fmt::format("{:.4f}", usd); }

/// "0.014 per 1,000,000 PUT payload units"
std::string price_text(const Price& price) {
  if (price.usd == 0) return "free";
  std::string usd = fmt::format("{:.10f}", price.usd);  // never in powers of ten
  usd.erase(usd.find_last_not_of('0') + 1);
  if (usd.ends_with('.')) usd.pop_back();
  if (price.per == 1) return usd;
  return fmt::format("{} per {}", usd, grouped(static_cast<std::uint64_t>(price.per)));
}

std::vector<std::string> row(const CostLine& line) {
  return {
      line.service,           line.what,           quantity_text(line.quantity), line.price.unit,
      price_text(line.price), usd_text(line.usd())};
}

/// The oldest and the newest month of the prices in it.
std::pair<std::string, std::string> months(const Estimate& bill) {
  std::string oldest = bill.lines.front().price.as_of;
  std::string newest = oldest;
  for (const auto* lines : {&bill.lines, &bill.if_on}) {
    for (const CostLine& line : *lines) {
      oldest = std::min(oldest, line.price.as_of);
      newest = std::max(newest, line.price.as_of);
    }
  }
  return {oldest, newest};
}

/// One table for both kinds of lines, so that their columns agree.
void print(const Estimate& bill, const Prices& prices) {
  Table table({"service", "what", "quantity", "unit", "USD", "USD a month"});
  for (const CostLine& line : bill.lines) table.add(row(line));
  table.add({"total", "", "", "", "", usd_text(bill.usd())});
  table.add({});
  for (const CostLine& line : bill.if_on) {
    auto cells = row(line);
    cells[1] = "if on: " + cells[1];
    table.add(std::move(cells));
  }
  const auto [oldest, newest] = months(bill);
  fmt::print("{}\nList prices of {}, each known as of a month from {} to {}: see {}.\n",
             table.to_text(), prices.region, oldest, newest, prices.file);
  for (const std::string& sentence : bill.assumptions) fmt::print("{}\n", sentence);
}

json::array to_json(const std::vector<CostLine>& lines) {
  json::array array;
  for (const CostLine& line : lines) {
    array.push_back({{"service", line.service},
                     {"what", line.what},
                     {"quantity", line.quantity},
                     {"unit", line.price.unit},
                     {"usd", line.price.usd},
                     {"per", line.price.per},
                     {"usd_a_month", line.usd()},
                     {"as_of", line.price.as_of},
                     {"page", line.price.page}});
  }
  return array;
}

json::object to_json(const Estimate& bill, const Prices& prices) {
  json::array assumptions;
  for (const std::string& sentence : bill.assumptions) assumptions.emplace_back(sentence);
  return {{"region", prices.region},      {"prices", prices.file},
          {"lines", to_json(bill.lines)}, {"usd_a_month", bill.usd()},
          {"if_on", to_json(bill.if_on)}, {"assumptions", std::move(assumptions)}};
}

/// Keeps what is printed within whole numbers; "nan" is a number to the command line as well.
void check(const char* option, std::optional<double> value) {
  constexpr double kMost = 1e9;
  if (value && !(*value >= 0 && *value <= kMost)) {
    throw UsageError(
        fmt::format("{} is {}: it must be from 0 to a thousand million", option, *value));
  }
}

}  // namespace

int cost(const CostOptions& options) {
  check("--beers-per-run", options.beers_per_run);
  check("--runs-per-month", options.runs_per_month);
  check("--trainings-per-month", options.trainings_per_month);
  check("--queries-per-month", options.queries_per_month);
  const Spec spec = read_spec(options.spec);
  const Prices prices = read_prices(options.prices);
  Usage usage = usage_of(spec, options.runs_per_month, options.trainings_per_month);
  usage.beers_per_run = options.beers_per_run;
  usage.queries_per_month = options.queries_per_month;
  const Estimate bill = estimate(spec, prices, usage);
  if (options.json) {
    fmt::print("{}\n", json::serialize(to_json(bill, prices)));
  } else {
    print(bill, prices);
  }
  return kOk;
}

}  // namespace cli
