// Who queries the lake: the workgroup and its saved queries.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

#include <fmt/format.h>

#include <map>

namespace cli {
namespace {

json::object result_configuration(const System& system) {
  return {{"OutputLocation",
           fmt::format("s3://{}/{}", system.queries_bucket(), system.spec.queries.results_prefix)},
          {"EncryptionConfiguration", {{"EncryptionOption", "SSE_S3"}}}};
}

/// Creating and updating name the results differently.
json::object configuration(const System& system, const char* results) {
  return {{"EnforceWorkGroupConfiguration", true},
          {"PublishCloudWatchMetricsEnabled", true},
          {"BytesScannedCutoffPerQuery", system.spec.queries.scan_limit_mib * 1024LL * 1024},
          {results, result_configuration(system)}};
}

void create_workgroup(Deployment& deployment, const json::object& wanted) {
  json::object input = wanted;
  add_tag_list(input, deployment.spec());
  deployment.call("athena", "AmazonAthena.CreateWorkGroup", input);
}

void update_workgroup(Deployment& deployment, const json::object& wanted) {
  deployment.call(
      "athena", "AmazonAthena.UpdateWorkGroup",
      {{"WorkGroup", wanted.at("Name")},
       {"Description", wanted.at("Description")},
       {"ConfigurationUpdates", configuration(deployment.system(), "ResultConfigurationUpdates")}});
}

void deploy_workgroup(Deployment& deployment) {
  const std::string& name = deployment.spec().queries.workgroup;
  const json::object wanted{
      {"Name", name},
      {"Description", "Queries over the beers"},
      {"Configuration", configuration(deployment.system(), "ResultConfiguration")}};
  const auto present = describe([&] {
    return deployment.call("athena", "AmazonAthena.GetWorkGroup", {{"WorkGroup", name}});
  });
  if (!present) {
    create_workgroup(deployment, wanted);
    return deployment.created("workgroup " + name);
  }
  const bool differs = !agrees(*present, json::object{{"WorkGroup", wanted}});
  if (differs) update_workgroup(deployment, wanted);
  const bool tagged =
      update_tags(deployment, "athena", deployment.system().arn("athena", "workgroup/" + name));
  deployment.done("workgroup " + name, false, differs || tagged);
}

/// Names and texts of the workgroup's saved queries, by name.
std::map<std::string, json::value> saved_queries(Deployment& deployment) {
  const json::value ids = deployment.call("athena", "AmazonAthena.ListNamedQueries",
                                          {{"WorkGroup", deployment.spec().queries.workgroup}});
  std::map<std::string, json::value> queries;
  if (list(ids, "NamedQueryIds").empty()) return queries;
  const json::value answer = deployment.call("athena", "AmazonAthena.BatchGetNamedQuery",
                                             {{"NamedQueryIds", list(ids, "NamedQueryIds")}});
  for (const json::value& query : list(answer, "NamedQueries")) {
    queries[text(query, "Name")] = query;
  }
  return queries;
}

void deploy_saved_queries(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  const auto present = saved_queries(deployment);
  for (const auto& [name, sql] : spec.queries.saved) {
    const auto at = present.find(name);
    if (at != present.end() && text(at->second, "QueryString") == sql) {
      deployment.unchanged();
      continue;
    }
    if (at != present.end()) {  // Athena can't change one
      deployment.call("athena", "AmazonAthena.DeleteNamedQuery",
                      {{"NamedQueryId", text(at->second, "NamedQueryId")}});
    }
    deployment.call("athena", "AmazonAthena.CreateNamedQuery",
                    {{"Name", name},
                     {"Database", spec.table.database},
                     {"QueryString", sql},
                     {"WorkGroup", spec.queries.workgroup}});
    at == present.end() ? deployment.created("saved query " + name)
                        : deployment.updated("saved query " + name);
  }
}

}  // namespace

void deploy_queries(Deployment& deployment) {
  deploy_workgroup(deployment);
  deploy_saved_queries(deployment);
}

}  // namespace cli
