// Rows of text in columns, for people and for CSV.
#include "cli/output/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

constexpr std::string_view kBetween = "  ";

bool is_number(std::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if (std::string_view("+-.,eE%").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digit;
}

void append_padded(std::string& out, std::string_view text, std::size_t width, bool right) {
  const std::size_t used = width_of(text);
  const std::string padding(width > used ? width - used : 0, ' ');
  if (right) out += padding;
  out += text;
  if (!right) out += padding;
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

void append_rule(std::string& out, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) out += kBetween;
    out.append(widths[i], '-');
  }
  end_line(out);
}

bool is_number_type(std::string_view type) {
  return type == "tinyint" || type == "smallint" || type == "integer" || type == "int" ||
         type == "bigint" || type == "float" || type == "real" || type == "double" ||
         type.starts_with("decimal");
}

// A cell stays on its line, and says nothing to the terminal.
std::string shown(const std::string& cell) {
  std::string text;
  for (const char c : cell) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

void append_csv(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    out += quoted(cells[i]);
  }
  out += "\r\n";
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void Table::add(std::vector<std::string> row) {
  row.resize(names_.size());
  rows_.push_back(std::move(row));
}

void Table::set_types(std::vector<std::string> types) {
  types_ = std::move(types);
  types_.resize(names_.size());
}

std::vector<bool> Table::right_columns() const {
  std::vector<bool> right;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (!types_.empty()) {
      right.push_back(is_number_type(types_[i]));
      continue;
    }
    right.push_back(!rows_.empty() && std::all_of(rows_.begin(), rows_.end(), [&](const auto& row) {
      return row[i].empty() || is_number(row[i]);
    }));
  }
  return right;
}

std::string Table::to_text() const {
  std::vector<std::vector<std::string>> lines{names_};
  if (!types_.empty()) lines.push_back(types_);
  const std::size_t head = lines.size();
  for (const auto& row : rows_) {
    auto& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(shown(cell));
  }
  std::vector<std::size_t> widths(names_.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  }
  const auto right = right_columns();
  std::string out;
  for (std::size_t number = 0; number < lines.size(); ++number) {
    if (number == head) append_rule(out, widths);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) out += kBetween;
      append_padded(out, lines[number][i], widths[i], right[i]);
    }
    end_line(out);
  }
  if (rows_.empty()) append_rule(out, widths);
  return out;
}

std::string Table::to_markdown() const {
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (const std::string& cell : cells) {
      out += "| ";
      for (const char c : shown(cell)) out += c == '|' ? "\\|" : std::string(1, c);
      out += ' ';
    }
    out += "|\n";
  };
  line(names_);
  for (const bool right : right_columns()) out += right ? "| ---: " : "| --- ";
  out += "|\n";
  for (const auto& row : rows_) line(row);
  return out;
}

std::string Table::to_csv() const {
  std::string out;
  append_csv(out, names_);
  for (const auto& row : rows_) append_csv(out, row);
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace cli
