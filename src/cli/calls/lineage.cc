// Where a registered model comes from.
#include "cli/calls/lineage.h"

#include "cli/calls/json.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace cli {
namespace {

json::value call(Session& session, const char* operation, const json::object& input) {
  return session.aws().json("sagemaker", fmt::format("SageMaker.{}", operation), input);
}

}  // namespace

Place place_of(const std::string& uri) {
  constexpr std::string_view kScheme = "s3://";
  const auto slash = uri.find('/', kScheme.size());
  if (!uri.starts_with(kScheme) || slash == kScheme.size()) {
    throw std::runtime_error(fmt::format("\"{}\" is no S3 URI", uri));
  }
  if (slash == uri.npos) return {uri.substr(kScheme.size()), ""};
  return {uri.substr(kScheme.size(), slash - kScheme.size()), uri.substr(slash + 1)};
}

std::vector<DataSet> data_of_model(Session& session, const std::string& model_data_url) {
  std::vector<DataSet> data;
  const json::value models =
      call(session, "ListArtifacts", {{"SourceUri", model_data_url}, {"ArtifactType", "Model"}});
  for (const json::value& model : list(models, "ArtifactSummaries")) {
    // One edge to the training job, one more to what it read.
    const json::value found = call(session, "QueryLineage",
                                   {{"StartArns", json::array{text(model, "ArtifactArn")}},
                                    {"Direction", "Ascendants"},
                                    {"MaxDepth", 2},
                                    {"IncludeEdges", false},
                                    {"Filters", {{"Types", json::array{"DataSet"}}}}});
    for (const json::value& vertex : list(found, "Vertices")) {
      const json::value artifact =
          call(session, "DescribeArtifact", {{"ArtifactArn", text(vertex, "Arn")}});
      data.push_back(
          {text(artifact, "Source.SourceUri"), text(artifact, "Source.SourceTypes.0.Value")});
    }
  }
  std::sort(data.begin(), data.end(), [](const auto& a, const auto& b) { return a.uri < b.uri; });
  return data;
}

std::string digest_now(Session& session, const std::string& uri) {
  const Place place = place_of(uri);
  std::string lines, only;
  int count = 0;
  for (const auto& object : session.s3().list_objects(place.bucket, place.key)) {
    if (object.key.ends_with('/')) continue;
    only = object.etag;
    std::erase(only, '"');
    lines += fmt::format("{} {}\n", only, object.key);
    ++count;
  }
  return count <= 1 ? only : base::to_hex(base::md5(lines));
}

}  // namespace cli
