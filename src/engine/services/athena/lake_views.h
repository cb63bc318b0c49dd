// The tables a query names as views memory."database"."table" of its DuckDB database.
#pragma once

#include "engine/services/athena/ddl_cursor.h"
#include "engine/services/athena/dialect.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/pruning.h"
#include "engine/services/athena/sessions.h"
#include "engine/services/athena/view_text.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// Whether the text of a query may put rows of several scans together.
bool has_union(std::string_view sql);

/// First every table is added, then prune() is called once. Until then a table with partitions is a
/// view of a "probe", a function that has its columns and gives no row: the plan over it tells which
/// partitions the query can need, and only those are listed.
class LakeViews {
 public:
  LakeViews(Session& session, ParquetFooters& footers, glue::Glue& glue, const s3::S3& s3,
            Timestamp now)
      : owner_(session),
        session_(session.connection()),
        footers_(footers),
        glue_(glue),
        s3_(s3),
        now_(now) {}

  /// A table or a view of the catalog, with what the view stands on, or a table of
  /// information_schema. Throws QueryError when it isn't there or can't be read; `sql` is where its
  /// name stands.
  void add(const TableName& name, std::string_view sql);

  /// Makes the name one that nothing added from now on may stand on.
  void forbid(const QualifiedName& view) {
    open_views_.push_back(view.database + '.' + view.table);
  }

  /// Replaces the probes by the partitions that the translated query can need. Throws QueryError,
  /// and duck::Error for a query that does not bind.
  void prune(const std::string& query);

  /// Files of all tables, on this machine, and their bytes.
  std::vector<std::string> paths() const;
  std::uint64_t bytes() const { return bytes_; }
  /// Whether the rows of some table or view come from several scans put together.
  bool unites() const { return unites_; }

  /// A message that names objects instead of files of this machine.
  std::string without_paths(std::string message) const;

 private:
  struct Probe {
    TableName name;
    glue::api::Table table;
  };
  // Gives no row: a probe is planned over, never run.
  class NoRows final : public duck::RowSource {
    bool next(std::vector<duck::Vector>&, std::uint64_t) override { return false; }
  };

  void add_view(const TableName& name, const glue::api::Table& table);
  void add_probe(const TableName& name, const glue::api::Table& table);
  void add_files(const TableName& name, const glue::api::Table& table,
                 const LakePartitions& partitions);
  void create(const TableName& name, const std::string& select);
  LakePartitions needed(const glue::api::Table& table,
                                    const std::vector<ScanConditions>& scans, Pruner& pruner) const;
  std::vector<std::vector<std::string>> projected(const glue::api::Table& table,
                                                  const std::vector<KeyColumn>& keys,
                                                  const std::vector<ScanConditions>& scans,
                                                  Pruner& pruner) const;
  std::string without_files(const TableName& name, const std::string& select);
  std::string stored_view_select(const ViewDefinition& view, const std::string& shown);
  QueryError missing(const TableName& name, std::string_view sql) const;

  Session& owner_;
  duck::Connection& session_;
  ParquetFooters& footers_;
  glue::Glue& glue_;
  const s3::S3& s3_;
  const Timestamp now_;
  struct File {
    std::string uri, partition;
    std::uint64_t size = 0;
    Timestamp modified = {};
  };
  using Files = std::map<std::string, File, std::less<>>;  // by the local path

  void define_file_functions();

  std::shared_ptr<Files> files_ = std::make_shared<Files>();  // the session's functions look, too
  bool has_file_functions_ = false;
  std::uint64_t bytes_ = 0;
  bool unites_ = false;
  std::set<std::string> added_;          // "database.table"
  std::vector<std::string> open_views_;  // whose definitions are being added, outermost first
  std::map<std::string, Probe> probes_;  // by the function's name
  NoRows no_rows_;
};

}  // namespace engine::athena
