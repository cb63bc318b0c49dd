// What a prompt of SQL may go on with: words of SQL, tables and columns.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

struct CatalogColumn {
  std::string name, type;
  bool is_partition = false;
};

struct CatalogTable {
  std::string name, type;  ///< "EXTERNAL_TABLE"
  std::vector<CatalogColumn> columns;
};

/// Finds what the word before the cursor may become. The catalog is asked for at the first word and
/// again after forget(). Used by one thread.
class Completion {
 public:
  using Catalog = std::function<std::vector<CatalogTable>()>;
  explicit Completion(Catalog catalog) : load_(std::move(catalog)) {}

  /// Where the word that ends at the end of `line` begins.
  static std::size_t word_start(std::string_view line);
  /// Words that begin as the last word of `line` does, without regard to case, sorted, each once. A
  /// word "table." gives the columns of that table. SQL's words come in the case of what is typed.
  std::vector<std::string> candidates(std::string_view line);
  /// The catalog may have changed.
  void forget() { known_ = false; }

 private:
  const std::vector<CatalogTable>& tables();

  Catalog load_;
  std::vector<CatalogTable> tables_;
  bool known_ = false;
};

/// The longest text that all of `words` begin with, without regard to case, as the first has it.
std::string common_prefix(const std::vector<std::string>& words);

}  // namespace cli
