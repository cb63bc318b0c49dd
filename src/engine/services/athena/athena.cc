// Rows in the catalog:
//   athena/executions  id                            → QueryExecution
//   athena/active      id                            → nothing; those that are not over
//   athena/history     workgroup, 0x1f, time inverted, id → nothing; lists newest first
//   athena/columns     id                            → ResultSetMetadata
//   athena/amounts     id                            → files opened, a space, rows given
//   athena/updated     id                            → how many rows it wrote into the lake
//   athena/reuse       what a query is like          → id of the newest that succeeded
//   athena/tokens      client request token          → id
//   athena/workgroups  name                          → WorkGroup
//   athena/tags        arn                           → ListTagsForResourceOutput
#include "engine/services/athena/athena.h"

#include "engine/protocol/json.h"
#include "engine/services/athena/ddl.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/prepared.h"
#include "engine/services/athena/query_failure.h"
#include "engine/services/athena/result_reuse.h"
#include "engine/services/athena/run_query.h"
#include "engine/services/athena/sessions.h"
#include "engine/services/athena/sql_text.h"
#include "lib/base/log.h"

#include <charconv>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <sstream>
#include <thread>

namespace engine::athena {
namespace {

using Steady = std::chrono::steady_clock;

// How long an answer may wait for a query to end, and how many may: the others of the gateway's
// threads are free for requests that don't.
constexpr std::chrono::milliseconds kSoon{40};
constexpr int kMostWatchers = 8;

constexpr char kJoin = '\x1f';
constexpr std::string_view kPrimary = "primary";

std::int64_t millis_since(Steady::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start).count();
}

api::EngineVersion engine_version() {
  return {.SelectedEngineVersion = "AUTO", .EffectiveEngineVersion = "Athena engine version 3"};
}

// The name of the result below the output location. What a CREATE TABLE AS writes goes below its.
std::string result_name(const std::string& id, StatementClass kind, const StatementType& type) {
  if (kind == StatementClass::kQuery || kind == StatementClass::kExplain) return id + ".csv";
  if (kind != StatementClass::kWrite) return id + ".txt";
  return type.type == "DDL" ? "tables/" + id : id;
}

bool is_over(const api::QueryExecution& execution) {
  const std::string& state = *execution.Status->State;
  return state != "QUEUED" && state != "RUNNING";
}

}  // namespace

struct Athena::Impl {
  // An execution that is not over. `execution` is guarded by `mutex` below.
  struct Active {
    api::QueryExecution execution;
    std::string client_sql;  // with its parameters filled in
    s3::S3Uri output;
    std::uint64_t scan_limit = UINT64_MAX;
    bool output_enforced = false;
    std::string reuse;  // key of athena/reuse, "" for what is no query
    Cancellation cancellation;
    Steady::time_point submitted = Steady::now();
    // A worker may begin before QUEUED is durable, and ends it only after; `withdrawn` when that
    // could not be written: nobody knows of it then.
    bool durable = false, withdrawn = false;
    bool ending = false;  // somebody writes how it ended; nobody else may
    bool left = false;    // no worker is in it any more
  };

  Impl(Context& context, glue::Glue& glue, s3::S3& s3, Limits limits)
      : context(context), glue(glue), s3(s3), limits(limits), scratch(context.data + "/athena"), sessions(scratch, limits.spare_sessions) {}

  void recover();
  std::string output_location(const api::StartQueryExecutionInput& input,
                              const api::WorkGroup& workgroup) const;
  std::string filled(const std::string& sql, const api::StartQueryExecutionInput& input) const;
  QueryOutput prepare(const Active& active) const;
  std::shared_ptr<Active> make_execution(const api::StartQueryExecutionInput& input);
  void reuse(api::QueryExecution& execution, const api::QueryExecution& earlier,
             storage::Batch& batch) const;
  void enqueue(const std::shared_ptr<Active>& created);
  void withdraw(const std::shared_ptr<Active>& created);
  void work(std::stop_token stop);
  void run(Active& active);
  using Commit = std::function<void(storage::Batch)>;
  bool was_started(const Active& active);
  bool claim_end(Active& active);
  void interrupt(const std::shared_ptr<Active>& stopped);
  void interrupt_stopped(const std::stop_token& stop);
  void finish(Active& active, std::string state, std::string reason, const Commit& commit = {});
  void store_output(Active& active, QueryOutput output, std::int64_t engine_millis);

  Context& context;
  glue::Glue& glue;
  s3::S3& s3;
  const Limits limits;
  const std::string scratch;
  Sessions sessions;

  mutable std::mutex mutex;  // guards all below
  mutable std::condition_variable_any changed;
  std::map<std::string, std::shared_ptr<Active>> active;
  std::deque<std::shared_ptr<Active>> queue;
  std::vector<std::jthread> workers;  // started with the first query
  mutable int watchers = 0;           // in execution_soon()
  std::vector<std::shared_ptr<Active>> stopped;  // CANCELLED already, but a worker is in it still
  std::jthread stopper;                          // started with the first of them
};

// What a former run of the engine left unfinished has failed.
void Athena::Impl::recover() {
  storage::Batch batch;
  for (const auto& row : context.catalog.scan("athena/active")) {
    batch.remove("athena/active", row.key);
    const auto stored = context.catalog.get("athena/executions", row.key);
    if (!stored) continue;
    auto execution = from_json<api::QueryExecution>(*stored);
    execution.Status->State = "FAILED";
    execution.Status->StateChangeReason =
        "INTERNAL_ERROR: the engine was stopped while the query ran";
    execution.Status->CompletionDateTime = context.clock.now();
    batch.put("athena/executions", row.key, to_json(execution));
  }
  if (!batch.empty()) context.catalog.commit(std::move(batch));
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);  // half-written results
}

std::string Athena::Impl::output_location(const api::StartQueryExecutionInput& input,
                                          const api::WorkGroup& workgroup) const {
  const auto configured = workgroup.Configuration->ResultConfiguration;
  const std::string of_group = configured ? configured->OutputLocation.value_or("") : "";
  const std::string of_client =
      input.ResultConfiguration ? input.ResultConfiguration->OutputLocation.value_or("") : "";
  const bool enforced = workgroup.Configuration->EnforceWorkGroupConfiguration.value_or(false);
  const std::string location =
      (enforced && !of_group.empty()) || of_client.empty() ? of_group : of_client;
  if (location.empty()) {
    throw invalid_request(
        "No output location provided. An output location is required either through the Workgroup "
        "result configuration setting or as an API input.");
  }
  const auto uri = s3::parse_s3_uri(location);
  if (!uri)
    throw invalid_request(fmt::format("outputLocation is not a valid S3 path: {}", location));
  if (!s3.has_bucket(uri->bucket))
    throw invalid_request(fmt::format("Unable to verify/create output bucket {}", uri->bucket));
  return location.back() == '/' ? location : location + '/';
}

// The statement to run: of a prepared one its own, with values for its parameters.
std::string Athena::Impl::filled(const std::string& sql,
                                 const api::StartQueryExecutionInput& input) const {
  std::vector<std::string> values = input.ExecutionParameters.value_or(std::vector<std::string>{});
  for (const std::string& value : values) check_parameter(value);
  const auto execute = read_execute(sql);
  if (!execute) return values.empty() ? sql : fill_parameters(sql, values);
  const auto stored = context.catalog.get(
      "athena/prepared",
      prepared_key(input.WorkGroup.value_or(std::string(kPrimary)), execute->name));
  if (!stored) throw QueryError(fmt::format("PreparedStatement {} was not found", execute->name));
  if (!execute->values.empty()) values = execute->values;
  const auto statement = from_json<api::PreparedStatement>(*stored).QueryStatement.value_or("");
  return fill_parameters(strip_statement(statement), values);
}

// What PREPARE and DEALLOCATE PREPARE change.
QueryOutput Athena::Impl::prepare(const Active& active) const {
  const Prepare prepare = read_prepare(active.client_sql);
  const std::string group = active.execution.WorkGroup.value();
  const std::string key = prepared_key(group, prepare.name);
  if (!prepare.statement && !context.catalog.get("athena/prepared", key))
    throw QueryError(fmt::format("PreparedStatement {} was not found", prepare.name));
  if (prepare.statement && classify(*prepare.statement) == StatementClass::kUnknown)
    throw QueryError("NOT_SUPPORTED: line 1:1: This statement can't be prepared");
  storage::Batch batch;
  if (prepare.statement) {
    batch.put("athena/prepared", key,
              to_json(api::PreparedStatement{.StatementName = prepare.name,
                                             .QueryStatement = prepare.statement,
                                             .WorkGroupName = group,
                                             .LastModifiedTime = context.clock.now()}));
  } else {
    batch.remove("athena/prepared", key);
  }
  QueryOutput output{.form = ResultForm::kText};
  output.change.apply = [batch = std::move(batch)](const glue::Glue::Commit& commit) {
    commit(batch);
  };
  return output;
}

std::shared_ptr<Athena::Impl::Active> Athena::Impl::make_execution(
    const api::StartQueryExecutionInput& input) {
  const std::string sql(strip_statement(input.QueryString));
  auto created = std::make_shared<Active>();
  StatementClass kind = StatementClass::kUnknown;
  try {
    created->client_sql = filled(sql, input);
    kind = classify(created->client_sql);
  } catch (const QueryError& error) {
    throw invalid_request(error.what());
  }
  if (kind == StatementClass::kUnknown) {
    const auto tokens = tokenize(sql);
    throw invalid_request(fmt::format(
        "line 1:1: mismatched input '{}'. Expecting: 'ALTER', 'CREATE', 'DESCRIBE', 'DROP', "
        "'EXECUTE', 'EXPLAIN', 'INSERT', 'MSCK', 'PREPARE', 'SHOW', 'UNLOAD', <query>",
        tokens[0].text.empty() ? "<EOF>" : tokens[0].text));
  }
  const std::string group_name = input.WorkGroup.value_or(std::string(kPrimary));
  const auto stored = context.catalog.get("athena/workgroups", group_name);
  if (!stored && group_name != kPrimary) throw no_such_workgroup(group_name);
  api::WorkGroup group{.Name = group_name};
  if (stored) group = from_json<api::WorkGroup>(*stored);
  if (!group.Configuration) group.Configuration.emplace();
  if (group.State == "DISABLED")
    throw invalid_request(fmt::format("WorkGroup {} is disabled.", group_name));

  if (const auto limit = group.Configuration->BytesScannedCutoffPerQuery) {
    created->scan_limit = static_cast<std::uint64_t>(*limit);
  }

  created->output_enforced =
      group.Configuration->EnforceWorkGroupConfiguration.value_or(false) &&
      group.Configuration->ResultConfiguration &&
      group.Configuration->ResultConfiguration->OutputLocation;

  auto& execution = created->execution;
  execution.QueryExecutionId = context.ids.uuid();
  execution.Query = sql;
  const StatementType type = statement_type(created->client_sql);
  execution.StatementType = type.type;
  if (!type.subtype.empty()) execution.SubstatementType = type.subtype;
  execution.ResultConfiguration = input.ResultConfiguration.value_or(api::ResultConfiguration{});
  const std::string folder = output_location(input, group);
  const std::string location =
      folder + result_name(*execution.QueryExecutionId, kind, type);
  execution.ResultConfiguration->OutputLocation = location;
  created->output = s3::parse_s3_uri(location).value();
  execution.ResultReuseConfiguration = input.ResultReuseConfiguration.value_or(
      api::ResultReuseConfiguration{api::ResultReuseByAgeConfiguration{.Enabled = false}});
  execution.QueryExecutionContext =
      input.QueryExecutionContext.value_or(api::QueryExecutionContext{});
  execution.Status =
      api::QueryExecutionStatus{.State = "QUEUED", .SubmissionDateTime = context.clock.now()};
  execution.Statistics = api::QueryExecutionStatistics{};
  execution.WorkGroup = group_name;
  execution.EngineVersion = engine_version();
  execution.ExecutionParameters = input.ExecutionParameters;
  if (kind == StatementClass::kQuery)
    created->reuse = reuse_key(execution, created->client_sql, folder);
  return created;
}

void Athena::Impl::work(std::stop_token stop) {
  for (;;) {
    std::shared_ptr<Active> next;
    {
      std::unique_lock lock(mutex);
      if (!changed.wait(lock, stop, [&] { return !queue.empty(); })) return;
      if (stop.stop_requested()) return;
      next = queue.front();
      queue.pop_front();
      next->execution.Status->State = "RUNNING";
    }
    run(*next);
    const std::lock_guard lock(mutex);
    next->left = true;
    std::erase(stopped, next);
    changed.notify_all();
  }
}

void Athena::Impl::run(Active& active) {
  const auto started = Steady::now();
  try {
    std::filesystem::create_directories(scratch);
    const auto& wanted = active.execution.QueryExecutionContext;
    const QueryInput input{
        .sessions = sessions,
        .sql = active.client_sql,
        .database = wanted->Database.value_or(""),
        .scratch = scratch,
        .scan_limit = active.scan_limit,
        .id = *active.execution.QueryExecutionId,
        .output = fmt::format("s3://{}/{}", active.output.bucket, active.output.key),
        .output_enforced = active.output_enforced,
        .now = context.clock.now()};
    QueryOutput output = classify(input.sql) == StatementClass::kPrepare
                             ? prepare(active)
                             : run_query(glue, s3, input, active.cancellation);
    active.cancellation.check();
    store_output(active, std::move(output), millis_since(started));
  } catch (const QueryCancelled& stopped) {
    finish(active, "CANCELLED", stopped.what());
  } catch (const QueryError& error) {
    finish(active, "FAILED", error.what());
  } catch (const AwsError& error) {  // a table or bucket that came or went meanwhile
    finish(active, "FAILED", fmt::format("{}: {}", error.code, error.what()));
  } catch (const std::exception& error) {
    base::log_error("athena", "query {} failed: {}", *active.execution.QueryExecutionId,
                    error.what());
    finish(active, "FAILED", fmt::format("GENERIC_INTERNAL_ERROR: {}", error.what()));
  }
  sessions.refill();
}

// The result, its facts, what the statement changes, and that it has succeeded: one transaction.
void Athena::Impl::store_output(Active& active, QueryOutput output, std::int64_t engine_millis) {
  const auto& [bucket, key] = active.output;
  const std::string id = *active.execution.QueryExecutionId;
  const std::uint64_t bytes = output.file.size();
  auto objects = std::move(output.change.objects);
  if (output.form != ResultForm::kNone) {
    const std::string type = output.form == ResultForm::kCsv ? "text/csv" : "text/plain";
    objects.push_back({bucket, key, std::move(output.file), {.content_type = type}});
  }
  objects.push_back({bucket, key + ".metadata", http::Body(metadata_file(output.columns))});
  if (output.updated) {
    std::string lines;
    for (const std::string& uri : output.manifest) lines += uri + '\n';
    objects.push_back(
        {bucket, key + "-manifest.csv", http::Body(std::move(lines)), {.content_type = "text/csv"}});
  }
  {
    const std::lock_guard lock(mutex);
    auto& statistics = *active.execution.Statistics;
    statistics.EngineExecutionTimeInMillis = engine_millis;
    statistics.QueryPlanningTimeInMillis = output.planning.count();
    statistics.DataScannedInBytes = static_cast<std::int64_t>(output.bytes_scanned);
    statistics.ResultReuseInformation = api::ResultReuseInformation{.ReusedPreviousResult = false};
    if (output.updated)
      statistics.DataManifestLocation = fmt::format("s3://{}/{}-manifest.csv", bucket, key);
  }
  finish(active, "SUCCEEDED", "", [&](storage::Batch batch) {
    batch.put("athena/columns", id, to_json(api::ResultSetMetadata{output.columns}));
    batch.put("athena/amounts", id, fmt::format("{} {}", output.files_opened, output.rows));
    if (!active.reuse.empty()) batch.put("athena/reuse", active.reuse, id);
    if (output.updated) batch.put("athena/updated", id, std::to_string(*output.updated));
    const auto commit = [&](storage::Batch rows) {
      batch.append(std::move(rows));
      s3.put_objects(std::move(objects), std::move(batch));
    };
    if (output.change.apply) {
      output.change.apply(commit);
    } else {
      commit({});
    }
  });
  base::log_info("athena", "query {} gave {} rows, {} bytes, of {} files, in {} ms", id,
                 output.rows, bytes, output.files_opened, engine_millis);
}

// Whether the caller is the one who ends it.
bool Athena::Impl::claim_end(Active& active) {
  const std::lock_guard lock(mutex);
  return !std::exchange(active.ending, true);
}

void Athena::Impl::finish(Active& active, std::string state, std::string reason,
                          const Commit& commit) {
  if (!was_started(active) || !claim_end(active)) return;
  api::QueryExecution execution;
  {
    const std::lock_guard lock(mutex);
    execution = active.execution;
  }
  auto& status = *execution.Status;
  status.State = std::move(state);
  if (!reason.empty()) status.StateChangeReason = reason;
  if (status.State == "FAILED") {
    status.AthenaError = failure_of(reason);
  }
  status.CompletionDateTime = context.clock.now();
  auto& statistics = *execution.Statistics;
  if (!statistics.EngineExecutionTimeInMillis) statistics.EngineExecutionTimeInMillis = 0;
  if (!statistics.DataScannedInBytes) statistics.DataScannedInBytes = 0;
  statistics.TotalExecutionTimeInMillis = millis_since(active.submitted);
  statistics.QueryQueueTimeInMillis = std::max<std::int64_t>(
      0, *statistics.TotalExecutionTimeInMillis - *statistics.EngineExecutionTimeInMillis);
  if (!statistics.QueryPlanningTimeInMillis) statistics.QueryPlanningTimeInMillis = 0;
  statistics.ServiceProcessingTimeInMillis = 0;
  const std::string id = *execution.QueryExecutionId;
  storage::Batch batch;
  batch.put("athena/executions", id, to_json(execution));
  batch.remove("athena/active", id);
  // Only what is durable is told: until then it runs.
  try {
    if (commit) {
      commit(std::move(batch));
    } else {
      context.catalog.commit(std::move(batch));
    }
  } catch (...) {
    const std::lock_guard lock(mutex);
    active.ending = false;
    changed.notify_all();
    throw;
  }
  const std::lock_guard lock(mutex);
  this->active.erase(id);
  changed.notify_all();
}

// Whether the start has become durable; what a worker finds before is nobody's.
bool Athena::Impl::was_started(const Active& active) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return active.durable || active.withdrawn; });
  return active.durable;
}

// Makes an execution one that has succeeded with the result of another.
void Athena::Impl::reuse(api::QueryExecution& execution, const api::QueryExecution& earlier,
                         storage::Batch& batch) const {
  execution.Status->State = "SUCCEEDED";
  execution.Status->CompletionDateTime = context.clock.now();
  execution.ResultConfiguration->OutputLocation = earlier.ResultConfiguration->OutputLocation;
  execution.Statistics = api::QueryExecutionStatistics{
      .EngineExecutionTimeInMillis = 0,
      .DataScannedInBytes = 0,
      .TotalExecutionTimeInMillis = 0,
      .QueryQueueTimeInMillis = 0,
      .QueryPlanningTimeInMillis = 0,
      .ServiceProcessingTimeInMillis = 0,
      .ResultReuseInformation = api::ResultReuseInformation{.ReusedPreviousResult = true}};
  for (const char* table : {"athena/columns", "athena/amounts"}) {
    if (const auto row = context.catalog.get(table, *earlier.QueryExecutionId))
      batch.put(table, *execution.QueryExecutionId, *row);
  }
}

void Athena::Impl::enqueue(const std::shared_ptr<Active>& created) {
  const std::lock_guard lock(mutex);
  if (queue.size() >= limits.queued) throw too_many_queries();
  active[*created->execution.QueryExecutionId] = created;
  queue.push_back(created);
  while (workers.size() < static_cast<std::size_t>(limits.threads)) {
    workers.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  }
  changed.notify_all();
}

void Athena::Impl::withdraw(const std::shared_ptr<Active>& created) {
  created->cancellation.request();
  const std::lock_guard lock(mutex);
  created->withdrawn = true;
  active.erase(*created->execution.QueryExecutionId);
  std::erase(queue, created);
  changed.notify_all();
}

// Has DuckDB leave a query that is CANCELLED. Most are left at once; what it does to one huge value,
// a list of a million elements, it does to its end.
void Athena::Impl::interrupt(const std::shared_ptr<Active>& query) {
  query->cancellation.request();
  const std::lock_guard lock(mutex);
  if (query->left) return;
  stopped.push_back(query);
  if (!stopper.joinable()) {
    stopper = std::jthread([this](const std::stop_token& stop) { interrupt_stopped(stop); });
  }
  changed.notify_all();
}

// Again and again, since an interrupt between two statements is lost.
void Athena::Impl::interrupt_stopped(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  while (changed.wait(lock, stop, [&] { return !stopped.empty(); }) && !stop.stop_requested()) {
    for (const auto& query : stopped) query->cancellation.request();
    changed.wait_for(lock, stop, std::chrono::milliseconds(10), [&] { return stopped.empty(); });
  }
}

Athena::Athena(Context& context, glue::Glue& glue, s3::S3& s3, Limits limits)
    : impl_(std::make_unique<Impl>(context, glue, s3, limits)) {
  impl_->recover();
}

Athena::~Athena() {
  for (std::jthread& worker : impl_->workers) worker.request_stop();
  std::unique_lock lock(impl_->mutex);
  impl_->queue.clear();  // recover() marks them at the next start
  // Queued ones have no worker to wait for.
  std::erase_if(impl_->active, [](const auto& entry) {
    return entry.second->execution.Status->State == "QUEUED";
  });
  while (!impl_->active.empty() || !impl_->stopped.empty()) {
    for (auto& [id, active] : impl_->active) active->cancellation.request();
    impl_->changed.wait_for(lock, std::chrono::milliseconds(10));
  }
}

std::string Athena::start(const api::StartQueryExecutionInput& input) {
  if (input.ClientRequestToken) {
    if (const auto known = impl_->context.catalog.get("athena/tokens", *input.ClientRequestToken))
      return *known;
  }
  auto created = impl_->make_execution(input);
  std::string id = *created->execution.QueryExecutionId;
  storage::Batch batch;
  const auto earlier = created->reuse.empty() ? std::nullopt
                                              : reusable(impl_->context, impl_->s3,
                                                         created->execution, created->reuse);
  if (earlier) impl_->reuse(created->execution, *earlier, batch);
  const auto inverted = std::numeric_limits<std::int64_t>::max() -
                        created->execution.Status->SubmissionDateTime->time_since_epoch().count();
  batch.put("athena/executions", id, to_json(created->execution));
  batch.put("athena/active", id, "");
  batch.put("athena/history",
            fmt::format("{}{}{:016x}{}", *created->execution.WorkGroup, kJoin, inverted, id), "");
  if (input.ClientRequestToken) batch.put("athena/tokens", *input.ClientRequestToken, id);
  if (earlier) {
    batch.remove("athena/active", id);
    impl_->context.catalog.commit(std::move(batch));
    return id;
  }
  impl_->enqueue(created);
  try {
    impl_->context.catalog.commit(std::move(batch));
  } catch (...) {
    impl_->withdraw(created);
    throw;
  }
  const std::lock_guard lock(impl_->mutex);
  created->durable = true;
  impl_->changed.notify_all();
  return id;
}

api::QueryExecution Athena::execution(const std::string& id) const {
  {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->active.find(id);
    if (found != impl_->active.end()) return found->second->execution;
  }
  const auto stored = impl_->context.catalog.get("athena/executions", id);
  if (!stored) throw no_such_execution(id);
  return from_json<api::QueryExecution>(*stored);
}

api::QueryExecution Athena::execution_soon(const std::string& id) const {
  {
    std::unique_lock lock(impl_->mutex);
    if (impl_->watchers < kMostWatchers && impl_->active.count(id)) {
      ++impl_->watchers;
      impl_->changed.wait_for(lock, kSoon, [&] { return !impl_->active.count(id); });
      --impl_->watchers;
    }
  }
  return execution(id);
}

std::vector<std::string> Athena::executions(std::string_view workgroup) const {
  std::vector<std::string> ids;
  const std::string prefix = std::string(workgroup) + kJoin;
  for (const auto& row : impl_->context.catalog.scan("athena/history", prefix)) {
    ids.push_back(row.key.substr(prefix.size() + 16));
  }
  return ids;
}

void Athena::stop(const std::string& id) {
  execution(id);
  std::shared_ptr<Impl::Active> waiting;
  std::unique_lock lock(impl_->mutex);
  const auto found = impl_->active.find(id);
  if (found == impl_->active.end()) return;
  const auto active = found->second;
  const auto queued = std::find(impl_->queue.begin(), impl_->queue.end(), active);
  if (queued != impl_->queue.end()) {
    impl_->queue.erase(queued);
    lock.unlock();
    impl_->finish(*active, "CANCELLED", QueryCancelled().what());
    return;
  }
  // One that ends by itself just now is waited for; unless that fails, and then it is stopped.
  const auto is_over = [&] { return !impl_->active.count(id); };
  impl_->changed.wait(lock, [&] { return !active->ending || is_over(); });
  if (is_over()) return;
  lock.unlock();
  impl_->interrupt(active);
  impl_->finish(*active, "CANCELLED", QueryCancelled().what());
  lock.lock();
  impl_->changed.wait(lock, is_over);  // its worker, or another stop, may have been first
}

Athena::Amounts Athena::amounts(const std::string& id) const {
  Amounts amounts;
  if (const auto row = impl_->context.catalog.get("athena/amounts", id))
    std::istringstream(*row) >> amounts.files >> amounts.rows;
  return amounts;
}

api::QueryExecution Athena::wait(const std::string& id) const {
  {
    std::unique_lock lock(impl_->mutex);
    impl_->changed.wait(lock, [&] { return !impl_->active.count(id); });
  }
  return execution(id);
}

ResultPage Athena::results(const std::string& id, const std::optional<std::string>& token,
                           std::size_t limit) const {
  const api::QueryExecution execution = this->execution(id);
  const std::string& state = *execution.Status->State;
  if (!is_over(execution))
    throw invalid_request(fmt::format("Query has not yet finished. Current state: {}", state));
  if (state != "SUCCEEDED") {
    throw invalid_request(
        fmt::format("Query did not finish successfully. Final query state: {}", state));
  }
  std::size_t offset = 0;
  if (token) {
    const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), offset);
    if (error != std::errc{} || end != token->data() + token->size()) throw invalid_token();
  }
  ResultPage page;
  const auto columns = impl_->context.catalog.get("athena/columns", id);
  if (columns) {
    page.columns = from_json<api::ResultSetMetadata>(*columns).ColumnInfo.value_or(
        std::vector<api::ColumnInfo>{});
  }
  if (const auto updated = impl_->context.catalog.get("athena/updated", id)) {
    page.updated = std::stoll(*updated);
    return page;
  }
  const auto place = s3::parse_s3_uri(*execution.ResultConfiguration->OutputLocation).value();
  const auto object = impl_->s3.find_object(place.bucket, place.key);
  if (!object) throw invalid_request("Could not find results");
  if (offset > object->size) throw invalid_token();

  const bool csv = place.key.ends_with(".csv");
  // A window that may cut the last row is doubled until it doesn't.
  for (std::size_t window = 1 << 20;; window *= 2) {
    const std::size_t size = std::min<std::size_t>(window, object->size - offset);
    const std::string text = impl_->s3.body(*object, offset, size).string();
    const CsvRows rows = csv ? read_csv(text, 0, limit) : read_lines(text, limit);
    const bool whole = offset + size == object->size;
    if (!whole && (rows.rows.size() < limit || rows.next == text.size())) continue;
    for (const ResultRow& row : rows.rows) {
      std::vector<api::Datum> data;
      for (const auto& value : row) data.push_back({value});
      page.rows.push_back({std::move(data)});
    }
    if (offset + rows.next < object->size) page.next = std::to_string(offset + rows.next);
    return page;
  }
}

std::optional<api::WorkGroup> Athena::find_workgroup(std::string_view name) const {
  const auto stored = impl_->context.catalog.get("athena/workgroups", name);
  if (stored) return from_json<api::WorkGroup>(*stored);
  if (name != kPrimary) return std::nullopt;
  api::WorkGroup primary{.Name = std::string(kPrimary), .State = "ENABLED"};
  primary.Configuration = api::WorkGroupConfiguration{};
  primary.Configuration->EnforceWorkGroupConfiguration = false;
  primary.Configuration->PublishCloudWatchMetricsEnabled = true;
  primary.Configuration->RequesterPaysEnabled = false;
  primary.Configuration->EngineVersion = engine_version();
  primary.Description = "";
  primary.CreationTime = Timestamp{};
  return primary;
}

api::WorkGroup Athena::workgroup(std::string_view name) const {
  auto found = find_workgroup(name);
  if (!found) throw no_such_workgroup(name);
  return *found;
}

std::vector<api::WorkGroup> Athena::workgroups() const {
  std::vector<api::WorkGroup> groups = {workgroup(kPrimary)};
  for (const auto& row : impl_->context.catalog.scan("athena/workgroups")) {
    if (row.key != kPrimary) groups.push_back(from_json<api::WorkGroup>(row.value));
  }
  return groups;
}

void Athena::put_workgroup(const api::WorkGroup& workgroup) {
  storage::Batch batch;
  batch.put("athena/workgroups", workgroup.Name, to_json(workgroup));
  impl_->context.catalog.commit(std::move(batch));
}

void Athena::delete_workgroup(std::string_view name) {
  storage::Batch batch;
  batch.remove("athena/workgroups", name);
  batch.remove("athena/tags", impl_->context.arn("athena", "workgroup/" + std::string(name)));
  impl_->context.catalog.commit(std::move(batch));
}

std::map<std::string, std::string> Athena::tags(std::string_view arn) const {
  std::map<std::string, std::string> tags;
  const auto stored = impl_->context.catalog.get("athena/tags", arn);
  if (!stored) return tags;
  const auto list = from_json<api::ListTagsForResourceOutput>(*stored);
  for (const api::Tag& tag : *list.Tags) {
    tags[tag.Key.value_or("")] = tag.Value.value_or("");
  }
  return tags;
}

void Athena::set_tags(std::string_view arn, const std::map<std::string, std::string>& tags) {
  std::vector<api::Tag> list;
  list.reserve(tags.size());
  for (const auto& [key, value] : tags) list.push_back({key, value});
  storage::Batch batch;
  batch.put("athena/tags", arn, to_json(api::ListTagsForResourceOutput{.Tags = std::move(list)}));
  impl_->context.catalog.commit(std::move(batch));
}

Context& Athena::context() const { return impl_->context; }
glue::Glue& Athena::glue() const { return impl_->glue; }

}  // namespace engine::athena
