// What a request asks to be predicted: its body, whatever its shape, as rows of features.
#pragma once

#include "pipelines/table.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// What was found of a beer that came as a beer; nothing for a row of features.
using Flags = std::optional<std::vector<std::string>>;

/// Rows of the whole feature list; a NaN is missing.
class Asked {
 public:
  Asked();

  const Table& rows() const { return rows_; }
  /// One for each row, or none when no row has any.
  const std::vector<Flags>& flags() const { return flags_; }

  /// Throws Refusal when it has not as many values as there are features.
  void add_row(std::span<const float> features);
  /// The same without a copy: `fill` adds the values to the end of the vector it gets and says
  /// whether they can be read; else, or when they are too many or too few, Refusal (400) with
  /// `place` ("Line 3") in its sentence.
  template <class F>
  void add_row(std::string_view place, F&& fill) {
    const std::size_t before = rows_.values.size();
    if (!fill(rows_.values) || rows_.values.size() - before != rows_.columns) refuse_row(place);
    rows_.labels.push_back(0);  // unknown: it is what is asked for
    if (!flags_.empty()) flags_.emplace_back();
  }
  /// A raw Punk API beer, read by the code that made the training rows. Throws Refusal (400) with
  /// its number and what is wrong.
  void add_beer(std::string_view json);

 private:
  [[noreturn]] void refuse_row(std::string_view place) const;

  Table rows_;
  std::vector<Flags> flags_;
};

/// A line is a row: the whole feature list in order, an empty field is missing. With a first line
/// of names the fields may be any features in any order. Throws Refusal (400) that names the line.
Asked read_csv_body(std::string_view body);

/// One element, an array of them, or an object with one of
///   "instances"          an array of elements                     (SageMaker, MLflow, TensorFlow)
///   "dataframe_records"  an array of elements                     (MLflow)
///   "dataframe_split"    {"columns":[names],"data":[[values]]}    (MLflow)
///   "inputs"             an array of elements, one row, or {"name":[values],…}  (MLflow)
/// Throws Refusal (400) that names what can't be read.
Asked read_json_body(std::string_view body);

/// A line is an element; empty lines are passed over. Throws Refusal (400).
Asked read_json_lines_body(std::string_view body);

/// Adds an element of one of these bodies:
///   {"id":1,"name":…}        a raw Punk API beer
///   {"abv":4.5,"ph":4.4,…}   features by name; those not named are missing
///   [4.5,1010,…]             the whole feature list in order, null is missing
///   {"features":[4.5,…]}     the same, as SageMaker's algorithms take it
void add_element(Asked& asked, std::string_view json);

/// Adds the rows of {"columns":[names],"data":[[values],…]}. Where every column is a feature the
/// rows are features, else each row is a beer; without "columns" it is the whole list in order.
void add_split(Asked& asked, std::string_view json);

/// Adds the rows of {"abv":[4.5,5],"ph":[4.4,4.2]}: all lists of one length. Names are features'.
void add_columns(Asked& asked, std::string_view json);

/// A JSON number, or null for a missing one. False when it is neither.
bool read_number(std::string_view json, float& value);

/// `[1,null,3]`. False when it isn't that.
bool read_numbers(std::string_view json, std::vector<float>& values);

}  // namespace pipelines
