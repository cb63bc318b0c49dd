// The rows of an execution's steps, as ListPipelineExecutionSteps gives them.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/protocol/json.h"
#include "engine/storage/catalog.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace engine::sagemaker::pipelines {

/// Where the rows are: "<execution>/<six digits, in the order the steps began>".
inline constexpr const char* kStepsTable = "sagemaker/execution_steps";

/// The rows of an execution as they are on disk, in the order the steps began.
std::vector<api::PipelineExecutionStep> stored_steps(const storage::Catalog& catalog,
                                                     const std::string& execution);

/// A row for each of the steps, as change() would write them: for an execution that is being made.
void put_steps(storage::Batch& batch, const std::string& execution,
               const std::vector<api::PipelineExecutionStep>& steps);

/// The rows of one execution while it runs: held in memory, so that references are resolved without
/// a look at the disk, and written when a step has made something or has ended. Thread-safe; each
/// step's row is changed by one thread only.
class StepRows {
 public:
  using Row = api::PipelineExecutionStep;

  StepRows(storage::Catalog& catalog, std::string execution);

  std::vector<Row> all() const;
  std::optional<Row> find(const std::string& step) const;

  /// Puts a row behind the others, or in the place of the step's own. Not yet durable.
  void put(const Row& row);
  /// Changes the row and answers it. It is durable then, and so is `with`.
  template <class Edit>
  Row change(const std::string& step, Edit&& edit, storage::Batch with = {}) {
    // Changes of one row are committed in the order they were made.
    const auto turn = turn_of(step);
    std::lock_guard row_lock(*turn);
    Entry changed;
    {
      std::lock_guard lock(mutex_);
      Entry& entry = at(step);
      edit(entry.row);
      changed = entry;
    }
    with.put(kStepsTable, key(changed.number), to_json(changed.row));
    catalog_.commit(std::move(with));
    return changed.row;
  }
  /// Durable when it returns.
  void remove(const std::vector<std::string>& steps);

 private:
  struct Entry {
    std::uint64_t number = 0;
    Row row;
    std::shared_ptr<std::mutex> turn = std::make_shared<std::mutex>();
  };
  std::shared_ptr<std::mutex> turn_of(const std::string& step) {
    std::lock_guard lock(mutex_);
    return at(step).turn;
  }
  Entry& at(const std::string& step);
  std::string key(std::uint64_t number) const;

  storage::Catalog& catalog_;
  const std::string execution_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace engine::sagemaker::pipelines
