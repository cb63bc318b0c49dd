// Event source mappings at work: which shards of which streams are read, by how many lanes.
#pragma once

#include "engine/services/lambda/stream_lane.h"

#include <map>
#include <set>

namespace engine::lambda {

/// Brings what runs in line with the mappings of the catalog, and their states with what runs: Creating,
/// Enabling and Updating become Enabled once the mapping runs as it is written, Disabling becomes Disabled
/// and a Deleting mapping is gone once its last invocation has ended.
///
/// A shard is read once its parents have been read to their ends. When ParallelizationFactor changes, the
/// shard's lanes first come to one offset and the new ones start there, so that the records of a partition
/// key stay in order.
class EventSources {
 public:
  explicit EventSources(Lambda::Impl& lambda);
  ~EventSources() { stop(); }

  /// A mapping has changed.
  void wake() { loop_.wake(); }
  /// LastProcessingResult; "No records processed" when it has not run since the engine's start.
  std::string last_result(const std::string& uuid) const;

  void request_stop();
  /// Waits for the invocations under way.
  void stop();

 private:
  struct Shard {
    std::string stream_id;
    int factor = 1;
    kinesis::Offset limit = 0;  ///< where all lanes stop, when the factor is to change
    bool drained = false;       ///< closed, and read to its end
    bool ending = false;        ///< its lanes have been asked to stop
    std::vector<std::unique_ptr<StreamLane>> lanes;
  };
  struct Mapping {
    std::string row;
    std::shared_ptr<SourceStatus> status = std::make_shared<SourceStatus>();
    std::map<std::string, Shard> shards;
  };

  base::Milliseconds round();
  void tend(const storage::Catalog::Row& row);
  void run(const std::string& uuid, Mapping& mapping);
  void tend_shard(const SourceSettings& settings, Mapping& mapping, const kinesis::ShardInfo& info);
  void start(const SourceSettings& settings, Mapping& mapping, const kinesis::ShardInfo& info, Shard& shard);
  /// Asks the lanes to stop and lets go of those that have; true when none is left.
  bool end_lanes(Shard& shard);
  bool end_lanes(Mapping& mapping);
  void set_state(const std::string& uuid, std::string_view from, std::string_view to);
  void remove(const std::string& uuid);

  Lambda::Impl& lambda_;
  std::map<std::string, Mapping> mappings_;  ///< by UUID; of the loop's thread alone
  base::Guarded<std::set<StreamLane*>> lanes_;
  base::Guarded<std::map<std::string, std::shared_ptr<SourceStatus>>> statuses_;
  std::shared_ptr<void> subscription_;
  base::Loop loop_;  // last: it uses all of the above
};

/// What a mapping of the catalog asks for.
SourceSettings settings_of(const api::EventSourceMappingConfiguration& mapping);

/// Rows that make every present shard of the stream begin where the mapping says.
void put_starting_positions(const Lambda::Impl& lambda, const api::EventSourceMappingConfiguration& mapping,
                            storage::Batch& batch);

}  // namespace engine::lambda
