// DuckDB's optimizer brings a query's conditions down to its scans; the plan says which column each
// of them means, whatever the query calls it. Each is evaluated on a small table of the partitions.
#include "engine/services/athena/pruning.h"

#include "engine/services/athena/bound_condition.h"
#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <optional>

namespace engine::athena {
namespace {

namespace json = boost::json;

constexpr std::string_view kProbe = "probe_";

std::string text(const json::value& node, std::string_view name) {
  const json::object* object = node.if_object();
  const json::value* value = object ? object->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

const json::array& list(const json::value& node, std::string_view name) {
  static const json::array none;
  const json::object* object = node.if_object();
  const json::value* value = object ? object->if_contains(name) : nullptr;
  return value && value->is_array() ? value->get_array() : none;
}

std::optional<std::size_t> index_in(const json::array& places, std::size_t index) {
  if (index >= places.size()) return std::nullopt;
  const json::value& place = places[index];
  if (place.is_int64()) return static_cast<std::size_t>(place.get_int64());
  if (place.is_uint64()) return static_cast<std::size_t>(place.get_uint64());
  return std::nullopt;
}

// The scan's column that is a node's output column `index`, through filters and projections that
// only pass it on.
std::optional<std::string> column_of(const json::value& node, std::size_t index) {
  const std::string type = text(node, "type");
  if (type == "LOGICAL_GET") {
    const json::array& projected = list(node, "projection_ids");
    const auto place = projected.empty() ? std::optional(index) : index_in(projected, index);
    const json::array& columns = list(node, "column_indexes");
    if (!place || *place >= columns.size()) return std::nullopt;
    const auto column = index_in(json::array{columns[*place].at("index")}, 0);
    const json::array& names = list(node, "names");
    if (!column || *column >= names.size()) return std::nullopt;
    return duck::quote_name(std::string(names[*column].as_string()));
  }
  const json::array& children = list(node, "children");
  if (children.size() != 1) return std::nullopt;
  if (type == "LOGICAL_FILTER") {
    const json::array& map = list(node, "projection_map");
    const auto place = map.empty() ? std::optional(index) : index_in(map, index);
    return place ? column_of(children[0], *place) : std::nullopt;
  }
  if (type != "LOGICAL_PROJECTION") return std::nullopt;
  const json::array& expressions = list(node, "expressions");
  if (index >= expressions.size() || text(expressions[index], "expression_class") != "BOUND_REF")
    return std::nullopt;
  const auto place = index_in(json::array{expressions[index].at("index")}, 0);
  return place ? column_of(children[0], *place) : std::nullopt;
}

void add_condition(const json::value& expression, const ColumnOf& column,
                   ScanConditions& conditions) {
  if (text(expression, "type") == "CONJUNCTION_AND") {
    for (const json::value& part : list(expression, "children"))
      add_condition(part, column, conditions);
    return;
  }
  const auto sql = bound_sql(expression, column);
  if (!sql) return;
  Condition condition{.sql = *sql};
  if (auto choices = bound_choices(expression, column)) {
    condition.key = choices->column;
    condition.choices = std::move(choices->values);
  }
  conditions.push_back(std::move(condition));
}

// `above` are the conditions of the filters over this node, as long as nothing but projections stands
// between.
void find_scans(const json::value& node, ScanConditions above,
                std::map<std::string, std::vector<ScanConditions>>& scans) {
  const std::string type = text(node, "type");
  const json::array& children = list(node, "children");
  if (type == "LOGICAL_GET" && text(node, "name").starts_with(kProbe))
    scans[text(node, "name")].push_back(above);
  if (type == "LOGICAL_FILTER" && children.size() == 1) {
    const ColumnOf column = [&](std::size_t index) { return column_of(children[0], index); };
    for (const json::value& expression : list(node, "expressions"))
      add_condition(expression, column, above);
  } else if (type != "LOGICAL_PROJECTION") {
    above.clear();
  }
  for (const json::value& child : children) find_scans(child, above, scans);
}

// Rows of texts, with their index before them.
class Rows final : public duck::RowSource {
 public:
  explicit Rows(const std::vector<std::vector<std::string>>& rows) : rows_(rows) {}

  bool next(std::vector<duck::Vector>& columns, std::uint64_t row) override {
    if (at_ == rows_.size()) return false;
    columns[0].set(row, static_cast<std::int64_t>(at_));
    for (std::size_t i = 1; i < columns.size(); ++i) {
      const std::string& value = rows_[at_].at(i - 1);
      if (value == "__HIVE_DEFAULT_PARTITION__") {
        columns[i].set_null(row);
      } else {
        columns[i].set_text(row, value);
      }
    }
    ++at_;
    return true;
  }

 private:
  const std::vector<std::vector<std::string>>& rows_;
  std::size_t at_ = 0;
};

}  // namespace

std::map<std::string, std::vector<ScanConditions>> scans_of(duck::Connection& session,
                                                            std::string_view query,
                                                            const std::vector<std::string>& names) {
  std::map<std::string, std::vector<ScanConditions>> scans;
  const auto plan = session.value(
      fmt::format("SELECT json_serialize_plan({}, optimize := true)", duck::quote_text(query)));
  json::parse_options options;
  options.max_depth = 4000;
  const json::value tree = json::parse(plan.value(), {}, options);
  if (tree.at("error").as_bool()) {
    session.prepare(query);  // its errors name places
    for (const std::string& name : names) scans[name] = {ScanConditions{}};
    return scans;
  }
  for (const json::value& node : list(tree, "plans")) find_scans(node, {}, scans);
  return scans;
}

struct Pruner::Impl {
  explicit Impl(duck::Database& database) : connection(database) {
    connection.execute_all("ATTACH ':memory:' AS pruning; USE pruning; SET TimeZone = 'UTC';");
  }

  void fill(const std::vector<KeyColumn>& keys, const std::vector<std::vector<std::string>>& rows) {
    std::vector<duck::ResultColumn> columns = {{"$row", {.kind = duck::Kind::kBigint}}};
    std::string items = "\"$row\"";
    for (const KeyColumn& key : keys) {
      columns.push_back({key.name, {.kind = duck::Kind::kVarchar}});
      items += fmt::format(", CAST({0} AS {1}) AS {0}", duck::quote_name(key.name), key.type);
    }
    Rows source(rows);
    const std::string name = fmt::format("rows_of_partitions_{}", ++fillings);
    connection.add_table(name, columns, source);
    try {
      connection.execute_all(fmt::format(
          "CREATE OR REPLACE TEMP TABLE partition_values AS SELECT {} FROM {}()", items, name));
    } catch (const duck::Error& error) {
      throw QueryError(fmt::format("HIVE_INVALID_PARTITION_VALUE: {}", error.what()));
    }
  }

  std::vector<bool> needed_by(const ScanConditions& conditions, std::size_t rows) {
    std::vector<bool> needed(rows, true);
    for (const Condition& condition : conditions) keep(condition.sql, needed);
    return needed;
  }

  void keep(const std::string& condition, std::vector<bool>& needed) {
    std::vector<bool> met(needed.size(), false);
    try {
      duck::Result result = connection.query(
          "SELECT \"$row\" FROM partition_values WHERE " + condition);
      while (result.next()) met[static_cast<std::size_t>(result[0].integer())] = true;
    } catch (const duck::Error&) {
      return;  // it is about other columns, or the query itself is going to fail with it
    }
    for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = needed[i] && met[i];
  }

  duck::Connection connection;
  int fillings = 0;
};

Pruner::Pruner(duck::Database& database) : database_(database) {}
Pruner::~Pruner() = default;

std::vector<std::size_t> Pruner::matching(const std::vector<KeyColumn>& keys,
                                          const std::vector<std::vector<std::string>>& rows,
                                          const std::vector<ScanConditions>& scans) {
  std::vector<bool> needed(rows.size(), false);
  const bool all = std::any_of(scans.begin(), scans.end(),
                               [](const ScanConditions& scan) { return scan.empty(); });
  if (all) {
    needed.assign(rows.size(), true);
  } else if (!rows.empty() && !scans.empty()) {
    if (!impl_) impl_ = std::make_unique<Impl>(database_);
    impl_->fill(keys, rows);
    for (const ScanConditions& scan : scans) {
      const auto more = impl_->needed_by(scan, rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) needed[i] = needed[i] || more[i];
    }
  }
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (needed[i]) indexes.push_back(i);
  }
  return indexes;
}

std::vector<std::string> static_values(const std::string& key,
                                       const std::vector<ScanConditions>& scans) {
  std::vector<std::string> values;
  for (const ScanConditions& scan : scans) {
    const auto condition = std::find_if(scan.begin(), scan.end(), [&](const Condition& candidate) {
      return candidate.key == duck::quote_name(key);
    });
    if (condition == scan.end()) return {};
    values.insert(values.end(), condition->choices.begin(), condition->choices.end());
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace engine::athena
