// Names of formats and compressions, each understood or refused.
#include "engine/services/athena/write_format.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/storage_format.h"
#include "lib/base/encoding.h"

namespace engine::athena {
namespace {

using Kind = WriteFormat::Kind;
using Properties = std::map<std::string, PropertyValue>;

QueryError unsupported_format(std::string_view name) {
  return QueryError(fmt::format(
      "NOT_SUPPORTED: the format {} can't be written here; PARQUET, JSON and TEXTFILE can", name));
}

std::string one(const std::string& name, const PropertyValue& value) {
  if (value.is_list)
    throw QueryError(fmt::format("INVALID_PROPERTY: {} takes one value, not an array", name));
  return value.texts.front();
}

std::string compression_of(std::string name, const WriteFormat& format) {
  name = base::to_lower(name);
  if (name == "uncompressed") name = "none";
  if (!format.takes(name)) {
    throw QueryError(
        fmt::format("NOT_SUPPORTED: the compression {} can't be written in this format", name));
  }
  return name;
}

void read_format(std::string name, WriteOptions& options) {
  name = base::to_lower(name);
  options.stored_as = name;
  if (name == "parquet") {
    options.format.kind = Kind::kParquet;
  } else if (name == "json") {
    options.format.kind = Kind::kJson;
  } else if (name == "textfile") {
    options.format.kind = Kind::kText;
  } else {
    throw unsupported_format(name);
  }
}

std::string delimiter_of(const std::string& text) {
  const std::string delimiter = text == "\\t" ? "\t" : text == "\\001" ? "\x01" : text;
  if (delimiter.size() != 1)
    throw QueryError("INVALID_PROPERTY: field_delimiter is one character");
  return delimiter;
}

// The properties both statements have; those taken are removed.
WriteOptions common_options(Properties& properties) {
  WriteOptions options;
  const auto take = [&](const char* name, auto&& use) {
    const auto found = properties.find(name);
    if (found == properties.end()) return;
    use(one(name, found->second));
    properties.erase(found);
  };
  take("format", [&](const std::string& text) { read_format(text, options); });
  for (const char* name : {"write_compression", "compression", "parquet_compression"}) {
    take(name, [&](const std::string& text) {
      options.format.compression = compression_of(text, options.format);
    });
  }
  take("field_delimiter",
       [&](const std::string& text) { options.format.delimiter = delimiter_of(text); });
  take("compression_level", [](const std::string&) {});
  if (const auto keys = properties.find("partitioned_by"); keys != properties.end()) {
    for (const std::string& key : keys->second.texts)
      options.partitioned_by.push_back(base::to_lower(key));
    properties.erase(keys);
  }
  return options;
}

void refuse_others(const Properties& properties) {
  if (properties.empty()) return;
  throw QueryError(fmt::format("INVALID_TABLE_PROPERTY: line 1:1: table property '{}' does not exist",
                               properties.begin()->first));
}

std::string serde_parameter(const glue::api::Table& table, const std::string& name,
                            const std::string& otherwise) {
  const auto& serde = table.StorageDescriptor->SerdeInfo;
  if (!serde || !serde->Parameters) return otherwise;
  const auto found = serde->Parameters->find(name);
  return found == serde->Parameters->end() ? otherwise : found->second;
}

void read_text_format(const glue::api::Table& table, WriteFormat& format) {
  format.delimiter = serde_parameter(
      table, "field.delim", serde_parameter(table, "serialization.format", "\x01"));
  if (format.delimiter == "1") format.delimiter = "\x01";
  format.escape = serde_parameter(table, "escape.delim", "");
  format.null_text = serde_parameter(table, "serialization.null.format", "\\N");
}

// The OpenX SerDe's other names of columns.
void read_json_keys(const glue::api::Table& table, WriteFormat& format) {
  constexpr std::string_view kMapping = "mapping.";
  const auto& serde = table.StorageDescriptor->SerdeInfo;
  if (!serde || !serde->Parameters) return;
  for (const auto& [name, value] : *serde->Parameters) {
    if (name.starts_with(kMapping)) format.json_keys[name.substr(kMapping.size())] = value;
  }
}

}  // namespace

glue::api::StorageDescriptor WriteOptions::storage() const {
  glue::api::StorageDescriptor storage;
  for (const StorageFormat& known : kStorageFormats) {
    if (known.name != stored_as) continue;
    storage.InputFormat = std::string(known.input);
    storage.OutputFormat = std::string(known.output);
    storage.SerdeInfo =
        glue::api::SerDeInfo{.SerializationLibrary = std::string(known.serde),
                             .Parameters = std::map<std::string, std::string>{}};
  }
  auto& parameters = *storage.SerdeInfo->Parameters;
  parameters["serialization.format"] = format.kind == Kind::kText ? format.delimiter : "1";
  if (format.kind == Kind::kText) parameters["field.delim"] = format.delimiter;
  return storage;
}

std::map<std::string, std::string> WriteOptions::table_parameters() const {
  std::map<std::string, std::string> parameters = {{"EXTERNAL", "TRUE"},
                                                   {"has_encrypted_data", "false"}};
  const std::string name = format.compression;
  if (format.kind == Kind::kParquet) {
    parameters["parquet.compression"] = name == "none" ? "UNCOMPRESSED" : capitals(name);
  } else {
    parameters["write.compression"] = capitals(name);
  }
  return parameters;
}

WriteOptions table_options(const Properties& given) {
  Properties properties = given;
  for (const char* name : {"bucketed_by", "bucket_count"}) {
    if (properties.count(name)) {
      throw QueryError(
          "NOT_SUPPORTED: tables with buckets (bucketed_by, bucket_count) can't be created here; "
          "leave them out, or part the table with partitioned_by");
    }
  }
  if (properties.count("table_type") &&
      !base::iequals(one("table_type", properties["table_type"]), "hive")) {
    throw QueryError("NOT_SUPPORTED: only tables of the type HIVE can be created here");
  }
  for (const char* name : {"table_type", "is_external"}) properties.erase(name);
  std::string location;
  if (properties.count("external_location")) {
    location = one("external_location", properties["external_location"]);
    properties.erase("external_location");
  }
  WriteOptions options = common_options(properties);
  options.location = std::move(location);
  refuse_others(properties);
  return options;
}

WriteOptions unload_options(const Properties& given) {
  Properties properties = given;
  WriteOptions options = common_options(properties);
  refuse_others(properties);
  return options;
}

WriteFormat format_of(const glue::api::Table& table) {
  WriteFormat format;
  const auto& serde = table.StorageDescriptor->SerdeInfo;
  std::string library = base::to_lower(serde ? serde->SerializationLibrary.value_or("") : "");
  if (library.empty()) library = base::to_lower(parameter(table, "classification"));
  const auto says = [&](std::string_view word) { return library.find(word) != std::string::npos; };
  if (says("parquet")) {
    format.kind = Kind::kParquet;
  } else if (says("json")) {
    format.kind = Kind::kJson;
    read_json_keys(table, format);
  } else if (says("opencsv")) {
    format.kind = Kind::kQuotedText;
    format.delimiter = serde_parameter(table, "separatorChar", ",");
  } else if (says("lazysimple") || says("csv") || library.empty()) {
    format.kind = Kind::kText;
    read_text_format(table, format);
  } else {
    throw unsupported_format(library);
  }
  for (const char* name : {"parquet.compression", "parquet.compress", "write.compression"}) {
    const std::string compression = parameter(table, name);
    if (!compression.empty()) format.compression = compression_of(compression, format);
  }
  return format;
}

}  // namespace engine::athena
