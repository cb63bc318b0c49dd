// architecture/prices.yaml: AWS's list prices.
#include "cli/cost/prices.h"

#include "cli/errors.h"
#include "cli/programs.h"
#include "cli/section.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cli {
namespace {

namespace fs = std::filesystem;
constexpr double kMostUsd = 1e6;
constexpr std::pair<const char*, Price Prices::*> kNames[] = {
    {"kinesis_shard_hour", &Prices::kinesis_shard_hour},
    {"kinesis_put_payload_unit", &Prices::kinesis_put_payload_unit},
    {"kinesis_extended_retention", &Prices::kinesis_extended_retention},
    {"kinesis_long_term_retention", &Prices::kinesis_long_term_retention},
    {"kms_requests", &Prices::kms_requests},
    {"firehose_ingested", &Prices::firehose_ingested},
    {"firehose_converted", &Prices::firehose_converted},
    {"eventbridge_scheduled", &Prices::eventbridge_scheduled},
    {"lambda_requests", &Prices::lambda_requests},
    {"lambda_duration", &Prices::lambda_duration},
    {"s3_storage", &Prices::s3_storage},
    {"s3_put", &Prices::s3_put},
    {"s3_get", &Prices::s3_get},
    {"glue_objects", &Prices::glue_objects},
    {"athena_scanned", &Prices::athena_scanned},
    {"logs_ingested", &Prices::logs_ingested},
    {"alarms", &Prices::alarms},
    {"custom_metrics", &Prices::custom_metrics},
    {"ecr_storage", &Prices::ecr_storage},
    {"sagemaker_volume", &Prices::sagemaker_volume},
};

Price read_price(Section section) {
  Price price{section.number("usd", 0, kMostUsd), section.whole("per", 1), section.text("unit"),
              section.text("as_of"), section.text("page")};
  section.close();
  return price;
}

double usd_of(const std::string& file, const std::string& type, const std::string& text) {
  double usd = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), usd);
  if (failed != std::errc() || end != text.data() + text.size() || !(usd >= 0 && usd <= kMostUsd)) {
    throw UsageError(fmt::format("{}: instances.usd_an_hour.{}: is \"{}\", which is not a price",
                                 file, type, text));
  }
  return usd;
}

void read_instances(Section section, Prices& prices) {
  const std::string as_of = section.text("as_of");
  const std::string page = section.text("page");
  for (const auto& [type, text] : section.texts("usd_an_hour")) {
    prices.instances[type] = {usd_of(prices.file, type, text), 1, "instance-hours", as_of, page};
  }
  section.close();
}

/// A build folder is laid out as an installation: bin/beer, share/mlops-beer/prices.yaml.
std::string find_file() {
  const fs::path prefix = fs::path(programs_folder()).parent_path();
  for (const fs::path& path : {fs::path("architecture") / "prices.yaml",
                               prefix / "share" / "mlops-beer" / "prices.yaml"}) {
    if (fs::exists(path)) return path;
  }
  throw UsageError(
      "there is no architecture/prices.yaml here: go to the project's folder, or name one with "
      "--prices");
}

}  // namespace

const Price& Prices::instance(const std::string& type) const {
  const auto found = instances.find(type);
  if (found != instances.end()) return found->second;
  std::string known;
  for (const auto& [name, price] : instances) known += (known.empty() ? "" : ", ") + name;
  throw UsageError(
      fmt::format("{}: instances.usd_an_hour has no price for {}; it has: {}", file, type, known));
}

Prices parse_prices(const std::string& text, const std::string& file) {
  try {
    Prices prices;
    prices.file = file;
    Section top(file, "", YAML::Load(text));
    prices.region = top.text("region");
    Section list = top.section("prices");
    for (const auto& [name, member] : kNames) prices.*member = read_price(list.section(name));
    list.close();
    read_instances(top.section("instances"), prices);
    top.close();
    return prices;
  } catch (const YAML::ParserException& error) {
    throw UsageError(fmt::format("{}:{}: not YAML: {}", file, error.mark.line + 1, error.msg));
  }
}

Prices read_prices(const std::string& path) {
  const std::string file = path.empty() ? find_file() : path;
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  if (!stream) throw UsageError(fmt::format("{}: can't be read as a price list", file));
  return parse_prices(text, file);
}

}  // namespace cli
