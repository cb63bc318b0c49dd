// The beers of a file, one after the other, each with where it stands.
#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// One beer's text as the file has it; it may be no beer, nor JSON.
struct BeerLine {
  std::size_t line = 0;  ///< of the file, from 1; where it begins
  std::string text;
};

/// Reads JSON lines, blank ones passed over, a line at a time; or a JSON array, as catalogues are
/// kept, which is read whole. Which of the two it is, the first character tells.
class BeerLines {
 public:
  /// The stream must outlive this object. Throws std::runtime_error when what begins as an array
  /// doesn't end as one.
  explicit BeerLines(std::istream& stream);
  /// The next, or nothing at the end.
  std::optional<BeerLine> next();

 private:
  void read_array();

  std::istream& stream_;
  std::size_t line_ = 0;
  std::string array_;                       // the whole text, when it is one
  std::vector<std::string_view> elements_;  // of array_
  std::size_t element_ = 0;
  const char* counted_ = nullptr;  // up to here line ends of array_ are in line_
};

}  // namespace cli
