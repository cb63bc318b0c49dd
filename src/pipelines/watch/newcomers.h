// The beers that came after a model was trained.
#pragma once

#include "pipelines/table.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace pipelines {

struct CleanedRows;

/// The rows a model learns from and is judged on, in arrivals.json: the last arrival among them.
std::string arrivals_json(std::int64_t last);

struct Newcomers {
  Table table;             ///< those looked at, in the order of their arrival
  std::size_t beers = 0;   ///< all that are new and have a usable IBU
  std::int64_t since = 0;  ///< arrival of the first looked at, milliseconds since 1970
  std::int64_t until = 0;  ///< of the last
};

/// The newest `window` beers of `input` whose label is usable, that came after what `rows` tells
/// and aren't named there. Throws std::runtime_error as reading does.
Newcomers find_newcomers(const std::filesystem::path& input, const std::filesystem::path& rows,
                         std::size_t window);

}  // namespace pipelines
