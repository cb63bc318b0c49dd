// One crawl: from the objects of S3 to the tables of the catalog.
#pragma once

#include "engine/services/glue/crawlers/layout.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// What a crawl has changed: names of tables, and of partitions as "table [a, b]".
struct CrawlChanges {
  std::vector<std::string> tables_created, tables_updated, tables_deleted;
  std::vector<std::string> partitions_created, partitions_updated, partitions_deleted;
};

/// What a crawl is given beside the crawler.
struct CrawlTools {
  Glue& glue;
  const s3::S3& s3;
  std::vector<api::CsvClassifier> classifiers;
  std::string crawl_id;
  std::function<bool()> stopped;  ///< asked between files
  std::function<void(std::string_view level, std::string_view line)> log;  ///< to CloudWatch Logs
};

/// The crawl was asked to stop.
struct CrawlStopped {};

/// A crawler's Configuration, read.
struct CrawlConfiguration {
  LayoutOptions layout;
  std::size_t most_tables = 0;       ///< TableThreshold; 0 for no limit
  bool merge_new_columns = false;    ///< Tables.AddOrUpdateBehavior MergeNewColumns
  bool inherit_from_table = false;   ///< Partitions.AddOrUpdateBehavior InheritFromTable

  /// Throws AwsError InvalidInputException for what isn't a configuration.
  static CrawlConfiguration parse(std::string_view text);
};

/// Reads every S3 target of `crawler` and writes what it finds to its database. A file that can't be
/// read or has no known format is left out with a line of the log; no file is read further than a
/// bounded sample. Throws AwsError or std::runtime_error when the whole crawl fails, CrawlStopped.
CrawlChanges crawl(const CrawlTools& tools, const api::Crawler& crawler);

/// Refuses targets, classifiers and policies that a crawl here can't serve: InvalidInputException.
void check_crawler(const api::Crawler& crawler);

}  // namespace engine::glue
