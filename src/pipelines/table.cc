// Rows picked from a table, and the keys of rows.
#include "pipelines/table.h"

#include "pipelines/files.h"

#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace pipelines {
namespace {

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
