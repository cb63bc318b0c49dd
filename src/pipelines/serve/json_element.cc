// One element of a JSON body: a beer, a row, or features by name.
#include "beer/features.h"
#include "beer/json_pieces.h"
#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace pipelines {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::string row_name(const Asked& asked) { return fmt::format("Row {}", asked.rows().rows() + 1); }

/// The first name in an object's text, to tell at a glance what it is; empty when there is none.
std::string_view first_name(std::string_view json) {
  json = base::trim(json.substr(1));
  if (!json.starts_with('"')) return {};
  json.remove_prefix(1);
  return json.substr(0, json.find('"'));
}

bool are_features(const std::vector<beer::Member>& members) {
  for (const auto& [name, value] : members) {
    if (beer::feature_index(name) < 0) return false;
  }
  return true;
}

void add_named(Asked& asked, const std::vector<beer::Member>& members) {
  std::vector<float> row(beer::features().size(), kMissing);
  for (const auto& [name, value] : members) {
    if (!read_number(value, row[static_cast<std::size_t>(beer::feature_index(name))])) {
      throw Refusal(400, fmt::format("{}: '{}' is no number.", row_name(asked), name));
    }
  }
  asked.add_row(row);
}

void add_numbers(Asked& asked, std::string_view json) {
  asked.add_row(row_name(asked),
                [&](std::vector<float>& values) { return read_numbers(json, values); });
}

}  // namespace

bool read_number(std::string_view json, float& value) {
  value = kMissing;
  if (json == "null") return true;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  return error == std::errc() && end == json.data() + json.size();
}

bool read_numbers(std::string_view json, std::vector<float>& values) {
  json = base::trim(json);
  if (json.size() < 2 || json.front() != '[' || json.back() != ']') return false;
  json = json.substr(1, json.size() - 2);
  if (base::trim(json).empty()) return true;
  for (;;) {
    const auto comma = json.find(',');
    if (!read_number(base::trim(json.substr(0, comma)), values.emplace_back())) return false;
    if (comma == std::string_view::npos) return true;
    json.remove_prefix(comma + 1);
  }
}

void add_element(Asked& asked, std::string_view json) {
  json = base::trim(json);
  if (json.starts_with('[')) return add_numbers(asked, json);
  if (!json.starts_with('{')) {
    throw Refusal(400, fmt::format("{}: expected a beer, features by name or a list of numbers.",
                                   row_name(asked)));
  }
  const std::string_view first = first_name(json);
  if (first == "features") {
    if (const auto list = beer::member_piece(json, first)) return add_numbers(asked, *list);
  } else if (beer::feature_index(first) >= 0) {
    const auto members = beer::object_pieces(json);
    if (members && are_features(*members)) return add_named(asked, *members);
  }
  asked.add_beer(json);
}

}  // namespace pipelines
