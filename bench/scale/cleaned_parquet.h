// The table `cleaned` as Parquet files, filled with simulated beers or the real catalogue.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

/// Writes simulated beers 1..count of `seed` below `folder`, in files of some ten thousand, each
/// beer parsed, checked and computed by the domain code as on its way through the lake.
void write_simulated(const std::filesystem::path& folder, std::uint64_t count, std::uint64_t seed);

/// The same of a catalogue: a JSON array of beers. Gives how many there were.
std::uint64_t write_catalogue(const std::filesystem::path& folder,
                              const std::filesystem::path& catalogue);

}  // namespace bench
