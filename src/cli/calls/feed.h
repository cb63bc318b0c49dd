// Beers onto the stream: through fn_extraction, or straight from a file.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cli {

/// Told how many records are on the stream so far.
using OnFed = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Calls fn_extraction until `beers` records are on the stream, and gives how many there are.
/// Throws std::runtime_error with the function's own sentence when it fails.
std::uint64_t feed_through_function(Session& session, std::uint64_t beers, const OnFed& on_fed);

/// The records of a file: the elements of a JSON array, each on one line, or the lines of a
/// JSON-lines file as they stand, broken ones too. Each ends with a newline. Throws
/// std::runtime_error when the file can't be read or holds no record.
std::vector<std::string> read_records(const std::string& file);

/// PutRecords, as many at a time as it takes; what the stream refuses for now is put again.
std::uint64_t feed_records(Session& session, const std::vector<std::string>& records,
                           const OnFed& on_fed);

/// Every beer of a paged Punk API ("http://host/v2"), up to `most` of them (0: all).
std::vector<std::string> read_pages(const std::string& url, std::uint64_t most);

}  // namespace cli
