// The catalogue of functions.
#include "engine/services/athena/functions.h"

#include "engine/services/athena/macros.h"

#include <algorithm>
#include <map>

namespace engine::athena {
namespace {

using Names = std::map<std::string, std::string, std::less<>>;

// Those that mean the same in DuckDB, by the same name.
constexpr std::string_view kSame[] = {
    // numbers
    "abs", "acos", "asin", "atan", "atan2", "cbrt", "ceil", "ceiling", "cos", "cosh", "degrees",
    "exp", "floor", "greatest", "least", "ln", "log10", "log2", "pi", "pow", "power",
    "radians", "sign", "sin", "sinh", "sqrt", "tan", "tanh",
    // text
    "chr", "concat", "lower", "upper", "ltrim", "rtrim", "trim", "starts_with", "soundex",
    "regexp_extract_all", "nullif", "format",
    // times
    "year", "quarter", "month", "week", "day", "hour", "minute", "second", "now",
    // arrays, maps, rows
    "flatten", "map", "map_concat", "map_from_entries", "map_keys", "map_values",
    "row", "transform", "filter", "reduce", "reduce_agg", "zip_with", "any_match", "all_match", "none_match",
    "map_filter", "transform_keys", "transform_values",
    // aggregates
    "approx_distinct", "approx_percentile", "array_agg", "avg", "bool_and", "bool_or", "corr",
    "checksum", "count", "count_if", "covar_pop", "covar_samp", "grouping", "histogram", "kurtosis",
    "listagg", "map_agg", "max", "max_by", "min", "min_by", "multimap_agg", "regr_intercept",
    "regr_slope", "skewness", "stddev", "stddev_pop", "stddev_samp", "sum", "var_pop", "var_samp",
    "variance", "set_agg",
    // windows
    "cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value", "ntile",
    "percent_rank", "rank", "row_number"};

const Names& renamed() {
  static const Names names = {
      {"any_value", "any_value"},
      {"arbitrary", "any_value"},
      {"array_last", "list_last"},
      {"bitwise_and_agg", "bit_and"},
      {"bitwise_or_agg", "bit_or"},
      {"bitwise_xor_agg", "bit_xor"},
      {"char_length", "length"},
      {"codepoint", "unicode"},
      {"day_of_month", "dayofmonth"},
      {"day_of_week", "isodow"},
      {"day_of_year", "dayofyear"},
      {"dow", "isodow"},
      {"doy", "dayofyear"},
      {"every", "bool_and"},
      {"from_base64", "from_base64"},
      {"from_hex", "unhex"},
      {"from_utf8", "decode"},
      {"geometric_mean", "geomean"},
      {"hamming_distance", "hamming"},
      {"is_finite", "isfinite"},
      {"is_infinite", "isinf"},
      {"is_nan", "isnan"},
      {"last_day_of_month", "last_day"},
      {"levenshtein_distance", "levenshtein"},
      {"length", "t_length"},
      {"rand", "t_random"},
      {"regexp_split", "string_split_regex"},
      {"substring", "t_substr"},
      {"to_base64", "base64"},
      {"to_hex", "hex"},
      {"to_utf8", "encode"},
      {"week_of_year", "weekofyear"},
      {"year_of_week", "isoyear"},
      {"yow", "isoyear"}};
  return names;
}

const Names& catalogue() {
  static const Names all = [] {
    Names names;
    for (const std::string_view name : kSame) names.emplace(name, name);
    for (const Macro& macro : macros()) {
      if (macro.name.starts_with("t_")) names.insert_or_assign(std::string(macro.name.substr(2)), std::string(macro.name));
    }
    for (const duck::ScalarFunction& function : scalar_functions()) {
      if (function.name.starts_with("t_")) names.insert_or_assign(function.name.substr(2), function.name);
    }
    for (const auto& [name, target] : renamed()) names.insert_or_assign(name, target);
    return names;
  }();
  return all;
}

int distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i));
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// The names of ours in a definition.
std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (word.starts_with("t_") || word.starts_with("h_")) names.emplace(word);
    at = std::max(end, at + 1);
  }
  return names;
}

}  // namespace

std::optional<std::string> function_target(std::string_view name) {
  const auto found = catalogue().find(name);
  if (found == catalogue().end()) return std::nullopt;
  return found->second;
}

bool is_parser_function(std::string_view name) {
  static const std::set<std::string_view> names = {
      "+", "-", "*", "/", "%", "||", "~~", "!~~", "~~~", "!~~~", "**", "^",
      "list_value", "struct_pack", "array_extract", "struct_extract", "list_extract", "date_part",
      "timezone", "trim", "ltrim", "rtrim", "position", "substring", "like_escape",
      "not_like_escape", "row", "count_star", "to_days", "to_weeks", "to_months", "to_years",
      "to_quarters", "to_hours", "to_minutes", "to_seconds", "to_milliseconds", "trunc",
      "regexp_full_match", "list_contains", "contains", "unnest", "h_varchar_n", "h_char_n"};
  return names.count(name) > 0;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  std::string best;
  int least = static_cast<int>(std::max<std::size_t>(name.size() / 3, 1)) + 1;
  for (const std::string& candidate : names) {
    const int edits = distance(name, candidate);
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

std::string similar_function(std::string_view name) {
  // What users of other engines call by another name.
  static const std::map<std::string_view, std::string_view> others = {
      {"ifnull", "coalesce"},      {"isnull", "coalesce"},         {"nvl", "coalesce"},
      {"datediff", "date_diff"},   {"dateadd", "date_add"},        {"to_date", "date_parse"},
      {"strptime", "date_parse"},  {"strftime", "date_format"},    {"to_char", "date_format"},
      {"getdate", "now"},          {"group_concat", "listagg"},    {"string_agg", "listagg"},
      {"list", "array_agg"},       {"size", "cardinality"},        {"array_length", "cardinality"},
      {"len", "length"},           {"instr", "strpos"},            {"charindex", "strpos"},
      {"explode", "unnest"},       {"get_json_object", "json_extract_scalar"},
      {"median", "approx_percentile"}, {"percentile", "approx_percentile"},
      {"collect_list", "array_agg"}, {"array_contains", "contains"}, {"ucase", "upper"},
      {"lcase", "lower"},          {"iff", "if"},                  {"decode", "from_utf8"},
      {"to_timestamp", "date_parse"}, {"unix_timestamp", "to_unixtime"}, {"hex", "to_hex"}};
  if (const auto found = others.find(name); found != others.end()) return std::string(found->second);
  std::vector<std::string> names;
  for (const auto& [known, target] : catalogue()) names.push_back(known);
  return nearest_name(name, names);
}

namespace {

// A definition comes behind those that it calls.
void collect(const std::string& name, std::string_view create, std::set<std::string>& seen,
             std::string& script) {
  if (!seen.insert(name).second) return;
  for (const Macro& macro : macros()) {
    if (macro.name != name) continue;
    for (const std::string& other : names_in(macro.definition)) {
      collect(other, create, seen, script);
    }
    script += fmt::format("{} {}{};\n", create, name, macro.definition);
  }
}

}  // namespace

void define_functions(duck::Connection& session, const std::set<std::string>& targets,
                      std::set<std::string>& known, bool temporary) {
  std::set<std::string> seen = known;
  std::string script;
  const std::string_view create =
      temporary ? "CREATE OR REPLACE TEMP MACRO" : "CREATE OR REPLACE MACRO";
  for (const std::string& name : targets) collect(name, create, seen, script);
  for (const duck::ScalarFunction& function : scalar_functions()) {
    // A shared database has got them all.
    if (!temporary && seen.count(function.name) && !known.count(function.name)) {
      session.add_function(function);
    }
  }
  if (!script.empty()) session.execute_all(script);
  known = std::move(seen);
}

}  // namespace engine::athena
