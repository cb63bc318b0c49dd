// Setting up, translating, locking.
#include "engine/services/athena/query_session.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_views.h"

namespace engine::athena {

QuerySession::QuerySession(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                           Cancellation& cancellation)
    : input_(input),
      cancellation_(cancellation),
      own_(input.sessions->take()),
      database_(own_->database),
      connection_(own_->connection),
      scope_(cancellation, connection_),
      views_(std::make_unique<LakeViews>(database_, connection_, glue, s3, input.now)) {}

QuerySession::~QuerySession() = default;

Translation QuerySession::set_up(std::string_view query) {
  Translation translation = translate(connection_, query, input_.database);
  for (const TableName& table : translation.tables) {
    cancellation_.check();
    views_->add(table, query);
  }
  translated_ = translation;
  return translation;
}

Description QuerySession::describe(std::string_view query, const QualifiedName* creating) {
  if (creating) views_->forbid(*creating);
  Description description{.translation = set_up(query)};
  connection_.prepare(description.translation.sql);  // its errors name places in the query
  const auto columns = columns_of(description.translation);
  description.names = result_names(description.translation, columns);
  for (const duck::ResultColumn& column : columns) description.types.push_back(column.type);
  return description;
}

std::vector<duck::ResultColumn> QuerySession::columns_of(const Translation& translation) {
  // The types of a subquery, which has a name only once; the names as the query says them.
  auto columns =
      connection_.query(fmt::format("SELECT * FROM ({}) LIMIT 0", translation.sql)).columns();
  duck::Result described = connection_.query("DESCRIBE " + translation.sql);
  for (duck::ResultColumn& column : columns) {
    if (described.next()) column.name = described[0].text();
  }
  return columns;
}

Translation QuerySession::open(std::string_view query, const std::vector<std::string>& folders) {
  Translation translation = set_up(query);
  views_->prune(translation.sql);
  // Deviation: whole files are counted, before they are read; AWS counts what it has read so far.
  if (views_->bytes() > input_.scan_limit) {
    throw QueryCancelled("Bytes scanned limit was exceeded");
  }
  database_.lock(folders, views_->paths());
  cancellation_.check();
  planning_ = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began_);
  return translation;
}

std::uint64_t QuerySession::files() const { return views_->paths().size(); }
std::uint64_t QuerySession::bytes() const { return views_->bytes(); }

std::string QuerySession::without_paths(std::string text) const {
  return views_->without_paths(std::move(text));
}

void QuerySession::fail(const duck::Error& error, std::string_view query) {
  if (cancellation_.requested()) throw QueryCancelled();
  throw QueryError(views_->without_paths(explain(error, query, connection_, translated_)));
}

}  // namespace engine::athena
