// From gathered records to an object's bytes: concatenated, compressed, or converted to Parquet.
#pragma once

#include "engine/services/firehose/buffer.h"
#include "engine/services/firehose/firehose.h"

namespace engine::firehose {

/// An object's body and what did not get into it.
struct Converted {
  http::Body body;            ///< empty when no record got in
  std::uint64_t records = 0;  ///< in the body
  std::vector<Failure> failures;
};

/// The records' bytes one after another, nothing between them, compressed. `name` is the file's
/// inside a ZIP.
http::Body concatenate(const std::vector<Item>& items, Compression compression,
                       std::string_view name);

/// By the settings. Records that don't fit the table's columns come back as failures; that there is
/// no such table is thrown (it may come: the records wait).
Converted convert(const Settings& settings, const std::vector<Item>& items,
                  std::string_view name, const SchemaSource& schemas, const std::string& scratch,
                  Timestamp now);

}  // namespace engine::firehose
