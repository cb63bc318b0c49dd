// What WITH (…) and a table's description say about the files to write.
#pragma once

#include "engine/models/glue.h"
#include "engine/services/athena/lake_writer.h"
#include "engine/services/athena/write_statement.h"

#include <map>
#include <string>
#include <vector>

namespace engine::athena {

struct WriteOptions {
  std::string stored_as = "parquet";  ///< a name of kStorageFormats
  WriteFormat format;
  std::string location;               ///< external_location, "" for none
  std::vector<std::string> partitioned_by;

  /// How Glue describes such a table; columns and location are the caller's.
  glue::api::StorageDescriptor storage() const;
  std::map<std::string, std::string> table_parameters() const;
};

/// Of CREATE TABLE AS. Throws QueryError for what is unknown, and for buckets, Iceberg, ORC, Avro.
WriteOptions table_options(const std::map<std::string, PropertyValue>& properties);

/// Of UNLOAD.
WriteOptions unload_options(const std::map<std::string, PropertyValue>& properties);

/// How the table's files are written by an INSERT. Throws QueryError for ORC, Avro and others.
WriteFormat format_of(const glue::api::Table& table);

}  // namespace engine::athena
