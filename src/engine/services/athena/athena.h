// Athena as other services see it: queries over the lake, on a bounded pool of threads.
#pragma once

#include "engine/models/athena.h"
#include "engine/services/context.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// A page of a query's result. The first row of a query's (not of a statement's) first page holds
/// the columns' names, as Athena has it.
struct ResultPage {
  std::vector<api::ColumnInfo> columns;
  std::vector<api::Row> rows;
  std::optional<std::string> next;
  std::int64_t updated = 0;  ///< rows a statement wrote into the lake
};

struct Limits {
  int threads = 2;           ///< queries that run at once
  std::size_t queued = 200;  ///< queries that may wait; more get TooManyRequestsException
  std::size_t spare_sessions = 3;  ///< made beforehand; see sessions.h
};

/// An execution is QUEUED when start() returns (and durable) or already RUNNING, then SUCCEEDED, FAILED
/// or CANCELLED for good. Executions that a crash or a stop of the engine cut off are FAILED at the
/// next start. Thread-safe. Methods throw AwsError as Athena words it.
class Athena {
 public:
  Athena(Context& context, glue::Glue& glue, s3::S3& s3, Limits limits = {});
  ~Athena();  ///< stops what runs

  std::string start(const api::StartQueryExecutionInput& input);  ///< gives the execution's id
  api::QueryExecution execution(const std::string& id) const;
  /// The same, and when it is about to end, as it ended: waits some milliseconds for that, since
  /// whoever is told RUNNING pauses before asking again.
  api::QueryExecution execution_soon(const std::string& id) const;
  std::vector<std::string> executions(std::string_view workgroup) const;  ///< ids, newest first
  /// Ends a query that runs or waits; has no effect on one that is over.
  void stop(const std::string& id);
  ResultPage results(const std::string& id, const std::optional<std::string>& token,
                     std::size_t limit) const;
  /// What a query that succeeded read and gave.
  struct Amounts {
    std::int64_t files = 0;  ///< opened; those that a condition on partitions rules out are not
    std::int64_t rows = 0;   ///< of its result, or written into the lake
  };
  Amounts amounts(const std::string& id) const;
  /// Waits until the execution is over: for callers inside the engine and tests.
  api::QueryExecution wait(const std::string& id) const;

  /// "primary" exists always.
  std::optional<api::WorkGroup> find_workgroup(std::string_view name) const;
  api::WorkGroup workgroup(std::string_view name) const;
  std::vector<api::WorkGroup> workgroups() const;
  void put_workgroup(const api::WorkGroup& workgroup);
  void delete_workgroup(std::string_view name);

  std::map<std::string, std::string> tags(std::string_view arn) const;
  void set_tags(std::string_view arn, const std::map<std::string, std::string>& tags);

  Context& context() const;
  glue::Glue& glue() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::athena
