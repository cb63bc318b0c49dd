// A dataset as Model Monitor reads it: columns of text, some values missing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines::monitor {

/// What AWS infers of a column. Unknown: no value is there.
enum class Type { kUnknown, kIntegral, kFractional, kString };
/// "Integral" and so on, as the files spell it; reading one throws std::runtime_error.
std::string to_string(Type type);
Type type_from(std::string_view name);

using Value = std::optional<std::string>;

struct Column {
  std::string name;
  std::vector<Value> values;  ///< an empty field and a null are missing

  std::size_t present() const;
  /// The narrowest type that all values have; a whole number is a fractional one too.
  Type type() const;
  /// The values that are numbers, in order.
  std::vector<double> numbers() const;
};

struct Dataset {
  std::vector<Column> columns;  ///< all equally long
  std::size_t rows = 0;

  const Column* find(std::string_view name) const;
};

/// How a dataset is written: the environment variable `dataset_format` of a monitoring job,
/// {"csv": {"header": true}} or {"json": {"lines": true}}.
struct Format {
  bool json_lines = false;
  bool header = false;  ///< without one columns are _c0, _c1, …

  /// Throws std::runtime_error naming what isn't read here (Parquet, captures of an endpoint).
  static Format parse(std::string_view json);
};

/// Every file below the folder, by path, or the one file; gzipped ones too. CSV as RFC 4180 has it;
/// of JSON lines, members of nested objects are columns called "outer.inner". Throws
/// std::runtime_error naming the file and the line.
Dataset read_dataset(const std::filesystem::path& place, const Format& format);

/// The type of one value. A number is what std::from_chars takes whole, with a sign.
Type type_of(std::string_view value);
std::optional<double> number_of(std::string_view value);

}  // namespace pipelines::monitor
