// `beer query`: SQL through Athena, once or at a prompt.
#include "cli/calls/athena.h"
#include "cli/calls/json.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/output/table.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>

namespace cli {
namespace {

void print_result(const QueryResult& result, const QueryOptions& options, double seconds) {
  if (options.json) {
    fmt::print("{}\n", json::serialize(result.to_json()));
  } else if (options.csv) {
    fmt::print("{}", result.to_table().to_csv());
  } else {
    fmt::print("{}", result.to_table("NULL").to_text());
    std::fflush(stdout);
    fmt::print(stderr, "{} row{}, {} scanned, {:.2f} s\n", result.rows.size(),
               result.rows.size() == 1 ? "" : "s", bytes_text(result.scanned_bytes), seconds);
  }
  std::fflush(stdout);
}

void run_one(Session& session, const QueryOptions& options, const std::string& sql) {
  const auto began = std::chrono::steady_clock::now();
  const QueryResult result = run_query(session, sql);
  print_result(result, options,
               std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

/// The next statement, up to a semicolon at a line's end; nothing at the input's end.
std::optional<std::string> read_statement(bool terminal) {
  std::string statement, line;
  while (true) {
    if (terminal) {
      fmt::print(stderr, "{}", statement.empty() ? "beer> " : "   -> ");
      std::fflush(stderr);
    }
    if (!std::getline(std::cin, line)) break;
    const std::string_view text = base::trim(line);
    if (statement.empty() && (text == "exit" || text == "quit")) return std::nullopt;
    if (text.empty()) continue;
    statement += (statement.empty() ? "" : "\n") + std::string(text);
    if (statement.ends_with(';')) break;
  }
  while (!statement.empty() && statement.ends_with(';')) statement.pop_back();
  if (base::trim(statement).empty()) {
    return std::cin ? std::optional<std::string>("") : std::nullopt;
  }
  return statement;
}

/// An error of one statement doesn't end the session; a script's does.
int prompt(Session& session, const QueryOptions& options) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  if (terminal) {
    fmt::print(stderr, "SQL over {}.{}, each statement ended by ';'. exit leaves.\n",
               session.spec().table.database, session.spec().table.name);
  }
  while (const auto statement = read_statement(terminal)) {
    if (statement->empty()) continue;
    try {
      run_one(session, options, *statement);
    } catch (const std::runtime_error& error) {
      if (!terminal) throw;
      fmt::print(stderr, "{}\n", error.what());
    }
  }
  return kOk;
}

}  // namespace

int query(const QueryOptions& options) {
  Session session(options.common);
  if (options.sql.empty()) return prompt(session, options);
  std::string sql(base::trim(options.sql));
  while (sql.ends_with(';')) sql.pop_back();
  if (sql.empty()) throw UsageError("the statement is empty");
  run_one(session, options, sql);
  return kOk;
}

}  // namespace cli
