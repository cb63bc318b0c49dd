// The rows of an execution's steps.
#include "engine/services/sagemaker/pipelines/step_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace engine::sagemaker::pipelines {
namespace {

std::string row_key(const std::string& execution, std::uint64_t number) {
  return fmt::format("{}/{:06}", execution, number);
}

}  // namespace

std::vector<api::PipelineExecutionStep> stored_steps(const storage::Catalog& catalog,
                                                     const std::string& execution) {
  std::vector<api::PipelineExecutionStep> steps;
  for (const auto& row : catalog.scan(kStepsTable, execution + "/")) {
    steps.push_back(from_json<api::PipelineExecutionStep>(row.value));
  }
  // Executions of earlier releases have one row with all their steps.
  if (const auto old = steps.empty() ? catalog.get(kStepsTable, execution) : std::nullopt) {
    return from_json<api::ListPipelineExecutionStepsResponse>(*old).PipelineExecutionSteps.value_or(
        std::vector<api::PipelineExecutionStep>{});
  }
  return steps;
}

void put_steps(storage::Batch& batch, const std::string& execution,
               const std::vector<api::PipelineExecutionStep>& steps) {
  std::uint64_t number = 0;
  for (const auto& step : steps) {
    batch.put(kStepsTable, row_key(execution, ++number), to_json(step));
  }
}

StepRows::StepRows(storage::Catalog& catalog, std::string execution)
    : catalog_(catalog), execution_(std::move(execution)) {
  if (const auto old = catalog_.get(kStepsTable, execution_)) {
    storage::Batch batch;
    put_steps(batch, execution_, stored_steps(catalog_, execution_));
    batch.remove(kStepsTable, execution_);
    catalog_.commit(std::move(batch));
  }
  for (const auto& row : catalog_.scan(kStepsTable, execution_ + "/")) {
    Entry& entry = entries_.emplace_back();
    const std::string digits = row.key.substr(execution_.size() + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), entry.number);
    entry.row = from_json<Row>(row.value);
  }
}

std::vector<StepRows::Row> StepRows::all() const {
  std::lock_guard lock(mutex_);
  std::vector<Row> rows;
  for (const Entry& entry : entries_) rows.push_back(entry.row);
  return rows;
}

std::optional<StepRows::Row> StepRows::find(const std::string& step) const {
  std::lock_guard lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.row.StepName == step; });
  return found == entries_.end() ? std::nullopt : std::optional(found->row);
}

void StepRows::put(const Row& row) {
  std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.row.StepName != row.StepName) continue;
    entry.row = row;
    return;
  }
  const std::uint64_t number = entries_.empty() ? 1 : entries_.back().number + 1;
  entries_.push_back({.number = number, .row = row});
}

void StepRows::remove(const std::vector<std::string>& steps) {
  storage::Batch batch;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) {
      const bool gone = std::find(steps.begin(), steps.end(), entry.row.StepName) != steps.end();
      if (gone) batch.remove(kStepsTable, key(entry.number));
      return gone;
    });
  }
  if (!batch.empty()) catalog_.commit(std::move(batch));
}

StepRows::Entry& StepRows::at(const std::string& step) {
  for (Entry& entry : entries_) {
    if (entry.row.StepName == step) return entry;
  }
  throw std::logic_error("no row of the step " + step);
}

std::string StepRows::key(std::uint64_t number) const { return row_key(execution_, number); }

}  // namespace engine::sagemaker::pipelines
