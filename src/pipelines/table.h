// Training data as SageMaker's XGBoost takes it: CSV without a header, the label in column 0.
#pragma once

#include "lib/base/digest.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// Labels and features of some rows; a missing feature is a NaN, an empty field in the file.
struct Table {
  std::size_t columns = 0;  ///< features, the label not counted
  std::vector<float> labels;
  std::vector<float> values;  ///< rows one after the other

  std::size_t rows() const { return labels.size(); }
  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * columns, columns);
  }
  double mean_label() const;

  /// The rows of `indexes`, in that order.
  Table pick_rows(std::span<const std::uint32_t> indexes) const;
  /// The features of `indexes`, in that order.
  Table pick_columns(std::span<const int> indexes) const;

  std::string to_csv() const;
  /// Writes the rows of `indexes`, in that order, to a file, a piece at a time. Throws
  /// std::runtime_error naming the file.
  void write_csv(const std::filesystem::path& path, std::span<const std::uint32_t> indexes) const;
  /// Adds the rows of a CSV text. Throws std::runtime_error naming `name` and the line.
  void add_csv(std::string_view text, std::string_view name);
  /// Every file below `folder` in the order of their paths, as a training channel is read, a piece
  /// at a time; their bytes go to `digest` too. Throws std::runtime_error when there is no row.
  static Table read_channel(const std::filesystem::path& folder, base::Digest* digest = nullptr);

 private:
  void add_lines(std::string_view text, std::string_view name, std::size_t lines_before);
};

/// Appends `value` in its shortest form that reads back the same; nothing for a NaN.
void append_number(std::string& text, float value);
/// Reads numbers separated by commas into `values`; an empty field gives a NaN. False when a field
/// isn't a number.
bool parse_numbers(std::string_view line, std::vector<float>& values);

/// What a row of a table stands for: the beer's id and the number of its recipe family.
struct RowKey {
  std::int64_t id = 0;
  std::uint32_t family = 0;
  std::string name;
};
/// CSV with the header id,family,name, one line for each row of a table.
std::string to_csv(const std::vector<RowKey>& rows);
/// Throws std::runtime_error naming the file and the line.
std::vector<RowKey> read_row_keys(const std::filesystem::path& file);

/// 0..100: the scale the model speaks.
inline double clip_ibu(double value) { return value < 0 ? 0 : value > 100 ? 100 : value; }

}  // namespace pipelines
