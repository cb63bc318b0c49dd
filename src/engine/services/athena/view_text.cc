// {"originalSql": …, "catalog": "awsdatacatalog", "schema": …, "columns": [{"name", "type"}]}
#include "engine/services/athena/view_text.h"

#include "lib/base/encoding.h"

#include <boost/json.hpp>

namespace engine::athena {
namespace {

namespace json = boost::json;

constexpr std::string_view kHead = "/* Presto View: ";
constexpr std::string_view kTail = " */";

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : "";
}

}  // namespace

std::string view_text(const ViewDefinition& view) {
  json::array columns;
  for (const ViewColumn& column : view.columns) {
    columns.push_back(json::object{{"name", column.name}, {"type", column.type}});
  }
  const json::object definition = {{"originalSql", view.sql},
                                   {"catalog", "awsdatacatalog"},
                                   {"schema", view.schema},
                                   {"columns", std::move(columns)}};
  return std::string(kHead) + base::to_base64(json::serialize(definition)) + std::string(kTail);
}

std::optional<ViewDefinition> read_view_text(std::string_view text) {
  text = base::trim(text);
  if (!text.starts_with(kHead) || !text.ends_with(kTail)) return std::nullopt;
  text = text.substr(kHead.size(), text.size() - kHead.size() - kTail.size());
  const auto decoded = base::from_base64(base::trim(text));
  if (!decoded) return std::nullopt;
  json::error_code error;
  const json::value parsed = json::parse(*decoded, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::object& object = parsed.get_object();
  ViewDefinition view{.sql = text_of(object, "originalSql"), .schema = text_of(object, "schema")};
  if (view.sql.empty()) return std::nullopt;
  if (const json::value* columns = object.if_contains("columns"); columns && columns->is_array()) {
    for (const json::value& column : columns->get_array()) {
      if (!column.is_object()) return std::nullopt;
      view.columns.push_back(
          {text_of(column.get_object(), "name"), text_of(column.get_object(), "type")});
    }
  }
  return view;
}

}  // namespace engine::athena
