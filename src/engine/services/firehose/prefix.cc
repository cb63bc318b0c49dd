// Prefix expressions.
#include "engine/services/firehose/prefix.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::firehose {
namespace {

constexpr std::string_view kDefaultTime = "yyyy/MM/dd/HH/";
constexpr std::size_t kRandomLength = 11;

}  // namespace

Prefix::Prefix(std::string_view text) {
  while (!text.empty()) {
    const std::size_t at = std::min(text.find("!{"), text.size());
    if (at > 0) parts_.push_back({Kind::kText, std::string(text.substr(0, at))});
    text.remove_prefix(at);
    if (text.empty()) break;
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) throw PrefixError("an expression !{… is not closed");
    parts_.push_back(parse_expression(text.substr(2, end - 2)));
    text.remove_prefix(end + 1);
  }
}

Prefix::Part Prefix::parse_expression(std::string_view expression) {
  const std::size_t colon = expression.find(':');
  const std::string_view space = expression.substr(0, colon);
  const std::string_view value =
      colon == std::string_view::npos ? std::string_view{} : expression.substr(colon + 1);
  if (space == "timestamp" && !value.empty()) {
    format_java({}, value);  // throws for what it can't write
    return {Kind::kTimestamp, std::string(value)};
  }
  if (expression == "firehose:random-string") return {Kind::kRandomString, ""};
  if (expression == "firehose:error-output-type") return {Kind::kErrorType, ""};
  if (space == "partitionKeyFromQuery" && !value.empty()) {
    return {Kind::kQueryKey, std::string(value)};
  }
  if (space == "partitionKeyFromLambda" && !value.empty()) {
    return {Kind::kLambdaKey, std::string(value)};
  }
  throw PrefixError(fmt::format("!{{{}}} is not an expression", expression));
}

bool Prefix::has(Kind kind) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.kind == kind; });
}
bool Prefix::has_expressions() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.kind != Kind::kText; });
}
bool Prefix::has_timestamp() const { return has(Kind::kTimestamp); }
bool Prefix::has_error_type() const { return has(Kind::kErrorType); }
bool Prefix::has_partition_keys() const { return has(Kind::kQueryKey) || has(Kind::kLambdaKey); }

std::vector<std::string> Prefix::texts(Kind kind) const {
  std::vector<std::string> texts;
  for (const Part& part : parts_) {
    if (part.kind == kind) texts.push_back(part.text);
  }
  return texts;
}
std::vector<std::string> Prefix::query_keys() const { return texts(Kind::kQueryKey); }
std::vector<std::string> Prefix::lambda_keys() const { return texts(Kind::kLambdaKey); }

std::size_t Prefix::most_bytes() const {
  constexpr std::size_t kLongestLetter = 9;  // "Wednesday", "September", of a letter and more
  std::size_t bytes = kDefaultTime.size() + 1;
  for (const Part& part : parts_) {
    if (part.kind == Kind::kText) bytes += part.text.size();
    if (part.kind == Kind::kTimestamp) bytes += part.text.size() * kLongestLetter;
    if (part.kind == Kind::kRandomString) bytes += kRandomLength;
  }
  return bytes;
}

std::string Prefix::join(base::Timestamp oldest, std::string_view error_type, base::Ids& ids,
                         const PartitionKeys& keys) const {
  std::string key;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Kind::kText:
        key += part.text;
        break;
      case Kind::kTimestamp:
        key += format_java(oldest, part.text);
        break;
      case Kind::kRandomString:
        key += ids.alnum(kRandomLength);
        break;
      case Kind::kErrorType:
        key += error_type;
        break;
      case Kind::kQueryKey:
        key += keys.query.at(part.text);
        break;
      case Kind::kLambdaKey:
        key += keys.lambda.at(part.text);
        break;
    }
  }
  return key;
}

std::string Prefix::evaluate(base::Timestamp oldest, base::Ids& ids,
                             const PartitionKeys& keys) const {
  std::string key = join(oldest, {}, ids, keys);
  if (!has_timestamp() && !has_partition_keys()) key += format_java(oldest, kDefaultTime);
  return key;
}

std::string Prefix::evaluate_error(base::Timestamp oldest, std::string_view error_type,
                                   base::Ids& ids) const {
  std::string key = join(oldest, error_type, ids, {});
  if (!has_expressions()) {
    key.append(error_type).append("/").append(format_java(oldest, kDefaultTime));
  }
  return key;
}

}  // namespace engine::firehose
