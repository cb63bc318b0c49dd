// Prefixes of delivery streams: a key no longer than it was promised to be.
#include "engine/services/firehose/prefix.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  using namespace engine::firehose;
  try {
    const Prefix prefix(bytes);
    base::Ids ids(7);
    PartitionKeys keys;
    for (const auto& name : prefix.query_keys()) keys.query[name] = "";
    for (const auto& name : prefix.lambda_keys()) keys.lambda[name] = "";
    const base::Timestamp time{base::Milliseconds(1'767'225'612'345)};
    base::fuzz::hold(prefix.evaluate(time, ids, keys).size() <= prefix.most_bytes(),
                     "a key is no longer than promised");
    // A stream is refused whose error prefix has keys: a record that failed has none.
    if (!prefix.has_partition_keys()) prefix.evaluate_error(time, "processing-failed", ids);
  } catch (const PrefixError&) {
  }
}
