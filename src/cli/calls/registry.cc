// The models' registry: versions and their approval.
#include "cli/calls/registry.h"

#include "cli/calls/json.h"
#include "cli/deploy/steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

ModelPackage read_package(const json::value& from) {
  ModelPackage package;
  package.version = static_cast<int>(number(from, "ModelPackageVersion"));
  package.arn = text(from, "ModelPackageArn");
  package.approval = text(from, "ModelApprovalStatus");
  package.execution = text(from, "MetadataProperties.GeneratedBy");
  package.created = number(from, "CreationTime");
  package.model_url = text(from, "InferenceSpecification.Containers.0.ModelDataUrl");
  return package;
}

}  // namespace

std::vector<ModelPackage> list_packages(Session& session) {
  json::object input{{"ModelPackageGroupName", session.spec().registry.group},
                     {"SortBy", "CreationTime"},
                     {"SortOrder", "Descending"}};
  std::vector<ModelPackage> packages;
  for (std::string token = "first"; !token.empty();) {
    const auto page = describe(
        [&] { return session.aws().json("sagemaker", "SageMaker.ListModelPackages", input); });
    if (!page) break;
    for (const json::value& package : list(*page, "ModelPackageSummaryList")) {
      packages.push_back(read_package(package));
    }
    token = text(*page, "NextToken");
    input["NextToken"] = token;
  }
  std::sort(packages.begin(), packages.end(),
            [](const auto& a, const auto& b) { return a.version > b.version; });
  return packages;
}

ModelPackage describe_package(Session& session, const std::string& arn) {
  return read_package(session.aws().json("sagemaker", "SageMaker.DescribeModelPackage",
                                         json::object{{"ModelPackageName", arn}}));
}

ModelPackage choose_package(Session& session, std::optional<int> version,
                            const std::string& wanted) {
  const auto packages = list_packages(session);
  const std::string& group = session.spec().registry.group;
  for (const ModelPackage& package : packages) {
    if (version ? package.version == *version : wanted.empty() || package.approval == wanted) {
      return package;
    }
  }
  if (packages.empty()) {
    throw std::runtime_error(fmt::format(
        "the group {} holds no model yet: `beer train` registers one when the gate passes", group));
  }
  throw std::runtime_error(
      version ? fmt::format("the group {} holds no version {}: `beer models` lists them", group,
                            *version)
              : fmt::format("none of the {} models of {} is {}: `beer models` lists them",
                            packages.size(), group, wanted));
}

void set_approval(Session& session, const std::string& arn, const std::string& status) {
  session.aws().json("sagemaker", "SageMaker.UpdateModelPackage",
                     json::object{{"ModelPackageArn", arn}, {"ModelApprovalStatus", status}});
}

}  // namespace cli
