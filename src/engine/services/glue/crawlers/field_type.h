// The type of a column while files are looked at: it grows wider with each of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// A Hive type under construction. `name` is "" while nothing but nulls was seen, "array" (one
/// child), "map" (key and value), "struct" (fields), or a scalar as Hive writes it: "bigint",
/// "decimal(10,2)".
struct FieldType {
  std::string name;
  std::vector<FieldType> children = {};
  std::vector<std::string> fields = {};  ///< names of a struct's, in the case of the data

  bool operator==(const FieldType&) const = default;
};

/// A column of a file.
struct Field {
  std::string name;  ///< lower case
  FieldType type;

  bool operator==(const Field&) const = default;
};

/// The narrowest type that holds the values of both: integers grow to bigint, numbers to double,
/// structs get the fields of both, and what has nothing in common is a string.
FieldType widen(const FieldType& a, const FieldType& b);

/// True when values of both stay what they are in the wider type: 1 and 2.5, but not 1 and "one".
bool is_alike(const FieldType& a, const FieldType& b);

/// As Hive writes it. A type of nulls only is a string, and so is a struct that Hive can't name:
/// one without fields, or with a field whose name holds punctuation of the type's own.
std::string to_hive(const FieldType& type);

/// The type of a value in a delimited file: bigint, double, boolean or string; unknown when empty.
FieldType type_of_text(std::string_view text);

/// The columns of both, those of `a` first.
std::vector<Field> merge_by_name(std::vector<Field> a, const std::vector<Field>& b);
/// The columns of both by their place.
std::vector<Field> merge_by_place(std::vector<Field> a, const std::vector<Field>& b);

}  // namespace engine::glue
