// The first rows of a Parquet object, for who has no table over it.
#pragma once

#include "engine/services/s3/s3.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace engine::console {

inline constexpr std::uint64_t kMostRows = 500;

/// {"rows": 120, "columns": [{"name", "type"}], "values": [["12.5", null, …], …]}: every value as text, of
/// the first `limit` rows. Throws AwsError as S3 does, and 400 InvalidRequest with DuckDB's words for what
/// is no Parquet file.
std::string preview_parquet(const s3::S3& s3, std::string_view bucket, std::string_view key, std::uint64_t limit);

}  // namespace engine::console
