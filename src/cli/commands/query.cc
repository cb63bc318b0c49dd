// `beer query`: SQL through Athena, from the command line, a script or a prompt.
#include "cli/calls/athena.h"
#include "cli/calls/json.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/output/table.h"
#include "cli/prompt/completion.h"
#include "cli/prompt/interrupt.h"
#include "cli/prompt/line_editor.h"
#include "cli/prompt/statements.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>

namespace cli {
namespace {

constexpr int kInterrupted = 130;  // what a shell calls a program that Ctrl-C ended

constexpr const char* kHelp =
    "SQL             runs up to the semicolon, over as many lines as it takes\n"
    "\\d              tables of the database\n"
    "\\d TABLE        columns of a table\n"
    "\\explain SQL    the query's plan\n"
    "\\? or \\h        this\n"
    "\\q or exit      leaves; so does Ctrl-D\n"
    "Tab completes tables and columns, Ctrl-R looks through the history, Ctrl-C cancels.\n";

std::vector<CatalogTable> catalog_of(Session& session) {
  std::vector<CatalogTable> tables;
  json::object input{{"DatabaseName", session.spec().table.database}};
  for (std::string token = "first"; !token.empty();) {
    const json::value page = session.aws().json("glue", "AWSGlue.GetTables", input);
    for (const json::value& table : list(page, "TableList")) {
      CatalogTable& one = tables.emplace_back();
      one.name = text(table, "Name");
      one.type = text(table, "TableType");
      for (const char* path : {"StorageDescriptor.Columns", "PartitionKeys"}) {
        for (const json::value& column : list(table, path)) {
          one.columns.push_back({text(column, "Name"), text(column, "Type"),
                                 std::string_view(path) == "PartitionKeys"});
        }
      }
    }
    token = text(page, "NextToken");
    input["NextToken"] = token;
  }
  return tables;
}

/// Runs what is asked and prints what comes.
class Shell {
 public:
  Shell(Session& session, const QueryOptions& options) : session_(session), options_(options) {}

  /// One statement, or a line that begins with a backslash. False when it asks to leave. Throws
  /// std::runtime_error, QueryStopped.
  bool run(std::string statement) {
    const std::string lower = base::to_lower(statement);
    if (lower == "exit" || lower == "quit" || lower == "\\q") return false;
    if (statement.starts_with('\\')) return run_word(statement);
    run_sql(statement);
    return true;
  }

 private:
  bool run_word(const std::string& line) {
    const std::size_t space = line.find_first_of(" \t\n");
    const std::string word = line.substr(0, space);
    const std::string rest(base::trim(
        space == std::string::npos ? std::string_view() : std::string_view(line).substr(space)));
    if (word == "\\d") {
      rest.empty() ? list_tables() : describe(rest);
    } else if (word == "\\explain" && !rest.empty()) {
      run_sql("EXPLAIN " + rest);
    } else if (word == "\\?" || word == "\\h") {
      fmt::print("{}", kHelp);
    } else {
      throw UsageError(fmt::format("{} is not known: \\? tells what is", word));
    }
    std::fflush(stdout);
    return true;
  }

  void run_sql(const std::string& sql) {
    const auto began = std::chrono::steady_clock::now();
    InterruptWatch watch;
    QueryResult result;
    try {
      result = run_query(session_, sql, [&](auto span) { return watch.wait(span); });
    } catch (const QueryStopped&) {
      throw;
    } catch (const std::runtime_error& error) {
      const std::string place = pointed_at(error.what(), sql);
      if (place.empty()) throw;
      throw std::runtime_error(fmt::format("{}\n{}", error.what(), place));
    }
    print(result, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }

  void print(const QueryResult& result, double seconds) const {
    if (options_.json) {
      fmt::print("{}\n", json::serialize(result.to_json()));
    } else if (options_.csv) {
      fmt::print("{}", result.to_table().to_csv());
    } else if (options_.markdown) {
      fmt::print("{}", result.to_table("NULL").to_markdown());
    } else {
      fmt::print("{}", result.to_typed_table().to_text());
      std::fflush(stdout);
      fmt::print(stderr, "{} row{}, {} scanned, {:.2f} s\n", grouped(result.rows.size()),
                 result.rows.size() == 1 ? "" : "s", bytes_text(result.scanned_bytes), seconds);
    }
    std::fflush(stdout);
  }

  void list_tables() const {
    Table table({"table", "kind", "columns"});
    for (const CatalogTable& one : catalog_of(session_)) {
      table.add({one.name, one.type == "VIRTUAL_VIEW" ? "view" : "table",
                 std::to_string(one.columns.size())});
    }
    print_table(table);
  }

  void describe(std::string name) const {
    if (name.ends_with(';')) name.pop_back();
    for (const CatalogTable& one : catalog_of(session_)) {
      if (!base::iequals(one.name, name)) continue;
      Table table({"column", "type", "partition"});
      for (const CatalogColumn& column : one.columns) {
        table.add({column.name, column.type, column.is_partition ? "yes" : ""});
      }
      print_table(table);
      return;
    }
    throw std::runtime_error(
        fmt::format("there is no table {} in {}", name, session_.spec().table.database));
  }

  void print_table(const Table& table) const {
    fmt::print("{}", options_.csv        ? table.to_csv()
                     : options_.markdown ? table.to_markdown()
                                         : table.to_text());
  }

  Session& session_;
  const QueryOptions& options_;
};

// An error of one statement doesn't end a prompt.
class Prompt {
 public:
  Prompt(Session& session, const QueryOptions& options)
      : session_(session),
        shell_(session, options),
        completion_([&session] { return catalog_of(session); }),
        editor_(history_file(), &completion_) {}

  int run() {
    fmt::print(stderr, "SQL over {}.{}, each statement ended by ';'. \\? helps, \\q leaves.\n",
               session_.spec().table.database, session_.spec().table.name);
    for (;;) {
      const auto line = editor_.read(splitter_.empty() ? "beer> " : "   -> ");
      if (line.end == LineEditor::End::kInput) {
        fmt::print("\n");
        return kOk;
      }
      if (line.end == LineEditor::End::kCancelled) {
        splitter_.clear();
      } else if (!take(line.text)) {
        return kOk;
      }
    }
  }

 private:
  bool take(const std::string& line) {
    const std::string word(base::trim(line));
    const std::string lower = base::to_lower(word);
    if (splitter_.empty() && (word.starts_with('\\') || lower == "exit" || lower == "quit")) {
      editor_.remember(word);
      return attempt(word);
    }
    splitter_.add(line);
    while (const auto statement = splitter_.next()) {
      remember(*statement);
      if (!attempt(*statement)) return false;
    }
    if (splitter_.empty()) splitter_.clear();
    return true;
  }

  // A statement is one line of the history, unless a comment would swallow its rest.
  void remember(const std::string& statement) {
    std::string one = statement + ";";
    if (one.find("--") == std::string::npos) std::replace(one.begin(), one.end(), '\n', ' ');
    editor_.remember(one);
  }

  bool attempt(const std::string& statement) {
    try {
      const bool go_on = shell_.run(statement);
      completion_.forget();
      return go_on;
    } catch (const std::runtime_error& error) {
      fmt::print(stderr, "{}\n", error.what());
      return true;
    }
  }

  Session& session_;
  Shell shell_;
  Completion completion_;
  LineEditor editor_;
  StatementSplitter splitter_;
};

// An error ends a script. What stands behind the last semicolon is a statement too.
int run_script(Shell& shell, std::istream& in) {
  StatementSplitter splitter;
  std::string line;
  while (std::getline(in, line)) {
    const std::string word(base::trim(line));
    if (splitter.empty() && (word.starts_with('\\') || word == "exit" || word == "quit")) {
      if (!shell.run(word)) return kOk;
      continue;
    }
    splitter.add(line);
    while (const auto statement = splitter.next()) {
      if (!shell.run(*statement)) return kOk;
    }
  }
  if (const auto statement = splitter.rest()) shell.run(*statement);
  return kOk;
}

}  // namespace

int query(const QueryOptions& options) {
  Session session(options.common);
  const std::string& sql = options.command.empty() ? options.sql : options.command;
  const bool asks = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  if (sql.empty() && asks) return Prompt(session, options).run();
  Shell shell(session, options);
  try {
    if (sql.empty()) return run_script(shell, std::cin);
    if (base::trim(sql).find_first_not_of(';') == std::string::npos) {
      throw UsageError("the statement is empty");
    }
    std::istringstream lines(sql);
    return run_script(shell, lines);
  } catch (const QueryStopped& stopped) {
    fmt::print(stderr, "{}\n", stopped.what());
    return kInterrupted;
  }
}

}  // namespace cli
