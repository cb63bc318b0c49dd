// EXPLAIN's options and its query.
#pragma once

#include <string>
#include <string_view>

namespace engine::athena {

struct ExplainStatement {
  bool analyze = false;
  bool json = false;
  bool validate = false;
  std::string query;  ///< with blanks in place of what stands before it
};

/// EXPLAIN [ANALYZE] [VERBOSE] [( FORMAT TEXT|JSON|GRAPHVIZ, TYPE LOGICAL|DISTRIBUTED|VALIDATE|IO )]
/// query. Throws QueryError for what is not understood, and for GRAPHVIZ.
ExplainStatement read_explain(std::string_view sql);

}  // namespace engine::athena
