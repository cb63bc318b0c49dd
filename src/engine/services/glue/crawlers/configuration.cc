// What a crawler is told: its Configuration, and what of its members can't be served.
#include "engine/protocol/json.h"
#include "engine/services/glue/crawlers/crawl.h"
#include "engine/services/glue/crawlers/glob.h"
#include "engine/services/glue/errors.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace engine::glue {
namespace {

namespace json = boost::json;

const json::value* find(const json::value& value, std::initializer_list<const char*> path) {
  const json::value* at = &value;
  for (const char* name : path) {
    at = at->is_object() ? at->get_object().if_contains(name) : nullptr;
    if (!at) return nullptr;
  }
  return at;
}

int number(const json::value& root, std::initializer_list<const char*> path, const char* name) {
  const json::value* value = find(root, path);
  if (!value) return 0;
  boost::system::error_code error;
  const int number = value->to_number<int>(error);
  if (error || number < 1) {
    throw invalid_input(fmt::format("Configuration: {} must be a positive number", name));
  }
  return number;
}

bool says(const json::value& root, std::initializer_list<const char*> path, const char* word) {
  const json::value* value = find(root, path);
  return value && value->is_string() && value->get_string() == word;
}

template <class T>
bool any(const std::optional<std::vector<T>>& list) {
  return list && !list->empty();
}

void check_targets(const api::CrawlerTargets& targets) {
  // Deviation: a crawler reads S3 only.
  const char* other = any(targets.CatalogTargets)    ? "CatalogTargets"
                      : any(targets.JdbcTargets)     ? "JdbcTargets"
                      : any(targets.MongoDBTargets)  ? "MongoDBTargets"
                      : any(targets.DynamoDBTargets) ? "DynamoDBTargets"
                      : any(targets.DeltaTargets)    ? "DeltaTargets"
                      : any(targets.IcebergTargets)  ? "IcebergTargets"
                      : any(targets.HudiTargets)     ? "HudiTargets"
                                                     : nullptr;
  if (other) {
    throw invalid_input(fmt::format("{} are not supported: a crawler reads S3Targets", other));
  }
  for (const auto& target : targets.S3Targets.value_or(std::vector<api::S3Target>{})) {
    if (!s3::parse_s3_uri(target.Path.value_or(""))) {
      throw invalid_input(
          fmt::format("The path '{}' is not of the form s3://bucket/prefix", target.Path.value_or("")));
    }
    if (target.SampleSize && (*target.SampleSize < 1 || *target.SampleSize > 249)) {
      throw invalid_input("SampleSize must be between 1 and 249");
    }
    try {
      Globs check(target.Exclusions.value_or(std::vector<std::string>{}));
    } catch (const std::invalid_argument& error) {
      throw invalid_input(fmt::format("Exclusions: {}", error.what()));
    }
  }
}

}  // namespace

CrawlConfiguration CrawlConfiguration::parse(std::string_view text) {
  CrawlConfiguration configuration;
  if (text.empty()) return configuration;
  boost::system::error_code error;
  const json::value root = json::parse(text, error);
  if (error || !root.is_object()) throw invalid_input("Configuration is not a JSON object");
  if (const auto* version = find(root, {"Version"})) {
    const bool known = (version->is_double() && version->get_double() == 1.0) ||
                       (version->is_int64() && version->get_int64() == 1);
    if (!known) throw invalid_input("Configuration: the only Version is 1.0");
  }
  configuration.layout.combine =
      says(root, {"Grouping", "TableGroupingPolicy"}, "CombineCompatibleSchemas");
  configuration.layout.table_level =
      number(root, {"Grouping", "TableLevelConfiguration"}, "TableLevelConfiguration");
  configuration.most_tables = static_cast<std::size_t>(
      number(root, {"CrawlerOutput", "Tables", "TableThreshold"}, "TableThreshold"));
  configuration.merge_new_columns =
      says(root, {"CrawlerOutput", "Tables", "AddOrUpdateBehavior"}, "MergeNewColumns");
  configuration.inherit_from_table =
      says(root, {"CrawlerOutput", "Partitions", "AddOrUpdateBehavior"}, "InheritFromTable");
  return configuration;
}

void check_crawler(const api::Crawler& crawler) {
  if (!crawler.Targets || to_json(*crawler.Targets) == "{}") {
    throw invalid_input("A crawler needs at least one target.");
  }
  check_targets(*crawler.Targets);
  CrawlConfiguration::parse(crawler.Configuration.value_or(""));
  const std::string recrawl =
      crawler.RecrawlPolicy ? crawler.RecrawlPolicy->RecrawlBehavior.value_or("") : "";
  // Deviation: there are no queues that could tell of new objects.
  if (recrawl == "CRAWL_EVENT_MODE") throw invalid_input("CRAWL_EVENT_MODE is not supported");
  const auto& policy = crawler.SchemaChangePolicy;
  if (recrawl == "CRAWL_NEW_FOLDERS_ONLY" &&
      (!policy || policy->UpdateBehavior != "LOG" || policy->DeleteBehavior != "LOG")) {
    throw invalid_input(
        "The SchemaChangePolicy for a crawler with CRAWL_NEW_FOLDERS_ONLY must be LOG for both "
        "UpdateBehavior and DeleteBehavior");
  }
}

}  // namespace engine::glue
