// Rows of text in columns, for people and for CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// A table: its columns' names and rows of as many cells. Thread-compatible.
class Table {
 public:
  explicit Table(std::vector<std::string> names) : names_(std::move(names)) {}

  /// A short row is filled with empty cells.
  void add(std::vector<std::string> row);
  std::size_t rows() const { return rows_.size(); }
  /// A second line of the head, one text a column. Columns of number types stand to the right then,
  /// whatever their cells are.
  void set_types(std::vector<std::string> types);

  /// In columns under a rule; a column whose cells are all numbers stands to the right. Characters
  /// count, not bytes; line ends and other control characters are shown as escapes.
  std::string to_text() const;
  /// RFC 4180, names first; cells are quoted where they must be.
  std::string to_csv() const;
  /// A table of GitHub's Markdown.
  std::string to_markdown() const;

 private:
  std::vector<bool> right_columns() const;

  std::vector<std::string> names_, types_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns a terminal gives the text: code points, without counting combining or wide ones.
std::size_t width_of(std::string_view text);

/// "1,234,567"
std::string grouped(std::uint64_t number);
/// "3.1 MiB"
std::string bytes_text(std::uint64_t bytes);

}  // namespace cli
