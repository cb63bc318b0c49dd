// The data of a batch transform: objects cut into records, records gathered into requests, answers
// put together again.
#pragma once

#include "engine/services/sagemaker/jobs/json_path.h"
#include "lib/http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// Cuts a body into records, whose bytes stay as they are: a line with its end, a RecordIO or
/// TFRecord record with its frame, or ("None") all of it.
class RecordReader {
 public:
  /// `longest`: a record with more bytes than that is refused.
  RecordReader(const http::Body& body, std::string split_type, std::uint64_t longest);

  /// The next record, nothing at the end. Throws ClientError for a damaged frame, and for a record
  /// that is too long.
  std::optional<std::string> next();

 private:
  bool fill(std::size_t bytes);
  std::optional<std::size_t> line_size();
  std::size_t record_io_size();
  std::size_t tf_record_size();

  http::Body::Reader reader_;
  const std::string split_type_;
  const std::uint64_t longest_;
  std::string buffer_;
  std::size_t at_ = 0;  ///< of the next record in the buffer
  bool ended_ = false;
};

/// What a transform does with records on their way to the model and back.
struct TransformRules {
  std::string content_type, accept;
  bool single_record = false;  ///< BatchStrategy
  std::uint64_t max_payload_bytes = 6 << 20;
  bool lines = false;  ///< AssembleWith
  bool split = false;  ///< SplitType isn't None
  JsonPath input_filter{"$"}, output_filter{"$"};
  bool join = false;

  /// True when answers have to be taken apart: then there is one for each record.
  bool by_record() const { return join || !output_filter.whole(); }
};

/// One request's worth of records.
struct Batch {
  std::vector<std::string> records;  ///< as they stand in the input
  std::string payload;               ///< what the model gets
};

/// Fills batches from a reader, by the rules.
class BatchReader {
 public:
  BatchReader(RecordReader& reader, const TransformRules& rules) : reader_(reader), rules_(rules) {}
  /// The next batch, nothing at the end. Throws ClientError.
  std::optional<Batch> next();

 private:
  struct Pending {
    std::string record, filtered;
  };
  std::optional<Pending> take();

  RecordReader& reader_;
  const TransformRules& rules_;
  std::optional<Pending> pending_;
};

/// What an answer adds to the output. Throws ClientError when it can't be joined or filtered.
std::string assembled(const TransformRules& rules, const Batch& batch, std::string answer,
                      std::string_view answer_type);

}  // namespace engine::sagemaker
