// Label-first CSV, and the keys of its rows.
#include "pipelines/table.h"

#include "lib/base/encoding.h"
#include "pipelines/files.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace pipelines {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

template <class F>
void for_each_line(std::string_view text, F&& use) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) use(line, number);
  }
}

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// A name as one quoted field on one line.
std::string name_field(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return text + '"';
}

std::string name_of_field(std::string_view field) {
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    if (field[i] == '"') ++i;
    text += field[i];
  }
  return text;
}

}  // namespace

double Table::mean_label() const {
  return std::accumulate(labels.begin(), labels.end(), 0.0) / static_cast<double>(rows());
}

Table Table::pick_rows(std::span<const std::uint32_t> indexes) const {
  Table picked{columns, {}, {}};
  picked.labels.reserve(indexes.size());
  picked.values.reserve(indexes.size() * columns);
  for (const std::uint32_t index : indexes) {
    picked.labels.push_back(labels[index]);
    const auto from = row(index);
    picked.values.insert(picked.values.end(), from.begin(), from.end());
  }
  return picked;
}

Table Table::pick_columns(std::span<const int> indexes) const {
  Table picked{indexes.size(), labels, {}};
  picked.values.reserve(rows() * indexes.size());
  for (std::size_t i = 0; i < rows(); ++i) {
    const auto from = row(i);
    for (const int index : indexes) picked.values.push_back(from[static_cast<std::size_t>(index)]);
  }
  return picked;
}

std::string Table::to_csv() const {
  std::string text;
  for (std::size_t i = 0; i < rows(); ++i) {
    append_number(text, labels[i]);
    for (const float value : row(i)) {
      text += ',';
      append_number(text, value);
    }
    text += '\n';
  }
  return text;
}

void Table::add_csv(std::string_view text, std::string_view name) {
  std::vector<float> fields;
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    fields.clear();
    if (!parse_numbers(line, fields)) {
      throw std::runtime_error(
          fmt::format("{}, line {}: not numbers separated by commas.", name, number));
    }
    if (std::isnan(fields.front())) {
      throw std::runtime_error(fmt::format("{}, line {}: the label is missing.", name, number));
    }
    if (labels.empty()) columns = fields.size() - 1;
    if (fields.size() != columns + 1 || columns == 0) {
      throw std::runtime_error(fmt::format("{}, line {}: {} fields where {} are expected.", name,
                                           number, fields.size(), columns + 1));
    }
    labels.push_back(fields.front());
    values.insert(values.end(), fields.begin() + 1, fields.end());
  });
}

Table Table::read_channel(const std::filesystem::path& folder) {
  Table table;
  for (const auto& file : files_below(folder)) table.add_csv(read_file(file), file.string());
  if (table.rows() == 0) {
    throw std::runtime_error(fmt::format("There is no row of data in {}.", folder.string()));
  }
  return table;
}

void append_number(std::string& text, float value) {
  if (!std::isnan(value)) fmt::format_to(std::back_inserter(text), "{}", value);
}

bool parse_numbers(std::string_view line, std::vector<float>& values) {
  for (;;) {
    const auto comma = line.find(',');
    std::string_view field = base::trim(line.substr(0, comma));
    float value = kMissing;
    if (!field.empty() && field.front() == '+') field.remove_prefix(1);
    if (!field.empty() && !parse_whole(field, value)) return false;
    values.push_back(value);
    if (comma == std::string_view::npos) return true;
    line.remove_prefix(comma + 1);
  }
}

std::string to_csv(const std::vector<RowKey>& rows) {
  std::string text = "id,family,name\n";
  for (const RowKey& row : rows) {
    text += fmt::format("{},{},{}\n", row.id, row.family, name_field(row.name));
  }
  return text;
}

std::vector<RowKey> read_row_keys(const std::filesystem::path& file) {
  std::vector<RowKey> rows;
  const std::string text = read_file(file);
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    if (number == 1) return;  // the header
    RowKey row;
    const auto first = line.find(',');
    const auto second = line.find(',', first + 1);
    if (second == std::string_view::npos || !parse_whole(line.substr(0, first), row.id) ||
        !parse_whole(line.substr(first + 1, second - first - 1), row.family)) {
      throw std::runtime_error(
          fmt::format("{}, line {}: expected id,family,name.", file.string(), number));
    }
    row.name = name_of_field(line.substr(second + 1));
    rows.push_back(std::move(row));
  });
  return rows;
}

}  // namespace pipelines
