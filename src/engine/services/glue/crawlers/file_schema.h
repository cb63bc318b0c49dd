// What a file of the lake holds, as a look at its beginning tells.
#pragma once

#include "engine/models/glue.h"
#include "engine/services/glue/crawlers/field_type.h"
#include "lib/duckdb/database.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// A file's format and columns.
struct FileSchema {
  std::string format;                ///< "csv", "json" or "parquet"; a classifier's is "csv"
  std::string compression = "none";  ///< "none", "gzip", "zstd" or "bzip2": of the whole file
  std::vector<Field> fields;
  double records = 0;  ///< in the file: counted, or estimated from its beginning

  // Of a delimited file.
  char delimiter = ',', quote = '"';
  bool has_header = false;
  std::vector<std::string> first_row;  ///< in lower case, of one without a header
  bool is_quoted = false;       ///< some value stood in quotes
  bool escapes_quotes = false;  ///< by a backslash, not by doubling them
  std::string serde;            ///< a classifier's: "OpenCSVSerDe", "LazySimpleSerDe"; "" for ours
};

/// Why a file is left out: a sentence for the crawler's log.
struct Unclassified : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The beginning of a file, unpacked.
struct Sample {
  std::string bytes;
  bool whole = false;  ///< it is the whole file
  std::string compression = "none";
  double growth = 1;  ///< unpacked bytes for each byte of the file, so far
};

/// How much of a file is looked at, unpacked. Memory is bounded by it, whatever the file holds.
inline constexpr std::size_t kSampleBytes = 1 << 20;

/// The first kSampleBytes of what is in the file at `path`. Throws Unclassified when it can't be
/// read or unpacked.
Sample read_sample(const std::string& path);

/// The formats, each of a sample (of a file of `size` bytes). Nothing when the file isn't of the
/// format; Unclassified when it is and is broken.
std::optional<FileSchema> json_schema(const Sample& sample, std::uint64_t size);
std::optional<FileSchema> csv_schema(const Sample& sample, std::uint64_t size);
/// By a custom classifier.
std::optional<FileSchema> csv_schema(const Sample& sample, std::uint64_t size,
                                     const api::CsvClassifier& classifier);
/// By the footer; `duck` may read the file.
FileSchema parquet_schema(duck::Connection& duck, const std::string& path, std::uint64_t size);

/// Tells what files are. Custom classifiers are asked first, in their order. Used by one thread.
class FileReader {
 public:
  explicit FileReader(std::vector<api::CsvClassifier> classifiers);
  ~FileReader();

  /// Throws Unclassified.
  FileSchema read(const std::string& path, std::uint64_t size);

 private:
  struct Parquet;
  std::vector<api::CsvClassifier> classifiers_;
  std::unique_ptr<Parquet> parquet_;  // DuckDB, opened for the first Parquet file
};

}  // namespace engine::glue
