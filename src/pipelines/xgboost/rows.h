// Rows as SageMaker's XGBoost image reads them, from text/csv, text/libsvm and Parquet.
//
//   CSV     label,feature,feature,…            no header; with weights: label,weight,feature,…
//           an empty field is a missing value; the separator is , ; tab or space
//   PARQUET the first column is the label, all are numbers; NULL is a missing value
//   LIBSVM  label[:weight] column:value …      columns counted from 0, those left out are missing
#pragma once

#include "pipelines/model/booster.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace pipelines::xgboost {

enum class Form { kCsv, kLibsvm, kParquet };

/// What a channel's ContentType, or a request's Content-Type, stands for: "text/csv; label_size=1",
/// "csv", "text/libsvm", "text/x-libsvm", "libsvm", "application/x-parquet", "parquet". Nothing
/// given is `fallback`. Throws UserError.
Form form_of(std::string_view content_type, Form fallback);

struct Rows {
  SparseRows features;
  std::vector<float> labels;   ///< one a row; empty when the text has none
  std::vector<float> weights;  ///< one a row, or empty

  std::size_t count() const { return features.rows(); }
};

/// What stands before a CSV row's features.
enum class Lead { kNothing, kLabel, kLabelAndWeight };

/// Both add the rows of a text; `name` stands in errors. Throw UserError naming it and the line.
void add_csv(Rows& rows, std::string_view text, std::string_view name, Lead lead);
/// With `labels`, each line begins with one; without, a line may.
void add_libsvm(Rows& rows, std::string_view text, std::string_view name, bool labels);

/// Adds the rows of a Parquet file, in its order. Throws UserError naming the file.
void add_parquet(Rows& rows, const std::filesystem::path& file);

/// Every file below a channel's folder. Throws UserError when there is no row.
Rows read_channel(const std::filesystem::path& folder, Form form, bool csv_weights);

/// The rows with their labels and weights, as XGBoost takes them.
Matrix to_matrix(const Rows& rows);

}  // namespace pipelines::xgboost
