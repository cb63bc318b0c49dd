// text/csv: a row a line.
#include "beer/features.h"
#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

namespace pipelines {
namespace {

/// Takes the next line without the blanks around it.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = base::trim(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view unquoted(std::string_view field) {
  field = base::trim(field);
  const bool quoted = field.size() > 1 && field.front() == '"' && field.back() == '"';
  return quoted ? field.substr(1, field.size() - 2) : field;
}

/// Which features a line names, in its order; empty when it begins with none. Throws Refusal when
/// it goes on with something else.
std::vector<int> header(std::string_view line) {
  std::vector<int> places;
  for (bool more = true; more;) {
    const auto comma = line.find(',');
    const std::string_view name = unquoted(line.substr(0, comma));
    const int place = beer::feature_index(name);
    if (place < 0 && places.empty()) return {};
    if (place < 0) {
      throw Refusal(400, fmt::format("Line 1: '{}' is no feature of this model.", name));
    }
    if (std::find(places.begin(), places.end(), place) != places.end()) {
      throw Refusal(400, fmt::format("Line 1 names '{}' twice.", name));
    }
    places.push_back(place);
    more = comma != std::string_view::npos;
    if (more) line.remove_prefix(comma + 1);
  }
  return places;
}

void add_named(Asked& asked, std::span<const int> places, std::string_view line,
               std::size_t number) {
  std::vector<float> fields;
  if (!parse_numbers(line, fields) || fields.size() != places.size()) {
    throw Refusal(400, fmt::format("Line {}: expected {} numbers separated by commas.", number,
                                   places.size()));
  }
  std::vector<float> row(beer::features().size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < places.size(); ++i)
    row[static_cast<std::size_t>(places[i])] = fields[i];
  asked.add_row(row);
}

}  // namespace

Asked read_csv_body(std::string_view body) {
  Asked asked;
  std::vector<int> places;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const std::string_view line = take_line(body);
    if (line.empty()) continue;
    if (number == 1 && !(places = header(line)).empty()) continue;
    if (!places.empty()) {
      add_named(asked, places, line, number);
    } else {
      // The sentence's place is only made up for a line that is refused.
      const auto fill = [&](std::vector<float>& values) { return parse_numbers(line, values); };
      try {
        asked.add_row({}, fill);
      } catch (const Refusal&) {
        throw Refusal(400, fmt::format("Line {}: expected {} numbers separated by commas.", number,
                                       asked.rows().columns));
      }
    }
  }
  return asked;
}

}  // namespace pipelines
