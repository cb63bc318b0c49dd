// Footers are read many with one statement; of those whose rows are the same, one is bound to learn
// DuckDB's types.
#include "engine/services/athena/parquet_footers.h"

#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::athena {
namespace {

std::string key_of(const LakeFile& file) { return file.path + '\n' + file.etag; }

std::string list_of(const std::vector<const LakeFile*>& files) {
  std::string list;
  for (const LakeFile* file : files) {
    list += (list.empty() ? "[" : ", ") + duck::quote_text(file->path);
  }
  return list + ']';
}

// What tells two schemas apart, and the primitive types of the columns that aren't nested.
struct Footer {
  std::string print;
  std::vector<std::string> primitives;
};

std::map<std::string, Footer> read_footers(duck::Connection& session,
                                           const std::vector<const LakeFile*>& files) {
  std::map<std::string, Footer> footers;
  duck::Result rows = session.query(fmt::format(
      "SELECT file_name, name, type, num_children, concat_ws('|', name, type, repetition_type, "
      "num_children, converted_type, scale, precision, logical_type) FROM parquet_schema({})",
      list_of(files)));
  std::map<std::string, std::vector<std::int64_t>> open;  // children still to come, per level
  while (rows.next()) {
    const std::string path = rows[0].text();
    Footer& footer = footers[path];
    std::vector<std::int64_t>& levels = open[path];
    footer.print += rows[4].text() + '\n';
    const std::int64_t children = rows[3].is_null() ? 0 : rows[3].integer();
    if (levels.empty()) {  // the root
      levels.push_back(children);
      continue;
    }
    if (levels.size() == 1) footer.primitives.push_back(children > 0 ? "group" : rows[2].text());
    --levels.back();
    if (children > 0) levels.push_back(children);
    while (levels.size() > 1 && levels.back() == 0) levels.pop_back();
  }
  return footers;
}

std::shared_ptr<const ParquetSchema> read_schema(duck::Connection& session, const LakeFile& file,
                                                 const Footer& footer) {
  auto schema = std::make_shared<ParquetSchema>();
  const auto columns =
      session
          .query(fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false) LIMIT 0",
                             duck::quote_text(file.path)))
          .columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    schema->columns.push_back({columns[i].name, columns[i].type,
                               i < footer.primitives.size() ? footer.primitives[i] : "group"});
  }
  schema->print = footer.print;
  return schema;
}

// Which one of them is at fault.
[[noreturn]] void fail(duck::Connection& session, const std::vector<const LakeFile*>& files,
                       const duck::Error& all) {
  for (const LakeFile* file : files) {
    try {
      read_footers(session, {file});
    } catch (const duck::Error&) {
      throw QueryError(fmt::format(
          "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {0} (offset=0, length={1}): {0} is not a "
          "valid Parquet File",
          file->uri, file->size));
    }
  }
  throw all;
}

}  // namespace

const ParquetColumn* ParquetSchema::find(std::string_view lower_name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const ParquetColumn& column) {
    return base::iequals(column.name, lower_name);
  });
  return found == columns.end() ? nullptr : &*found;
}

void ParquetFooters::remember(const LakeFile& file, Shared schema) {
  const auto [place, added] = known_.emplace(key_of(file), std::move(schema));
  if (!added) return;
  order_.push_back(place->first);
  if (known_.size() <= kMost) return;
  known_.erase(order_.front());
  order_.pop_front();
}

ParquetFooters::Schemas ParquetFooters::schemas(duck::Connection& session,
                                                const std::vector<const LakeFile*>& files) {
  Schemas schemas(files.size());
  std::vector<const LakeFile*> unknown;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto found = known_.find(key_of(*files[i]));
      if (found != known_.end()) {
        schemas[i] = found->second;
      } else {
        unknown.push_back(files[i]);
      }
    }
  }
  if (unknown.empty()) return schemas;
  std::map<std::string, Shared> by_print, by_path;
  try {
    const auto footers = read_footers(session, unknown);
    for (const LakeFile* file : unknown) {
      const auto footer = footers.find(file->path);
      if (footer == footers.end()) throw duck::Error("a footer is missing");
      Shared& schema = by_print[footer->second.print];
      if (!schema) schema = read_schema(session, *file, footer->second);
      by_path[file->path] = schema;
    }
  } catch (const duck::Error& error) {
    if (error.interrupted()) throw;
    fail(session, unknown, error);
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (schemas[i]) continue;
    schemas[i] = by_path.at(files[i]->path);
    remember(*files[i], schemas[i]);
  }
  return schemas;
}

}  // namespace engine::athena
