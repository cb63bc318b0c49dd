// application/json and application/jsonlines: which shape a body has.
#include "beer/features.h"
#include "beer/json_pieces.h"
#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"

#include <fmt/format.h>

namespace pipelines {
namespace {

void add_list(Asked& asked, std::string_view json, std::string_view name) {
  const auto pieces = beer::array_pieces(json);
  if (!pieces) throw Refusal(400, fmt::format("{} is no list.", name));
  for (const std::string_view piece : *pieces) add_element(asked, piece);
}

/// A list of elements, one row of numbers, or a list for each feature.
void add_inputs(Asked& asked, std::string_view json) {
  if (json.starts_with('[')) {
    const std::string_view inside = base::trim(json.substr(1));
    const bool of_elements =
        inside.starts_with('[') || inside.starts_with('{') || inside.starts_with(']');
    return of_elements ? add_list(asked, json, "inputs") : add_element(asked, json);
  }
  const auto members = beer::object_pieces(json);
  const bool of_lists = members && !members->empty() && members->front().first != "features" &&
                        members->front().second.starts_with('[');
  of_lists ? add_columns(asked, json) : add_element(asked, json);
}

/// Adds the rows when the member is one of the shapes' names.
bool add_shape(Asked& asked, std::string_view name, std::string_view json) {
  if (name == "instances" || name == "dataframe_records") {
    add_list(asked, json, name);
  } else if (name == "dataframe_split") {
    add_split(asked, json);
  } else if (name == "inputs") {
    add_inputs(asked, json);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Asked read_json_body(std::string_view body) {
  Asked asked;
  body = base::trim(body);
  if (body.starts_with('[')) {
    add_list(asked, body, "The body");
    return asked;
  }
  if (!body.starts_with('{')) {
    throw Refusal(400,
                  "The body is neither a beer, nor a list of beers, nor an object with instances, "
                  "dataframe_split, dataframe_records or inputs.");
  }
  if (const auto members = beer::object_pieces(body)) {
    for (const auto& [name, json] : *members) {
      if (add_shape(asked, name, json)) return asked;
    }
  }
  add_element(asked, body);
  return asked;
}

Asked read_json_lines_body(std::string_view body) {
  Asked asked;
  while (!body.empty()) {
    const auto end = body.find('\n');
    const std::string_view line = base::trim(body.substr(0, end));
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (!line.empty()) add_element(asked, line);
  }
  return asked;
}

}  // namespace pipelines
