// MLflow's tables: by columns and rows apart, or a list for each column.
#include "beer/features.h"
#include "beer/json_pieces.h"
#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"

#include <fmt/format.h>

#include <limits>

namespace pipelines {
namespace {

using Pieces = std::vector<std::string_view>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

[[noreturn]] void refuse(const std::string& sentence) { throw Refusal(400, sentence); }

Pieces list(std::string_view json, const char* what) {
  auto pieces = beer::array_pieces(json);
  if (!pieces) refuse(fmt::format("{} is no list.", what));
  return std::move(*pieces);
}

/// The columns' places in the feature list, -1 where there is none of that name. A name keeps its
/// quotes and escapes in `names`.
std::vector<int> places_of(const Pieces& names) {
  std::vector<int> places;
  for (const std::string_view name : names) {
    if (name.size() < 2 || name.front() != '"' || name.back() != '"') {
      refuse(fmt::format("dataframe_split: the column {} is no name.", name));
    }
    places.push_back(beer::feature_index(name.substr(1, name.size() - 2)));
  }
  return places;
}

std::string beer_of(const Pieces& names, const Pieces& cells) {
  std::string json = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) json += ',';
    json.append(names[i]).append(":").append(cells[i]);
  }
  return json + "}";
}

void add_features(Asked& asked, const std::vector<int>& places, const Pieces& cells) {
  std::vector<float> row(beer::features().size(), kMissing);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!read_number(cells[i], row[static_cast<std::size_t>(places[i])])) {
      refuse(fmt::format("Row {}: {} is no number.", asked.rows().rows() + 1, cells[i]));
    }
  }
  asked.add_row(row);
}

}  // namespace

void add_split(Asked& asked, std::string_view json) {
  const auto data = beer::member_piece(json, "data");
  if (!data) refuse("dataframe_split is no object with \"columns\" and \"data\".");
  const auto columns = beer::member_piece(json, "columns");
  const Pieces names = columns ? list(*columns, "dataframe_split's \"columns\"") : Pieces();
  const std::vector<int> places = places_of(names);
  const bool features = std::find(places.begin(), places.end(), -1) == places.end();
  for (const std::string_view row : list(*data, "dataframe_split's \"data\"")) {
    if (!columns) {
      add_element(asked, row);
      continue;
    }
    const std::string place = fmt::format("Row {}", asked.rows().rows() + 1);
    const Pieces cells = list(row, place.c_str());
    if (cells.size() != names.size()) {
      refuse(fmt::format("{} has {} values for {} columns.", place, cells.size(), names.size()));
    }
    features ? add_features(asked, places, cells) : asked.add_beer(beer_of(names, cells));
  }
}

void add_columns(Asked& asked, std::string_view json) {
  const auto members = beer::object_pieces(json);
  if (!members) refuse("inputs is no object of lists.");
  std::vector<int> places;
  std::vector<Pieces> columns;
  for (const auto& [name, values] : *members) {
    places.push_back(beer::feature_index(name));
    if (places.back() < 0) refuse(fmt::format("inputs: '{}' is no feature of this model.", name));
    columns.push_back(list(values, fmt::format("inputs: '{}'", name).c_str()));
    if (columns.back().size() != columns.front().size()) {
      refuse(fmt::format("inputs: '{}' has {} values where '{}' has {}.", name,
                         columns.back().size(), members->front().first, columns.front().size()));
    }
  }
  Pieces cells(columns.size());
  for (std::size_t row = 0; !columns.empty() && row < columns.front().size(); ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) cells[i] = columns[i][row];
    add_features(asked, places, cells);
  }
}

}  // namespace pipelines
