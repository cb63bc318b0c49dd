// Pieces of HTML that are well-formed XML too: text, numbers, tables, sections.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipelines::page {

/// A stranger's text as text: markup escaped, control characters left out. For contents and for
/// attributes in double quotes.
std::string escape(std::string_view text);

/// How a number is written; the sign of a negative one is U+2212.
struct Form {
  int digits = 1;
  bool sign = false;     ///< "+" before a positive one too
  bool percent = false;  ///< of a share
};
std::string plain(double value, Form form = {});
/// The same as <data value="…">, whose attribute is the number as evaluation.json has it.
std::string number(double value, Form form = {});
std::string percent(double share, int digits = 0);

/// A table of ready cells: the first of a row is its heading, the rest are aligned as numbers
/// unless their column is one of `texts`. `caption` is for who can't see what stands around it.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> texts = {};
};
std::string to_html(const HtmlTable& table);

/// A section with a heading and, before its contents, a sentence that says how to read it.
std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    const std::string& contents);

}  // namespace pipelines::page
