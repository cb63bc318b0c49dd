// The data of a batch transform.
#include "engine/services/sagemaker/jobs/transform_data.h"

#include "engine/services/sagemaker/jobs/data.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstring>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

// Verified: AWS's words in a job's log.
constexpr const char* kTooMuch = "Too much data for max payload size";

enum class Format { kCsv, kJson, kOther };

Format format_of(std::string_view type) {
  const std::string name = base::to_lower(base::trim(type.substr(0, type.find(';'))));
  if (name == "text/csv") return Format::kCsv;
  const bool json = name == "application/json" || name == "application/jsonlines" ||
                    name == "application/x-jsonlines";
  return json ? Format::kJson : Format::kOther;
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// A row as an array of its fields as they are written, quotes and all.
json::value fields_of(std::string_view row) {
  json::array fields;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= row.size(); ++i) {
    if (i == row.size() || (row[i] == ',' && !quoted)) {
      fields.emplace_back(row.substr(begin, i - begin));
      begin = i + 1;
    } else if (row[i] == '"') {
      quoted = !quoted;
    }
  }
  return fields;
}

std::string row_of(const json::array& fields) {
  std::string row;
  for (const auto& field : fields) {
    if (!row.empty() || &field != &fields.front()) row += ',';
    row += std::string_view(field.as_string());
  }
  return row;
}

json::value parsed(std::string_view text, std::string_view what) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) throw ClientError(fmt::format("{} is not JSON: {}", what, error.message()));
  return value;
}

/// A record through a filter; the record's end of line stays.
std::string filtered(std::string_view record, const JsonPath& filter, Format format) {
  const std::string_view text = without_line_end(record);
  const std::string_view end = record.substr(text.size());
  if (format == Format::kCsv) return row_of(filter.select(fields_of(text))).append(end);
  const auto value = filter.value(parsed(text, "A record"));
  if (!value) throw ClientError("The InputFilter selects nothing of a record");
  return json::serialize(*value).append(end);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(without_line_end(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined_csv(const TransformRules& rules, std::string_view record,
                       const std::string& answer) {
  json::array row = fields_of(answer).as_array();
  if (rules.join) {
    json::array whole = fields_of(without_line_end(record)).as_array();
    whole.insert(whole.end(), row.begin(), row.end());
    row.swap(whole);
  }
  if (rules.output_filter.whole()) return row_of(row);
  return row_of(rules.output_filter.select(std::move(row)));
}

std::string joined_json(const TransformRules& rules, std::string_view record,
                        const std::string& answer) {
  json::value value = parsed(answer, "An answer of the model");
  if (rules.join) {
    json::value input = parsed(without_line_end(record), "A record");
    json::object whole;
    if (input.is_object()) {
      whole = std::move(input.as_object());
    } else {
      whole["SageMakerInput"] = std::move(input);
    }
    whole["SageMakerOutput"] = std::move(value);
    value = std::move(whole);
  }
  const auto selected = rules.output_filter.value(value);
  if (!selected) throw ClientError("The OutputFilter selects nothing of an answer");
  return json::serialize(*selected);
}

}  // namespace

// Records
// ------------------------------------------------------------------------------------------

RecordReader::RecordReader(const http::Body& body, std::string split_type, std::uint64_t longest)
    : reader_(body), split_type_(std::move(split_type)), longest_(longest) {}

/// Reads until `bytes` stand in the buffer from the next record on; false when there are fewer.
bool RecordReader::fill(std::size_t bytes) {
  while (buffer_.size() - at_ < bytes && !ended_) {
    const std::string_view piece = reader_.next();
    ended_ = piece.empty();
    if (at_ > buffer_.size() / 2) {
      buffer_.erase(0, at_);
      at_ = 0;
    }
    buffer_.append(piece);
  }
  return buffer_.size() - at_ >= bytes;
}

std::optional<std::size_t> RecordReader::line_size() {
  for (std::size_t looked = 0;;) {
    const auto end = buffer_.find('\n', at_ + looked);
    if (end != buffer_.npos) return end + 1 - at_;
    looked = buffer_.size() - at_;
    if (looked > longest_) throw ClientError(kTooMuch);
    if (!fill(looked + 1)) return looked == 0 ? std::nullopt : std::optional(looked);
  }
}

/// A magic number, a length of 29 bits, the data up to a multiple of four.
std::size_t RecordReader::record_io_size() {
  constexpr std::uint32_t kMagic = 0xced7230a;
  std::uint32_t head[2] = {};
  if (!fill(sizeof head)) throw ClientError("A RecordIO record is cut off");
  std::memcpy(head, buffer_.data() + at_, sizeof head);
  if (head[0] != kMagic) throw ClientError("The input is not RecordIO");
  return sizeof head + ((head[1] & 0x1fffffffU) + 3) / 4 * 4;
}

/// A length of 8 bytes and its checksum, the data and its checksum.
std::size_t RecordReader::tf_record_size() {
  std::uint64_t length = 0;
  constexpr std::size_t kFrame = 16;
  if (!fill(kFrame)) throw ClientError("A TFRecord is cut off");
  std::memcpy(&length, buffer_.data() + at_, sizeof length);
  return length > longest_ ? longest_ + kFrame : length + kFrame;
}

std::optional<std::string> RecordReader::next() {
  if (!fill(1)) return std::nullopt;
  std::size_t size = 0;
  if (split_type_ == "Line") {
    size = *line_size();
  } else if (split_type_ == "RecordIO") {
    size = record_io_size();
  } else if (split_type_ == "TFRecord") {
    size = tf_record_size();
  } else {
    fill(longest_ + 1);
    size = buffer_.size() - at_;
  }
  if (size > longest_) throw ClientError(kTooMuch);
  if (!fill(size)) throw ClientError("The last record of the input is cut off");
  std::string record = buffer_.substr(at_, size);
  at_ += size;
  return record;
}

// Batches
// ------------------------------------------------------------------------------------------

std::optional<BatchReader::Pending> BatchReader::take() {
  if (pending_) return std::exchange(pending_, std::nullopt);
  auto record = reader_.next();
  // A line of nothing is no record.
  while (record && rules_.split && base::trim(*record).empty()) record = reader_.next();
  if (!record) return std::nullopt;
  std::string text = rules_.input_filter.whole()
                         ? *record
                         : filtered(*record, rules_.input_filter, format_of(rules_.content_type));
  return Pending{std::move(*record), std::move(text)};
}

std::optional<Batch> BatchReader::next() {
  Batch batch;
  while (auto next = take()) {
    if (!batch.records.empty() &&
        batch.payload.size() + next->filtered.size() > rules_.max_payload_bytes) {
      pending_ = std::move(next);
      break;
    }
    batch.records.push_back(std::move(next->record));
    batch.payload += next->filtered;
    if (rules_.single_record || !rules_.split) break;
  }
  return batch.records.empty() ? std::nullopt : std::optional(std::move(batch));
}

std::string assembled(const TransformRules& rules, const Batch& batch, std::string answer,
                      std::string_view answer_type) {
  if (!rules.by_record()) {
    if (rules.lines && !answer.ends_with('\n')) answer += '\n';
    return answer;
  }
  const Format format = format_of(rules.accept.empty() ? answer_type : rules.accept);
  if (format == Format::kOther) {
    throw ClientError(
        fmt::format("Answers of type \"{}\" can't be joined or filtered", answer_type));
  }
  if (rules.join && format_of(rules.content_type) != format) {
    throw ClientError("Input and output can't be joined: their content types differ");
  }
  const auto answers = rules.split ? lines_of(answer) : std::vector<std::string>{answer};
  if (answers.size() != batch.records.size()) {
    throw ClientError(fmt::format("The model gave {} answers for {} records", answers.size(),
                                  batch.records.size()));
  }
  std::string output;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    output += format == Format::kCsv ? joined_csv(rules, batch.records[i], answers[i])
                                     : joined_json(rules, batch.records[i], answers[i]);
    if (rules.lines) output += '\n';
  }
  return output;
}

}  // namespace engine::sagemaker
