// One crawl: which objects there are, what they hold, and the tables that makes.
#include "engine/services/glue/crawlers/crawl.h"

#include "engine/services/glue/crawlers/catalog_writer.h"
#include "engine/services/glue/crawlers/glob.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace engine::glue {
namespace {

// A target, and the part of the bucket that it names: a folder, or one object.
struct Place {
  std::string bucket;
  std::string folder;  ///< the key of the folder, with a slash behind it; "" is the bucket
  std::string object;  ///< the key when it is one object
};

// What a name of a file or a folder begins with that no reader of the lake looks at.
bool is_hidden(std::string_view below) {
  for (std::size_t at = 0; at < below.size();) {
    if (below[at] == '_' || below[at] == '.') return true;
    const std::size_t slash = below.find('/', at);
    if (slash == std::string_view::npos) return false;
    at = slash + 1;
  }
  return false;
}

std::string folder_of(std::string_view key) { return std::string(key.substr(0, key.rfind('/') + 1)); }

class Crawl {
 public:
  Crawl(const CrawlTools& tools, const api::Crawler& crawler)
      : tools_(tools),
        crawler_(crawler),
        configuration_(CrawlConfiguration::parse(crawler.Configuration.value_or(""))),
        reader_(tools.classifiers) {}

  CrawlChanges run() {
    if (crawler_.DatabaseName.value_or("").empty()) {
      throw std::runtime_error("The crawler has no DatabaseName to write to");
    }
    const Context& context = tools_.glue.context();
    require("glue:GetDatabase", context.arn("glue", "catalog"));
    require("glue:GetDatabase", context.arn("glue", "database/" + *crawler_.DatabaseName));
    CatalogWriter writer(tools_, crawler_, configuration_);
    std::vector<std::pair<std::string, FoundTable>> tables;  // bucket, table
    for (const auto& target : targets()) {
      for (FoundTable& table : tables_of(target, writer)) {
        tables.emplace_back(s3::parse_s3_uri(*target.Path)->bucket, std::move(table));
      }
    }
    if (configuration_.most_tables != 0 && tables.size() > configuration_.most_tables) {
      throw std::runtime_error(fmt::format(
          "The number of tables detected by crawler: {} is greater than the table threshold value "
          "provided: {}. No tables were written to the Data Catalog.",
          tables.size(), configuration_.most_tables));
    }
    tools_.log("BENCHMARK", fmt::format("Classification complete, writing results to database {}",
                                        *crawler_.DatabaseName));
    for (const auto& [bucket, table] : tables) {
      check_stop();
      writer.write(bucket, table);
    }
    if (!only_new_folders()) writer.remove_lost(folders());
    tools_.log("BENCHMARK", "Finished writing to Catalog");
    return writer.take_changes();
  }

 private:
  std::vector<api::S3Target> targets() const {
    if (!crawler_.Targets || !crawler_.Targets->S3Targets) return {};
    return *crawler_.Targets->S3Targets;
  }

  bool only_new_folders() const {
    return crawler_.RecrawlPolicy &&
           crawler_.RecrawlPolicy->RecrawlBehavior == "CRAWL_NEW_FOLDERS_ONLY";
  }

  void check_stop() const {
    if (tools_.stopped()) throw CrawlStopped{};
  }

  // Throws unless the crawler's role may do that.
  void require(std::string_view action, const std::string& resource) const {
    const Context& context = tools_.glue.context();
    std::string role = crawler_.Role.value_or("");  // an ARN, or what follows "role/" in one
    if (!role.starts_with("arn:")) role = fmt::format("arn:aws:iam::{}:role/{}", context.account, role);
    context.require({role, "glue.amazonaws.com", "AWS-Crawler"}, action, resource);
  }

  Place place_of(const api::S3Target& target) const {
    const auto uri = s3::parse_s3_uri(target.Path.value_or("")).value();
    require("s3:ListBucket", "arn:aws:s3:::" + uri.bucket);
    if (!tools_.s3.has_bucket(uri.bucket)) {
      throw std::runtime_error(fmt::format("The S3 location {} does not exist: there is no bucket "
                                           "{}", *target.Path, uri.bucket));
    }
    Place place{uri.bucket, uri.key, {}};
    if (place.folder.empty() || place.folder.ends_with('/')) return place;
    if (tools_.s3.find_object(uri.bucket, uri.key)) {
      place.object = uri.key;
      place.folder = folder_of(uri.key);
    } else {
      place.folder += '/';
    }
    return place;
  }

  std::set<std::string> folders() const {
    std::set<std::string> uris;
    for (const auto& target : targets()) {
      const Place place = place_of(target);
      uris.insert(fmt::format("s3://{}/{}", place.bucket,
                              place.object.empty() ? place.folder : place.object));
    }
    return uris;
  }

  // The objects of a target that count, at most SampleSize in each folder.
  std::vector<s3::ObjectInfo> objects_of(const api::S3Target& target, const Place& place) const {
    std::vector<s3::ObjectInfo> wanted;
    if (!place.object.empty()) {
      wanted.push_back(tools_.s3.object(place.bucket, place.object));
      return wanted;
    }
    const Globs excluded(target.Exclusions.value_or(std::vector<std::string>{}));
    std::map<std::string, std::int64_t> counts;
    for (s3::ObjectInfo& object : tools_.s3.all_objects(place.bucket, place.folder)) {
      const std::string_view below = std::string_view(object.key).substr(place.folder.size());
      if (below.empty() || below.ends_with('/') || object.size == 0 || is_hidden(below)) continue;
      if (below.ends_with("_$folder$") || excluded.match(below)) continue;
      if (target.SampleSize && ++counts[folder_of(object.key)] > *target.SampleSize) continue;
      wanted.push_back(std::move(object));
    }
    return wanted;
  }

  std::vector<CrawledFile> read(const Place& place, const std::vector<s3::ObjectInfo>& objects) {
    std::vector<CrawledFile> files;
    for (const s3::ObjectInfo& object : objects) {
      check_stop();
      require("s3:GetObject", fmt::format("arn:aws:s3:::{}/{}", place.bucket, object.key));
      try {
        auto schema = std::make_shared<FileSchema>(reader_.read(tools_.s3.path(object), object.size));
        files.push_back({object.key, object.size, std::move(schema)});
      } catch (const std::exception& error) {
        tools_.log("WARN", fmt::format("s3://{}/{} is left out: {}", place.bucket, object.key,
                                       error.what()));
      }
    }
    return files;
  }

  std::vector<FoundTable> tables_of(const api::S3Target& target, CatalogWriter& writer) {
    const Place place = place_of(target);
    auto objects = objects_of(target, place);
    if (only_new_folders()) take_new_partitions(place, objects, writer);
    auto files = read(place, objects);
    std::vector<FoundTable> tables;
    if (!place.object.empty()) {
      for (const CrawledFile& file : files) {
        tables.push_back({.path = file.path, .schema = *file.schema});
        tables.back().totals.add(file);
      }
    } else {
      tables = find_tables(place.folder, files, configuration_.layout);
    }
    if (tables.empty()) {
      tools_.log("WARN", fmt::format("No table was found in {}", *target.Path));
    }
    return tables;
  }

  // Folders that became partitions of known tables need no other look. What is left of `objects` is
  // nothing when no new folder remains, else everything, since the layout depends on it.
  void take_new_partitions(const Place& place, std::vector<s3::ObjectInfo>& objects,
                           CatalogWriter& writer) {
    std::map<std::string, std::vector<s3::ObjectInfo>> by_folder;
    for (const s3::ObjectInfo& object : objects) by_folder[folder_of(object.key)].push_back(object);
    bool others = false;
    for (const auto& [folder, inside] : by_folder) {
      if (writer.knows(place.bucket, folder)) continue;
      const auto files = read(place, inside);
      if (files.empty()) continue;
      others = !writer.add_to_known_table(place.bucket, folder, files) || others;
    }
    if (!others) objects.clear();
  }

  const CrawlTools& tools_;
  const api::Crawler& crawler_;
  CrawlConfiguration configuration_;
  FileReader reader_;
};

}  // namespace

CrawlChanges crawl(const CrawlTools& tools, const api::Crawler& crawler) {
  return Crawl(tools, crawler).run();
}

}  // namespace engine::glue
