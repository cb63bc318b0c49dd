// From a source's answer to the stream's records.
#include "lambda/fn_extraction/beers.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace fn_extraction {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestKey = 256;

/// Calls `use(index, depth)` for each character of JSON outside of its strings; depth counts the
/// brackets that are open behind it.
template <class F>
void outside_strings(std::string_view text, F&& use) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      continue;
    }
    depth += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
    use(i, depth);
  }
}

/// The texts of the elements of a well-formed array.
std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  std::size_t begin = array.find('[') + 1;
  outside_strings(array, [&](std::size_t at, int depth) {
    const bool ends_element = (array[at] == ',' && depth == 1) || (array[at] == ']' && depth == 0);
    if (!ends_element) return;
    const std::string_view element = base::trim(array.substr(begin, at - begin));
    if (!element.empty()) found.push_back(element);
    begin = at + 1;
  });
  return found;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string on_one_line(std::string_view text) {
  if (text.find_first_of("\r\n") == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::size_t copied = 0;
  outside_strings(text, [&](std::size_t at, int) {
    if (!is_space(text[at])) return;
    out += text.substr(copied, at - copied);
    copied = at + 1;
  });
  return out += text.substr(copied);
}

std::string partition_key(std::string_view text, const json::value& beer) {
  const json::object* const object = beer.if_object();
  const json::value* const id = object == nullptr ? nullptr : object->if_contains("id");
  if (id != nullptr && id->is_number()) return json::serialize(*id);
  if (id != nullptr && id->is_string()) {
    const json::string& name = id->get_string();
    if (!name.empty() && name.size() <= kLongestKey) return std::string(name);
  }
  return base::to_hex(base::sha256(text));
}

Record record_of(std::string_view text, const json::value& beer) {
  return {on_one_line(text) + "\n", partition_key(text, beer)};
}

}  // namespace

std::vector<Record> records_of(std::string_view answer) {
  const std::string_view text = base::trim(answer);
  if (text.empty()) return {};
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  if (failed) return {{std::string(text) + "\n", partition_key(text, nullptr)}};
  const json::array* const beers = parsed.if_array();
  if (beers == nullptr) return {record_of(text, parsed)};
  std::vector<Record> records;
  const json::value* beer = beers->begin();
  for (const std::string_view element : elements(text))
    records.push_back(record_of(element, *beer++));
  return records;
}

}  // namespace fn_extraction
