// Grammar of CREATE EXTERNAL TABLE, and back.
#include "engine/services/athena/create_table.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/storage_format.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"

#include <set>

namespace engine::athena {
namespace {

// The escapes of Hive's texts, '\t' and '\001'; a backslash before what needs none is one.
std::string unescape(const std::string& text) {
  constexpr std::string_view kEscapes = "tn\\'\"", kMeant = "\t\n\\'\"";
  const auto octal = [](std::string_view digits) {
    return digits.find_first_not_of("01234567") == std::string_view::npos;
  };
  const auto code = [](const std::string& digits) { return static_cast<char>(std::stoi(digits, nullptr, 8)); };
  if (text.size() > 1 && text.size() <= 4 && text[0] == '\\' && octal(text.substr(1))) return {code(text.substr(1))};
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto escape = i + 1 < text.size() ? kEscapes.find(text[i + 1]) : std::string_view::npos;
    if (text[i] == '\\' && escape != std::string_view::npos) {
      plain += kMeant[escape];
      ++i;
    } else if (text[i] == '\\' && i + 3 < text.size() && octal(text.substr(i + 1, 3))) {
      plain += code(text.substr(i + 1, 3));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

void read_delimited(DdlCursor& cursor, std::map<std::string, std::string>& parameters) {
  for (;;) {
    if (cursor.take("fields terminated by")) {
      const std::string delimiter = unescape(cursor.text());
      parameters["field.delim"] = parameters["serialization.format"] = delimiter;
    } else if (cursor.take("escaped by")) {
      parameters["escape.delim"] = unescape(cursor.text());
    } else if (cursor.take("lines terminated by")) {
      parameters["line.delim"] = unescape(cursor.text());
    } else if (cursor.take("collection items terminated by")) {
      parameters["collection.delim"] = unescape(cursor.text());
    } else if (cursor.take("map keys terminated by")) {
      parameters["mapkey.delim"] = unescape(cursor.text());
    } else if (cursor.take("null defined as")) {
      parameters["serialization.null.format"] = unescape(cursor.text());
    } else {
      return;
    }
  }
}

void read_stored_as(DdlCursor& cursor, glue::api::StorageDescriptor& storage) {
  if (cursor.take("inputformat")) {
    storage.InputFormat = cursor.text();
    cursor.expect("outputformat");
    storage.OutputFormat = cursor.text();
    return;
  }
  const std::string name = cursor.name();
  for (const StorageFormat& format : kStorageFormats) {
    if (format.name != name) continue;
    storage.InputFormat = std::string(format.input);
    storage.OutputFormat = std::string(format.output);
    // A SerDe the statement names itself stays.
    if (!storage.SerdeInfo->SerializationLibrary) {
      storage.SerdeInfo->SerializationLibrary = std::string(format.serde);
    }
    return;
  }
  cursor.fail("PARQUET, TEXTFILE, ORC, AVRO or INPUTFORMAT");
}

void fill_defaults(glue::api::TableInput& input) {
  auto& storage = *input.StorageDescriptor;
  const StorageFormat& text = kStorageFormats[1];
  if (!storage.InputFormat) storage.InputFormat = std::string(text.input);
  if (!storage.OutputFormat) storage.OutputFormat = std::string(text.output);
  if (!storage.SerdeInfo->SerializationLibrary) {
    storage.SerdeInfo->SerializationLibrary = std::string(text.serde);
  }
  if (storage.SerdeInfo->Parameters->empty()) {
    (*storage.SerdeInfo->Parameters)["serialization.format"] = "1";
  }
  (*input.Parameters)["EXTERNAL"] = "TRUE";
}

std::string hive_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string pairs(const std::map<std::string, std::string>& properties) {
  std::string text;
  for (const auto& [key, value] : properties) {
    text += fmt::format("{}  {}={}", text.empty() ? "\n" : ",\n", hive_text(key), hive_text(value));
  }
  return text;
}

std::string column_list(const std::vector<glue::api::Column>& columns) {
  std::string text;
  for (const auto& column : columns) {
    text += fmt::format("{}  `{}` {}", text.empty() ? "\n" : ",\n", column.Name,
                        column.Type.value_or("string"));
    if (column.Comment && !column.Comment->empty())
      text += " COMMENT " + hive_text(*column.Comment);
  }
  return text;
}

void refuse_repeated_names(const glue::api::TableInput& input) {
  std::set<std::string> names;
  for (const auto* columns : {&input.StorageDescriptor->Columns, &input.PartitionKeys}) {
    for (const auto& column : **columns) {
      if (names.insert(column.Name).second) continue;
      throw QueryError(fmt::format(
          "FAILED: SemanticException [Error 10036]: Duplicate column name: {}", column.Name));
    }
  }
}

}  // namespace

glue::api::Column read_column(DdlCursor& cursor) {
  glue::api::Column column;
  column.Name = cursor.name();
  cursor.take(":");
  column.Type = cursor.type();
  if (!sql::parse_hive_type(*column.Type)) {
    throw QueryError(fmt::format("FAILED: ParseException column {} has the unknown type {}",
                                 column.Name, *column.Type));
  }
  if (cursor.take("comment")) column.Comment = unescape(cursor.text());
  return column;
}

std::vector<glue::api::Column> read_columns(DdlCursor& cursor) {
  std::vector<glue::api::Column> columns;
  cursor.expect("(");
  do columns.push_back(read_column(cursor));
  while (cursor.take(","));
  cursor.expect(")");
  return columns;
}

TableDefinition read_create_table(DdlCursor& cursor) {
  TableDefinition table;
  table.if_not_exists = cursor.take("if not exists");
  table.name = cursor.table_name();
  auto& input = table.input;
  input.Name = table.name.table;
  input.TableType = "EXTERNAL_TABLE";
  input.Owner = "hadoop";
  input.Parameters.emplace();
  input.PartitionKeys.emplace();
  auto& storage = input.StorageDescriptor.emplace();
  auto& serde = storage.SerdeInfo.emplace();
  serde.Parameters.emplace();
  storage.Columns = read_columns(cursor);
  while (!cursor.at_end()) {
    if (cursor.take("comment")) {
      input.Description = unescape(cursor.text());
    } else if (cursor.take("partitioned by")) {
      input.PartitionKeys = read_columns(cursor);
    } else if (cursor.take("row format serde")) {
      serde.SerializationLibrary = cursor.text();
    } else if (cursor.take("with serdeproperties")) {
      for (const auto& [key, value] : cursor.properties())
        (*serde.Parameters)[unescape(key)] = unescape(value);
    } else if (cursor.take("row format delimited")) {
      read_delimited(cursor, *serde.Parameters);
    } else if (cursor.take("stored as")) {
      read_stored_as(cursor, storage);
    } else if (cursor.take("location")) {
      storage.Location = cursor.text();
    } else if (cursor.take("tblproperties")) {
      for (const auto& [key, value] : cursor.properties()) (*input.Parameters)[unescape(key)] = unescape(value);
    } else {
      cursor.fail("PARTITIONED BY, ROW FORMAT, STORED AS, LOCATION, TBLPROPERTIES");
    }
  }
  if (!storage.Location || storage.Location->rfind("s3://", 0) != 0) {
    throw QueryError("FAILED: SemanticException an external table needs a LOCATION 's3://…'");
  }
  refuse_repeated_names(input);
  fill_defaults(input);
  return table;
}

std::string create_table_statement(const glue::api::Table& table) {
  const auto storage = table.StorageDescriptor.value_or(glue::api::StorageDescriptor{});
  const auto serde = storage.SerdeInfo.value_or(glue::api::SerDeInfo{});
  std::string text =
      fmt::format("CREATE EXTERNAL TABLE `{}.{}`({})", table.DatabaseName.value_or(""), table.Name,
                  column_list(storage.Columns.value_or(std::vector<glue::api::Column>{})));
  if (table.Description && !table.Description->empty())
    text += "\nCOMMENT " + hive_text(*table.Description);
  if (table.PartitionKeys && !table.PartitionKeys->empty()) {
    text += fmt::format("\nPARTITIONED BY ({})", column_list(*table.PartitionKeys));
  }
  text +=
      fmt::format("\nROW FORMAT SERDE\n  {}", hive_text(serde.SerializationLibrary.value_or("")));
  if (serde.Parameters && !serde.Parameters->empty()) {
    text += fmt::format("\nWITH SERDEPROPERTIES ({})", pairs(*serde.Parameters));
  }
  text += fmt::format("\nSTORED AS INPUTFORMAT\n  {}\nOUTPUTFORMAT\n  {}\nLOCATION\n  {}",
                      hive_text(storage.InputFormat.value_or("")),
                      hive_text(storage.OutputFormat.value_or("")),
                      hive_text(storage.Location.value_or("")));
  if (table.Parameters && !table.Parameters->empty()) {
    text += fmt::format("\nTBLPROPERTIES ({})", pairs(*table.Parameters));
  }
  return text;
}

}  // namespace engine::athena
