// A row of the table `cleaned`: what the transformation writes and everything after it reads.
#pragma once

#include "beer/beer.h"
#include "beer/families.h"
#include "beer/quality.h"
#include "lib/base/clock.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

struct Column {
  std::string_view name;
  std::string_view glue_type;  ///< "bigint", "string", "double", "timestamp"
  std::string_view comment;
};

/// The table's columns in order: the row's own, the family keys, then one double for each feature.
std::span<const Column> cleaned_columns();

struct Cleaned {
  std::int64_t id = 0;
  std::string name;
  std::string first_brewed;
  base::Timestamp arrived_at{};
  std::optional<double> ibu;  ///< as it came, whatever the label says of it
  LabelStatus label = LabelStatus::kOk;
  std::string findings;  ///< names joined by commas: the parser's, then the rules'
  FamilyKeys keys;
  std::vector<float> features;  ///< in the order of features(); NaN is missing

  /// One JSON object on one line, without a newline, its members the table's columns. A missing
  /// number is null; the time is "YYYY-MM-DD HH:MM:SS.mmm" in UTC.
  std::string to_json() const;
};

/// From the JSON of a beer to its row. Throws InvalidBeer when there is no beer in it.
Cleaned clean(std::string_view beer_json, base::Timestamp arrived);

}  // namespace beer
