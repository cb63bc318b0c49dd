// Tables as CSV. A million rows are some hundred megabytes of text: they are written and read a
// wave at a time, the pieces of a wave on every processor and then put together in their order.
#include "lib/base/encoding.h"
#include "pipelines/files.h"
#include "pipelines/parallel.h"
#include "pipelines/table.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace pipelines {
namespace {

namespace fs = std::filesystem;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kPieceRows = 4096;
constexpr std::size_t kWavePieces = 16;

// Writing ---------------------------------------------------------------------------------------

void append_row(std::string& text, const Table& table, std::size_t index) {
  append_number(text, table.labels[index]);
  for (const float value : table.row(index)) {
    text += ',';
    append_number(text, value);
  }
  text += '\n';
}

// Reading ---------------------------------------------------------------------------------------

bool parse_field(std::string_view field, float& value) {
  field = base::trim(field);
  if (!field.empty() && field.front() == '+') field.remove_prefix(1);
  value = kMissing;
  if (field.empty()) return true;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

constexpr auto kPowersOfTen = [] {
  std::array<double, 16> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = 10 * powers[i - 1];
  return powers;
}();

/// Reads what most fields are, digits with or without a point, at a third of the cost of the
/// general way, and as exactly. Gives where it ends; null for anything else.
const char* read_short_decimal(const char* at, const char* last, float& value) {
  const bool negative = at != last && *at == '-';
  if (negative) ++at;
  const char* const begin = at;
  const char* point = nullptr;
  std::uint64_t digits = 0;
  for (; at != last; ++at) {
    const auto digit = static_cast<unsigned char>(*at - '0');
    if (digit <= 9) {
      digits = 10 * digits + digit;
    } else if (*at == '.' && point == nullptr) {
      point = at;
    } else {
      break;
    }
  }
  const auto length = at - begin;
  if (length == 0 || length > 15 || point == begin || point == at - 1) return nullptr;
  // Both are exact as doubles, so the quotient is the nearest double. Rounded once more it is the
  // nearest float, but when it lies half-way between two, where the lost digits would decide.
  const auto decimals = static_cast<std::size_t>(point != nullptr ? at - point - 1 : 0);
  const double number = static_cast<double>(digits) / kPowersOfTen[decimals];
  constexpr std::uint64_t kLost = (1ULL << 29) - 1, kHalf = 1ULL << 28;
  if ((std::bit_cast<std::uint64_t>(number) & kLost) == kHalf) return nullptr;
  value = static_cast<float>(negative ? -number : number);
  return at;
}

/// Reads the first field of `rest`, which then begins behind it: at a comma, or at its end.
bool take_field(std::string_view& rest, float& value) {
  const char* const last = rest.data() + rest.size();
  const char* const read = read_short_decimal(rest.data(), last, value);
  if (read != nullptr && (read == last || *read == ',')) {
    rest.remove_prefix(static_cast<std::size_t>(read - rest.data()));
    return true;
  }
  const auto [end, error] = std::from_chars(rest.data(), last, value);
  if (error == std::errc() && (end == last || *end == ',')) {
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
  }
  const std::string_view field = rest.substr(0, rest.find(','));
  rest.remove_prefix(field.size());
  return parse_field(field, value);
}

std::size_t count_fields(std::string_view line) {
  return static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
}

/// What is wrong with a line; nothing when it was added to `piece`.
std::string add_row(std::string_view line, Table& piece) {
  std::string_view rest = line;
  float label = 0;
  bool numbers = take_field(rest, label);
  piece.labels.push_back(label);
  while (numbers && !rest.empty()) {
    rest.remove_prefix(1);
    numbers = take_field(rest, piece.values.emplace_back());
  }
  if (!numbers) return "not numbers separated by commas";
  if (std::isnan(label)) return "the label is missing";
  if (piece.values.size() != piece.labels.size() * piece.columns || piece.columns == 0) {
    return fmt::format("{} fields where {} are expected", count_fields(line), piece.columns + 1);
  }
  return {};
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Whole lines of `text`, about kPieceBytes at a time.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    auto end = text.size() > kPieceBytes ? text.find('\n', kPieceBytes) : std::string_view::npos;
    end = end == std::string_view::npos ? text.size() : end + 1;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

/// Room for the whole file, judged by the rows its beginning gave.
void reserve(Table& table, std::size_t rows_before, std::size_t bytes_read, std::size_t bytes) {
  const auto share = static_cast<double>(bytes) / static_cast<double>(bytes_read);
  const auto rows =
      static_cast<std::size_t>(1.02 * share * static_cast<double>(table.rows() - rows_before));
  table.labels.reserve(rows_before + rows);
  table.values.reserve((rows_before + rows) * table.columns);
}

}  // namespace

std::string Table::to_csv() const {
  std::string text;
  for (std::size_t i = 0; i < rows(); ++i) append_row(text, *this, i);
  return text;
}

void Table::write_csv(const fs::path& path, std::span<const std::uint32_t> indexes) const {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  const std::size_t pieces = (indexes.size() + kPieceRows - 1) / kPieceRows;
  std::vector<std::string> texts(std::min(pieces, kWavePieces));
  for (std::size_t first = 0; first < pieces; first += kWavePieces) {
    const std::size_t count = std::min(kWavePieces, pieces - first);
    in_parallel(count, [&](std::size_t i) {
      texts[i].clear();
      const auto rest = indexes.subspan((first + i) * kPieceRows);
      for (const auto index : rest.first(std::min(kPieceRows, rest.size()))) {
        append_row(texts[i], *this, index);
      }
    });
    for (std::size_t i = 0; i < count; ++i) {
      out.write(texts[i].data(), static_cast<std::streamsize>(texts[i].size()));
    }
  }
  out.close();
  if (!out) throw std::runtime_error(fmt::format("Cannot write {}.", path.string()));
}

void Table::add_lines(std::string_view text, std::string_view name, std::size_t lines_before) {
  if (labels.empty()) {
    std::string_view rest = text;
    std::string_view line;
    while (line.empty() && !rest.empty()) line = take_line(rest);
    columns = count_fields(line) - 1;
  }
  const auto texts = pieces_of(text);
  std::vector<Table> pieces(texts.size());
  in_parallel(pieces.size(), [&](std::size_t i) {
    pieces[i].columns = columns;
    std::size_t number = 0;
    for (std::string_view rest = texts[i]; !rest.empty();) {
      const std::string_view line = take_line(rest);
      ++number;
      if (line.empty()) continue;
      if (const std::string fault = add_row(line, pieces[i]); !fault.empty()) {
        const auto before = static_cast<std::size_t>(texts[i].data() - text.data());
        throw std::runtime_error(
            fmt::format("{}, line {}: {}.", name,
                        lines_before + count_lines(text.substr(0, before)) + number, fault));
      }
    }
  });
  for (const Table& piece : pieces) {
    labels.insert(labels.end(), piece.labels.begin(), piece.labels.end());
    values.insert(values.end(), piece.values.begin(), piece.values.end());
  }
}

void Table::add_csv(std::string_view text, std::string_view name) { add_lines(text, name, 0); }

Table Table::read_channel(const fs::path& folder, base::Digest* digest) {
  Table table;
  for (const fs::path& file : files_below(folder)) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(fmt::format("Cannot read {}.", file.string()));
    const std::size_t bytes = fs::file_size(file);
    const std::size_t rows_before = table.rows();
    std::size_t lines = 0;
    std::size_t bytes_read = 0;
    // The text holds the beginning of a line that the wave before was cut in, then this wave.
    std::string text;
    while (in) {
      const std::size_t kept = text.size();
      text.resize(kept + kPieceBytes * kWavePieces);
      in.read(text.data() + kept, static_cast<std::streamsize>(text.size() - kept));
      text.resize(kept + static_cast<std::size_t>(in.gcount()));
      const std::string_view wave = std::string_view(text).substr(kept);
      bytes_read += wave.size();
      if (digest) digest->update(wave);
      const auto cut = in ? text.rfind('\n') + 1 : text.size();
      const std::string_view whole = std::string_view(text).substr(0, cut);
      table.add_lines(whole, file.string(), lines);
      if (lines == 0 && table.rows() > rows_before) reserve(table, rows_before, cut, bytes);
      lines += count_lines(whole);
      text.erase(0, cut);
    }
    if (bytes_read != bytes || in.bad()) {
      throw std::runtime_error(fmt::format("Cannot read {}.", file.string()));
    }
  }
  if (table.rows() == 0) {
    throw std::runtime_error(fmt::format("There is no row of data in {}.", folder.string()));
  }
  return table;
}

void append_number(std::string& text, float value) {
  if (std::isnan(value)) return;
  char digits[32];
  char* const end = fmt::format_to(&digits[0], FMT_COMPILE("{}"), value);
  text.append(&digits[0], end);
}

bool parse_numbers(std::string_view line, std::vector<float>& values) {
  for (;;) {
    if (!take_field(line, values.emplace_back(kMissing))) return false;
    if (line.empty()) return true;
    line.remove_prefix(1);
  }
}

}  // namespace pipelines
