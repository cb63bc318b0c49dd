// Beers by the million as Parquet files of a day each, in a folder and in the engine's lake.
#pragma once

#include "lib/aws/client.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace bench {

constexpr std::string_view kDatabase = "bench";

/// Writes `days` files day=<n>/beers.parquet below `folder`, `rows` beers together: simulated ones,
/// each of which comes again and again with another id and slightly other values.
void write_days(const std::filesystem::path& folder, int days, std::uint64_t rows);

/// Puts those files to s3://lake/beers/day=<n>/, and registers table `beers` of that many
/// partitions.
void upload_days(aws::Client& client, const std::filesystem::path& folder, int days);

/// A table of the columns of `beers` whose partitions are all the days, `times` over: so many times
/// the rows, in the same files.
void repeat_days(aws::Client& client, std::string_view table, int days, int times);

/// A table of `count` partitions, each a folder of its own with the same small file in it; with
/// `projected` they are not registered, but ranged over.
void make_many(aws::Client& client, std::string_view table, const std::filesystem::path& file,
               int count, bool projected);

}  // namespace bench
