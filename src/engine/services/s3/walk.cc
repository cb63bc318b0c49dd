// Going through a table's keys with a prefix and a delimiter.
#include "engine/services/s3/state.h"

#include <algorithm>

namespace engine::s3 {
namespace {

constexpr std::size_t kMostRows = 1000;

/// Where the first delimiter behind the prefix ends, or npos. What stands behind a zero byte is not
/// the key any more (an upload's id).
std::size_t common_end(std::string_view key, const Walk& query) {
  if (query.delimiter.empty()) return key.npos;
  const auto at = key.substr(0, key.find('\0')).find(query.delimiter, query.prefix.size());
  return at == key.npos ? at : at + query.delimiter.size();
}

}  // namespace

WalkEnd walk(const storage::Catalog& catalog, const Walk& query,
             const std::function<void(std::string_view key, std::string_view value)>& row,
             const std::function<void(std::string prefix)>& common_prefix) {
  const std::string scope(query.scope);
  const std::string prefix = scope + std::string(query.prefix);
  WalkEnd end;
  end.next = query.after;
  if (query.limit == 0) return end;

  std::size_t found = 0;
  // Behind a common prefix, rows read ahead are likely to be of the next one and read in vain, so the
  // batches start small there and grow over plain keys.
  std::size_t ahead = query.delimiter.empty() ? kMostRows : 8;
  while (true) {
    const std::size_t asked = std::min(ahead, query.limit - found + 1);
    const auto rows = catalog.scan(query.table, prefix, end.next.empty() ? "" : scope + end.next, asked);
    bool skipped = false;
    for (const auto& [full_key, value] : rows) {
      const auto key = std::string_view(full_key).substr(scope.size());
      if (found == query.limit) {
        end.truncated = true;
        return end;
      }
      ++found;
      if (const auto common = common_end(key, query); common != key.npos) {
        common_prefix(std::string(key.substr(0, common)));
        end.next = past_prefix(key.substr(0, common));
        skipped = true;
        break;
      }
      row(key, value);
      end.next = key;
    }
    if (!skipped && rows.size() < asked) return end;
    ahead = skipped ? 1 : std::min(ahead * 2, kMostRows);
  }
}

}  // namespace engine::s3
