// DuckDB's errors in the words of Athena: a code, a place, a sentence.
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/functions.h"
#include "engine/services/athena/sql_text.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

namespace engine::athena {
namespace {

namespace json = boost::json;

struct Details {
  std::string type, message, subtype, name, entry, candidates;
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
                  member("name"), member("type"), member("candidates")};
  if (const std::string position = member("position"); !position.empty()) {
    details.position = std::stoull(position);
  }
  return details;
}

// Definitions of ours are known to users by the name behind t_ or h_.
std::string trino_name(std::string name) {
  const bool ours = name.starts_with("t_") || name.starts_with("h_");
  return ours ? name.substr(2) : name;
}

std::vector<std::string> candidates_of(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    std::string name = list.substr(at, end - at);
    name.erase(std::remove(name.begin(), name.end(), '"'), name.end());
    name.erase(0, name.rfind('.') + 1);
    names.push_back(std::string(base::trim(name)));
    at = end + 1;
  }
  return names;
}

// What a conversion said of its value, in Trino's words.
std::string cast_sentence(const std::string& message) {
  std::string value, type;
  if (RE2::PartialMatch(message, "Could not convert string '(.*)' to (\\w+)", &value, &type)) {
    return fmt::format("Cannot cast '{}' to {}", value, type == "INT32"   ? "INT"
                                                        : type == "INT64" ? "BIGINT"
                                                                          : type);
  }
  if (RE2::PartialMatch(message, "date field value out of range: \"(.*)\"", &value) ||
      RE2::PartialMatch(message, "invalid date field format: \"(.*)\"", &value)) {
    return fmt::format("Value cannot be cast to date: {}", value);
  }
  if (RE2::PartialMatch(message, "timestamp field [^:]*: \"(.*)\"", &value)) {
    return fmt::format("Value cannot be cast to timestamp: {}", value);
  }
  return message;
}

// An error of our own functions already begins with Trino's code.
std::optional<std::string> own_sentence(const std::string& message) {
  std::string code;
  if (RE2::PartialMatch(message, "((?:DIVISION_BY_ZERO|COLUMN_NOT_FOUND|INVALID_FUNCTION_ARGUMENT|"
                                 "INVALID_CAST_ARGUMENT|NUMERIC_VALUE_OUT_OF_RANGE|HIVE_[A-Z_]+): "
                                 ".*)", &code)) {
    return code;
  }
  return std::nullopt;
}

// The first line is the message; the others are hints for DuckDB's own users.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Where the first name that a message quotes stands, for messages without a place.
std::size_t place_of_name(const Details& details, std::string_view sql) {
  std::string name;
  if (!RE2::PartialMatch(details.message, "\"([^\"]+)\"", &name)) return 0;
  for (const Token& token : tokenize(sql)) {
    if (token.is_name() && base::iequals(token.text, name)) return token.begin;
  }
  return 0;
}

std::string mismatch(const Details& details, const std::string& message) {
  std::string call, arguments;
  if (RE2::PartialMatch(message, "function call \"([^(]+)\\((.*)\\)\"", &call, &arguments) ||
      RE2::PartialMatch(message, "argument types '([^(]+)\\((.*)\\)'", &call, &arguments)) {
    return fmt::format("Unexpected parameters ({}) for function {}", base::to_lower(arguments),
                       trino_name(call));
  }
  return details.name.empty() ? message : fmt::format("{} ({})", message, trino_name(details.name));
}

std::string sentence(const Details& details, const std::string& where) {
  const std::string message = first_line(details.message);
  if (const auto own = own_sentence(message)) return *own;
  std::string name = details.name;
  if (details.subtype == "COLUMN_NOT_FOUND" ||
      RE2::PartialMatch(message, "Referenced (?:column|table) \"([^\"]*)\" not found", &name) ||
      RE2::PartialMatch(message, "does not have a column named \"([^\"]*)\"", &name)) {
    const std::string near = nearest_name(name, candidates_of(details.candidates));
    return fmt::format(
        "COLUMN_NOT_FOUND: {}: Column '{}' cannot be resolved or requester is not authorized to "
        "access requested resources{}",
        where, name, near.empty() ? "" : fmt::format(". Did you mean '{}'?", near));
  }
  if (details.type == "Catalog" && details.entry.find("Function") != std::string::npos) {
    return fmt::format("FUNCTION_NOT_FOUND: {}: Function '{}' not registered", where,
                       trino_name(details.name));
  }
  if (details.type == "Parser" || details.type == "Syntax" || details.type == "Catalog") {
    return fmt::format("SYNTAX_ERROR: {}: {}", where, message);
  }
  if (details.type == "Binder") {
    if (RE2::PartialMatch(message, "[Aa]mbiguous reference to column name \"([^\"]*)\"", &name)) {
      return fmt::format("AMBIGUOUS_NAME: {}: Column '{}' is ambiguous", where, name);
    }
    if (RE2::PartialMatch(message, "column \"([^\"]*)\" must appear in the GROUP BY", &name)) {
      return fmt::format("EXPRESSION_NOT_AGGREGATE: {}: '{}' must be an aggregate expression or "
                         "appear in GROUP BY clause", where, name);
    }
    if (message.find("No function matches") == 0 || message.find("Could not choose a best") == 0) {
      return fmt::format("FUNCTION_NOT_FOUND: {}: {}", where, mismatch(details, message));
    }
    if (message.find("Cannot compare") == 0 || message.find("Cannot mix") == 0) {
      return fmt::format("TYPE_MISMATCH: {}: {}", where, message);
    }
    return fmt::format("SYNTAX_ERROR: {}: {}", where, message);
  }
  if (details.type == "Conversion") {
    return fmt::format("INVALID_CAST_ARGUMENT: {}", cast_sentence(message));
  }
  if (details.type == "Out of Range") return fmt::format("NUMERIC_VALUE_OUT_OF_RANGE: {}", message);
  if (details.type == "Out of Memory") {
    return "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor";
  }
  if (message.find("Malformed JSON") != std::string::npos) {
    return fmt::format("HIVE_CURSOR_ERROR: Row is not a valid JSON Object - {}", message);
  }
  if (message.find("JSON transform error") != std::string::npos) {
    return fmt::format("HIVE_BAD_DATA: Error Parsing a column in the table: {}", message);
  }
  if (message.find("JSON") != std::string::npos || message.find("CSV") != std::string::npos ||
      details.type == "IO" || message.find("arquet") != std::string::npos) {
    return fmt::format("HIVE_CURSOR_ERROR: {}", message);
  }
  if (message.find("More than one row returned by a subquery") != std::string::npos) {
    return "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows";
  }
  if (details.type == "Invalid Input") return fmt::format("INVALID_FUNCTION_ARGUMENT: {}", message);
  return fmt::format("GENERIC_INTERNAL_ERROR: {}", message);
}

}  // namespace

std::string explain(const duck::Error& error, std::string_view sql) {
  const Details details = read(error.what());
  return sentence(details, place(sql, details.position.value_or(0)));
}

std::string explain(const duck::Error& error, std::string_view sql, duck::Connection& session,
                    const Translation& translation, std::size_t prefix) {
  const Details details = read(error.what());
  if (translation.tree.empty()) return explain(error, sql);
  std::size_t at = place_of_name(details, sql);
  if (details.position && *details.position >= prefix) {
    at = original_position(session, translation, *details.position - prefix);
  }
  return sentence(details, place(sql, at));
}

}  // namespace engine::athena
