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

std::string Table::to_text() const {
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    std::size_t width = width_of(names_[i]);
    bool numbers = !rows_.empty();
    for (const auto& row : rows_) {
      width = std::max(width, width_of(row[i]));
      numbers = numbers && (row[i].empty() || is_number(row[i]));
    }
    widths.push_back(width);
    right.push_back(numbers);
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += kBetween;
      append_padded(out, cells[i], widths[i], right[i]);
    }
    end_line(out);
  };
  line(names_);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) out += kBetween;
    out.append(widths[i], '-');
  }
  end_line(out);
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
