// Lines typed at a terminal, with editing, a history that is kept, and completion.
#pragma once

#include "cli/prompt/completion.h"

#include <memory>
#include <optional>
#include <string>

namespace cli {

/// libedit on standard input and output. One at a time, used by one thread.
class LineEditor {
 public:
  /// The history is read from `history_file` and written back as it grows, for its owner only.
  /// `completion` may be null, else it outlives this.
  LineEditor(std::string history_file, Completion* completion);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  enum class End { kLine, kCancelled, kInput };
  struct Line {
    std::string text;
    End end = End::kLine;  ///< kCancelled: Ctrl-C was typed; kInput: Ctrl-D, or nobody is there
  };
  Line read(const std::string& prompt);

  /// Puts a statement into the history, unless it is the last one there.
  void remember(const std::string& statement);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// BEER_HISTORY, or ~/.beer_history; "" when there is no home, for no history.
std::string history_file();

}  // namespace cli
