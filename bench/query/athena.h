// A query from its statement to its first page of rows, as a client of Athena makes it.
#pragma once

#include "bench/load/caller.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Answer {
  std::vector<std::vector<std::string>> rows;  ///< without the header, NULL as ""
  double milliseconds = 0;                     ///< from the start call until the rows are here
  double planning = 0, engine = 0;             ///< milliseconds, by the execution's statistics
  std::uint64_t bytes_scanned = 0;
};

/// Starts `sql`, asks until it has ended, takes the first page. Throws std::runtime_error with
/// Athena's reason when it doesn't succeed.
Answer ask(Caller& caller, std::string_view sql);

/// Starts a query, lets it run a while, stops it: the milliseconds from the stop call until the query
/// says CANCELLED. Throws std::runtime_error when it ended by itself.
double stopped(Caller& caller, std::string_view sql);

}  // namespace bench
