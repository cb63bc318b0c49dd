// Setting up, translating, locking.
#include "engine/services/athena/query_session.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_views.h"

namespace engine::athena {

QuerySession::QuerySession(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                           Cancellation& cancellation)
    : input_(input),
      cancellation_(cancellation),
      glue_(glue),
      s3_(s3),
      desk_(input.sessions.desk()) {
  choose(desk_);
}

QuerySession::~QuerySession() {
  scope_.reset();
  views_.reset();
  input_.sessions.give_back(std::move(own_));
  input_.sessions.give_back(std::move(desk_));
}

void QuerySession::choose(std::unique_ptr<Session>& session) {
  scope_.reset();
  session_ = session.get();
  scope_.emplace(cancellation_, session_->connection());
}

Translation QuerySession::set_up(std::string_view query, bool reads_files) {
  Translation translation = translate(desk_->connection(), query, input_.database);
  if (reads_files || !translation.tables.empty()) {
    own_ = input_.sessions.take();
    choose(own_);
    views_ = std::make_unique<LakeViews>(*own_, input_.sessions.footers(), glue_, s3_, input_.now);
    if (forbidden_) views_->forbid(*forbidden_);
  }
  session_->define(translation.functions);
  for (const TableName& table : translation.tables) {
    cancellation_.check();
    views_->add(table, query);
  }
  translated_ = translation;
  return translation;
}

Description QuerySession::describe(std::string_view query, const QualifiedName* creating) {
  if (creating) forbidden_ = *creating;
  Description description{.translation = set_up(query, false)};
  connection().prepare(description.translation.sql);  // its errors name places in the query
  const auto columns = columns_of(description.translation);
  description.names = result_names(description.translation, columns);
  for (const duck::ResultColumn& column : columns) description.types.push_back(column.type);
  return description;
}

std::vector<duck::ResultColumn> QuerySession::columns_of(const Translation& translation) {
  // The types of a subquery, which has a name only once; the names as the query says them.
  auto columns =
      connection().query(fmt::format("SELECT * FROM ({}) LIMIT 0", translation.sql)).columns();
  duck::Result described = connection().query("DESCRIBE " + translation.sql);
  for (duck::ResultColumn& column : columns) {
    if (described.next()) column.name = described[0].text();
  }
  return columns;
}

Translation QuerySession::open(std::string_view query, const std::vector<std::string>& folders) {
  Translation translation = set_up(query, !folders.empty());
  if (views_) {
    views_->prune(translation.sql);
    // Deviation: whole files are counted, before they are read; AWS counts what it has read so far.
    if (views_->bytes() > input_.scan_limit) {
      throw QueryCancelled("Bytes scanned limit was exceeded");
    }
  }
  if (!session_->is_shared()) {
    connection().execute_all("RESET disabled_optimizers");
    // Rows that are streamed from several scans in their order end DuckDB 1.4.4's query now and then
    // ("Lowest moved batch ..."), and no order was asked for. What is written keeps the order.
    const bool unites = (views_ && views_->unites()) || has_union(translation.sql);
    if (folders.empty() && unites) connection().execute_all("SET preserve_insertion_order = false");
    session_->database().lock(folders, views_ ? views_->paths() : std::vector<std::string>{});
  }
  cancellation_.check();
  planning_ = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began_);
  return translation;
}

std::uint64_t QuerySession::files() const { return views_ ? views_->paths().size() : 0; }
std::uint64_t QuerySession::bytes() const { return views_ ? views_->bytes() : 0; }

std::string QuerySession::without_paths(std::string text) const {
  return views_ ? views_->without_paths(std::move(text)) : text;
}

void QuerySession::fail(const duck::Error& error, std::string_view query) {
  if (cancellation_.requested()) throw QueryCancelled();
  throw QueryError(without_paths(explain(error, query, desk_->connection(), translated_)));
}

}  // namespace engine::athena
