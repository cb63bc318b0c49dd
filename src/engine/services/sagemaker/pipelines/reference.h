// References in a definition: {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"} and its kind.
//
//   reference = "Parameters." name | "Execution." name | "Steps." name path
//   path      = { "." member | "[" digits "]" | "['" key "']" | "[\"" key "\"]" }
#pragma once

#include <boost/json/value.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace engine::sagemaker::pipelines {

namespace json = boost::json;

/// What a reference says can't be read, or leads nowhere.
struct ReferenceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A member's name or map key, or the index in a list.
using PathPart = std::variant<std::string, std::size_t>;
using Path = std::vector<PathPart>;

struct Reference {
  enum class Of { kParameter, kExecution, kStep };
  Of of;
  std::string name;
  Path path;         ///< below the step
  std::string text;  ///< as written
};

/// "a.b[0]['c d']" → its parts; a leading "$." is JsonPath's and dropped. Throws ReferenceError.
Path parse_path(std::string_view text);
Reference parse_reference(std::string_view text);

/// Follows the path. A list is also reached into by the name of an item: its OutputName, InputName,
/// ChannelName, Name or the like. Throws ReferenceError naming `text`.
const json::value& follow(const json::value& from, const Path& path, std::string_view text);

}  // namespace engine::sagemaker::pipelines
