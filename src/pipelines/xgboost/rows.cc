// CSV and LIBSVM to rows. Strict where XGBoost's own reader takes a word for a missing value.
#include "pipelines/xgboost/rows.h"

#include "lib/base/encoding.h"
#include "pipelines/files.h"
#include "pipelines/xgboost/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace pipelines::xgboost {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kShown = 50;  // characters of a line in an error
constexpr unsigned kMostColumns = 1u << 30;

template <class T>
bool parse(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

/// A file and the line of it that is being read.
struct Place {
  std::string_view name;
  std::size_t line = 0;
  std::string_view text;

  [[noreturn]] void refuse(std::string_view why) const {
    throw UserError(fmt::format("{}, line {}: {}: '{}'", name, line, why, text.substr(0, kShown)));
  }
};

template <class F>
void for_each_line(std::string_view text, std::string_view name, F&& use) {
  Place place{name};
  while (!text.empty()) {
    const auto end = text.find('\n');
    place.line += 1;
    place.text = base::trim(text.substr(0, end));
    // A row may begin or end with a missing value, which a tab sets apart.
    std::string_view whole = text.substr(0, end);
    if (whole.ends_with('\r')) whole.remove_suffix(1);
    if (!place.text.empty()) use(whole, place);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// The image guesses the separator from the first line; these are what it prefers, in order.
char separator_of(std::string_view line) {
  for (const char c : {',', '\t', ';', ' '}) {
    if (line.find(c) != std::string_view::npos) return c;
  }
  return ',';
}

std::size_t lead_size(Lead lead) {
  return lead == Lead::kNothing ? 0 : lead == Lead::kLabel ? 1 : 2;
}

void read_fields(std::string_view line, char separator, const Place& place,
                 std::vector<float>& fields) {
  fields.clear();
  for (;;) {
    const auto end = line.find(separator);
    const std::string_view field = base::trim(line.substr(0, end));
    float value = kMissing;
    if (!field.empty() && !parse(field, value)) {
      place.refuse(fmt::format("'{}' is no number", field.substr(0, kShown)));
    }
    fields.push_back(value);
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
  }
}

void end_row(SparseRows& rows) { rows.starts.push_back(rows.values.size()); }

void add_value(SparseRows& rows, unsigned column, float value) {
  if (std::isnan(value)) return;
  rows.places.push_back(column);
  rows.values.push_back(value);
}

void add_weight(Rows& rows, float weight, const Place& place) {
  if (std::isnan(weight) || weight < 0) place.refuse("a weight must be a number from 0 up");
  // Rows before the first that has a weight count once.
  rows.weights.resize(rows.count(), 1);
  rows.weights.push_back(weight);
}

/// "3:0.5" → column 3, value 0.5.
void add_pair(SparseRows& rows, std::string_view token, const Place& place) {
  const auto colon = token.find(':');
  unsigned column = 0;
  float value = 0;
  if (colon == std::string_view::npos || !parse(token.substr(0, colon), column) ||
      !parse(token.substr(colon + 1), value) || column >= kMostColumns) {
    place.refuse(fmt::format("'{}' is not column:value", token.substr(0, kShown)));
  }
  rows.columns = std::max<std::size_t>(rows.columns, column + 1);
  add_value(rows, column, value);
}

/// "7", or with a weight "7:0.5".
void add_label(Rows& rows, std::string_view token, const Place& place) {
  const auto colon = token.find(':');
  float label = 0;
  float weight = 1;
  if (!parse(token.substr(0, colon), label) || std::isnan(label) ||
      (colon != std::string_view::npos && !parse(token.substr(colon + 1), weight))) {
    place.refuse("expected LIBSVM, label[:weight] column:value …");
  }
  if (colon != std::string_view::npos) {
    add_weight(rows, weight, place);
  } else if (!rows.weights.empty()) {
    rows.weights.push_back(1);
  }
  rows.labels.push_back(label);
}

}  // namespace

Form form_of(std::string_view content_type, Form fallback) {
  const auto semicolon = content_type.find(';');
  const std::string type = base::to_lower(base::trim(content_type.substr(0, semicolon)));
  if (type.empty()) return fallback;
  if (type == "csv" || type == "text/csv") {
    const std::string rest =
        semicolon == std::string_view::npos ? "" : base::to_lower(content_type.substr(semicolon));
    const auto size = rest.find("label_size=");
    if (size != std::string::npos && base::trim(rest.substr(size + 11, 2)) != "1") {
      throw UserError(
          fmt::format("{} is not an accepted csv ContentType. Optional parameter "
                      "label_size must be equal to 1",
                      content_type));
    }
    return Form::kCsv;
  }
  if (type == "libsvm" || type == "text/libsvm" || type == "text/x-libsvm") return Form::kLibsvm;
  if (type == "parquet" || type == "application/x-parquet") return Form::kParquet;
  // Deviation: the image also reads RecordIO-protobuf.
  throw UserError(fmt::format(
      "{} is not an accepted ContentType here: text/csv, text/libsvm and application/x-parquet are",
      content_type));
}

void add_csv(Rows& rows, std::string_view text, std::string_view name, Lead lead) {
  const std::size_t first = lead_size(lead);
  char separator = 0;
  std::vector<float> fields;
  for_each_line(text, name, [&](std::string_view line, const Place& place) {
    if (separator == 0) separator = separator_of(line);
    read_fields(line, separator, place, fields);
    if (fields.size() <= first) place.refuse("there is no feature");
    const std::size_t columns = fields.size() - first;
    if (rows.count() == 0) rows.features.columns = columns;
    if (columns != rows.features.columns) {
      place.refuse(fmt::format("{} fields where {} are expected", fields.size(),
                               rows.features.columns + first));
    }
    if (first > 0) {
      if (std::isnan(fields[0])) place.refuse("the label is missing");
      rows.labels.push_back(fields[0]);
    }
    if (first > 1) add_weight(rows, fields[1], place);
    for (std::size_t i = 0; i < columns; ++i) {
      add_value(rows.features, static_cast<unsigned>(i), fields[first + i]);
    }
    end_row(rows.features);
  });
}

void add_libsvm(Rows& rows, std::string_view text, std::string_view name, bool labels) {
  for_each_line(text, name, [&](std::string_view, const Place& place) {
    std::string_view rest = place.text;
    for (bool at_start = true; !rest.empty(); at_start = false) {
      const auto end = rest.find_first_of(" \t");
      const std::string_view token = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : base::trim(rest.substr(end));
      const bool label = at_start && (labels || token.find(':') == std::string_view::npos);
      if (!label) {
        add_pair(rows.features, token, place);
      } else if (labels) {
        add_label(rows, token, place);
      } else if (float ignored = 0; !parse(token, ignored)) {
        place.refuse(fmt::format("'{}' is neither a label nor column:value", token));
      }
    }
    end_row(rows.features);
  });
}

Rows read_channel(const std::filesystem::path& folder, Form form, bool csv_weights) {
  Rows rows;
  for (const auto& file : files_below(folder)) {
    const std::string name = file.filename().string();
    if (form == Form::kParquet) {
      add_parquet(rows, file);
    } else if (form == Form::kCsv) {
      add_csv(rows, read_file(file), name, csv_weights ? Lead::kLabelAndWeight : Lead::kLabel);
    } else {
      add_libsvm(rows, read_file(file), name, true);
    }
  }
  if (rows.count() == 0) {
    throw UserError(
        fmt::format("No data in the channel {} ({})", folder.filename().string(), folder.string()));
  }
  return rows;
}

Matrix to_matrix(const Rows& rows) {
  Matrix matrix(rows.features);
  if (!rows.labels.empty()) matrix.set_labels(rows.labels);
  if (!rows.weights.empty()) matrix.set_weights(rows.weights);
  return matrix;
}

}  // namespace pipelines::xgboost
