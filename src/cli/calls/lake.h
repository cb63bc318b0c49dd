// What has arrived in the lake, counted from the objects themselves.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <set>
#include <string>

namespace cli {

/// Counts records in objects it hasn't seen before, so that asking again is cheap. The Parquet
/// objects are read as files of the engine's data folder. Used by one thread.
class LakeCount {
 public:
  /// `data` is the engine's data folder.
  LakeCount(Session& session, std::string data);

  /// Looks for new objects.
  void update();

  std::uint64_t raw() const { return raw_; }            ///< lines in the raw bucket
  std::uint64_t cleaned() const { return cleaned_; }    ///< rows in the cleaned bucket
  std::uint64_t rejected() const { return rejected_; }  ///< lines below the cleaned error prefix
  const std::string& first_record() const { return first_record_; }

 private:
  void count_raw(const std::string& key);
  void count_cleaned(const std::set<std::string>& keys);

  Session& session_;
  std::string data_;
  std::set<std::string> seen_;  // bucket and key
  std::uint64_t raw_ = 0, cleaned_ = 0, rejected_ = 0;
  std::string first_record_;
};

/// The bytes of a gzip file of any number of members. Throws std::runtime_error when it isn't one.
std::string gunzip(std::string_view bytes);

/// Objects and bytes in a bucket.
struct BucketSize {
  std::uint64_t objects = 0, bytes = 0;
};
BucketSize size_of(Session& session, const std::string& bucket);

}  // namespace cli
