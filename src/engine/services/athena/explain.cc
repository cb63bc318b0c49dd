// DuckDB's errors in the words of Athena: a code, a place, a sentence.
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/sql_text.h"

#include <boost/json.hpp>

#include <optional>

namespace engine::athena {
namespace {

namespace json = boost::json;

struct Details {
  std::string type, message, subtype, name, entry;
  std::optional<std::size_t> position;
};

Details read(const std::string& text) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return {.message = text};
  const auto member = [&](const char* key) {
    const json::value* value = parsed.get_object().if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  Details details{member("exception_type"), member("exception_message"), member("error_subtype"),
                  member("name"), member("type")};
  if (const std::string position = member("position"); !position.empty()) {
    details.position = std::stoull(position);
  }
  return details;
}

// The first line is the message; the others are hints for DuckDB's own users.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string explain(const duck::Error& error, std::string_view sql) {
  const Details details = read(error.what());
  const std::string where = place(sql, details.position.value_or(0));
  const std::string message = first_line(details.message);
  if (details.subtype == "COLUMN_NOT_FOUND") {
    return fmt::format(
        "COLUMN_NOT_FOUND: {}: Column '{}' cannot be resolved or requester is not "
        "authorized to access requested resources",
        where, details.name);
  }
  if (details.type == "Catalog" && details.entry.find("Function") != std::string::npos) {
    return fmt::format("FUNCTION_NOT_FOUND: {}: Function '{}' not registered", where, details.name);
  }
  if (details.type == "Parser" || details.type == "Syntax" || details.type == "Catalog") {
    return fmt::format("SYNTAX_ERROR: {}: {}", where, message);
  }
  if (details.type == "Binder") {
    const bool types =
        message.find("No function matches") == 0 || message.find("Cannot compare") == 0;
    return fmt::format("{}: {}: {}", types ? "TYPE_MISMATCH" : "SYNTAX_ERROR", where, message);
  }
  if (message.find("JSON") != std::string::npos || message.find("CSV") != std::string::npos ||
      details.type == "IO" || message.find("arquet") != std::string::npos) {
    return fmt::format("HIVE_CURSOR_ERROR: {}", message);
  }
  if (details.type == "Conversion") return fmt::format("INVALID_CAST_ARGUMENT: {}", message);
  if (details.type == "Out of Range") return fmt::format("NUMERIC_VALUE_OUT_OF_RANGE: {}", message);
  if (details.type == "Out of Memory") {
    return "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor";
  }
  if (details.type == "Invalid Input") return fmt::format("INVALID_FUNCTION_ARGUMENT: {}", message);
  return fmt::format("GENERIC_INTERNAL_ERROR: {}", message);
}

}  // namespace engine::athena
