// The rules for what a bucket and a key may be called.
#include "engine/services/s3/names.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/s3.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::s3 {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool looks_like_an_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

// Verified: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) return false;
  const auto allowed = [](char c) { return is_lower_or_digit(c) || c == '-' || c == '.'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  if (name.find("..") != name.npos || looks_like_an_address(name)) return false;
  for (const std::string_view start : {"xn--", "sthree-", "amzn-s3-demo-"}) {
    if (name.starts_with(start)) return false;
  }
  for (const std::string_view end : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}) {
    if (name.ends_with(end)) return false;
  }
  return true;
}

}  // namespace

void check_bucket_name(std::string_view bucket) {
  if (!is_bucket_name(bucket)) throw invalid_bucket_name(bucket);
}

void check_key(std::string_view key) {
  if (key.size() > 1024) throw key_too_long(key.size());
  if (key.empty() || !base::is_utf8(key) || key.find('\0') != key.npos) throw invalid_uri();
}

std::string row_key(std::string_view bucket, std::string_view key) {
  std::string row(bucket);
  row += '\0';
  return row.append(key);
}

std::optional<S3Uri> parse_s3_uri(std::string_view uri) {
  for (const std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!uri.starts_with(scheme)) continue;
    uri.remove_prefix(scheme.size());
    const auto slash = uri.find('/');
    if (slash == 0 || uri.empty()) return std::nullopt;
    if (slash == uri.npos) return S3Uri{std::string(uri), ""};
    return S3Uri{std::string(uri.substr(0, slash)), std::string(uri.substr(slash + 1))};
  }
  return std::nullopt;
}

}  // namespace engine::s3
