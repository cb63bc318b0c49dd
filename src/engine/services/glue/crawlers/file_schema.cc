// Which format a file has: classifiers in their order, the first that knows it wins.
#include "engine/services/glue/crawlers/file_schema.h"

#include <fmt/format.h>

#include <array>

namespace engine::glue {

struct FileReader::Parquet {
  // Only our own statements run here, so the database stays open to every file.
  duck::Database database{duck::Options{.memory_limit = "256MB", .lock = false}};
  duck::Connection connection{database};
};

FileReader::FileReader(std::vector<api::CsvClassifier> classifiers)
    : classifiers_(std::move(classifiers)) {}

FileReader::~FileReader() = default;

FileSchema FileReader::read(const std::string& path, std::uint64_t size) {
  const Sample sample = read_sample(path);
  const std::string_view bytes = sample.bytes;
  if (bytes.empty()) throw Unclassified("it is empty");
  if (bytes.starts_with("PAR1")) {
    if (sample.compression != "none") throw Unclassified("it is Parquet within another compression");
    if (!parquet_) parquet_ = std::make_unique<Parquet>();
    return parquet_schema(parquet_->connection, path, size);
  }
  for (const auto& [magic, name] : {std::pair{"ORC", "ORC"}, {"Obj\x01", "Avro"}}) {
    if (bytes.starts_with(magic)) {
      throw Unclassified(fmt::format("the format {} is not supported", name));
    }
  }
  for (const api::CsvClassifier& classifier : classifiers_) {
    if (auto schema = csv_schema(sample, size, classifier)) return *schema;
  }
  if (auto schema = json_schema(sample, size)) return *schema;
  if (auto schema = csv_schema(sample, size)) return *schema;
  throw Unclassified("no classifier knows its format");
}

}  // namespace engine::glue
