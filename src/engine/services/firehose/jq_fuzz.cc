// Queries of jq, each over one record.
#include "engine/services/firehose/jq.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  using namespace engine::firehose;
  const std::string query(base::fuzz::take_line(bytes));
  // What multiplies itself takes as long as it likes; a query is its owner's, and the time as well.
  constexpr std::size_t kLongest = 120;
  if (query.size() > kLongest) return;
  try {
    const Query compiled(query);
    for (const std::string_view record :
         {bytes, std::string_view(R"({"a":"abc","n":5,"l":[3,1,2],"o":{"x":null}})")}) {
      try {
        for (const auto& [key, value] : compiled.run(record))
          base::fuzz::hold(!value.empty(), "a key has a value");
      } catch (const QueryError&) {
      }
    }
  } catch (const QueryError&) {
  }
}
