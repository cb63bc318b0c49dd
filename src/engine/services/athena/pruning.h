// Which partitions a query can need: the conditions that its plan puts on partition keys.
#pragma once

#include "lib/duckdb/database.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// A condition that all rows of a scan must meet.
struct Condition {
  std::string sql;                        ///< over the names of the scanned table's columns
  std::string key;                        ///< when it is "key = 'x'" or "key IN ('x', …)"
  std::vector<std::string> choices = {};  ///< what the key may be then, as texts
};
using ScanConditions = std::vector<Condition>;

/// For each table function "probe_…" in the optimized plan of a query: the conditions over each of
/// its scans. A function that isn't there isn't read. `names` are those that plans may hold: when
/// DuckDB can't tell the plan, each of them is scanned without conditions. Throws duck::Error for a
/// query that does not bind.
std::map<std::string, std::vector<ScanConditions>> scans_of(duck::Connection& session,
                                                            std::string_view query,
                                                            const std::vector<std::string>& names);

struct KeyColumn {
  std::string name, type;  ///< lower case; DuckDB's type
};

/// Evaluates conditions on values of partition keys, in a catalog of its own that holds none of the
/// query's macros. Those that need other columns or fail are taken as met: it may keep too much,
/// never too little. Used by one thread.
class Pruner {
 public:
  explicit Pruner(duck::Database& database);
  ~Pruner();

  /// The indexes of the rows (one text for each key) that some scan can need. Throws QueryError for a
  /// value that isn't of its key's type.
  std::vector<std::size_t> matching(const std::vector<KeyColumn>& keys,
                                    const std::vector<std::vector<std::string>>& rows,
                                    const std::vector<ScanConditions>& scans);

 private:
  struct Impl;
  duck::Database& database_;
  std::unique_ptr<Impl> impl_;  // made with the first rows that conditions choose from
};

/// The texts that the key must be one of, by a condition with choices in every scan; empty when a
/// scan has none.
std::vector<std::string> static_values(const std::string& key,
                                       const std::vector<ScanConditions>& scans);

}  // namespace engine::athena
