// The lake: buckets, the table over the cleaned beers, and the workgroup that queries it.
#include "beer/cleaned.h"
#include "cli/deploy/steps.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kParquetInput =
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
constexpr const char* kParquetOutput =
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
constexpr const char* kParquetSerde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

json::array columns() {
  json::array list;
  for (const beer::Column& column : beer::cleaned_columns()) {
    list.push_back(json::object{
        {"Name", column.name}, {"Type", column.glue_type}, {"Comment", column.comment}});
  }
  return list;
}

json::object table_input(const System& system) {
  return {{"Name", system.spec.table.name},
          {"Description", "Beers as the transformation cleaned them, one row for each arrival"},
          {"TableType", "EXTERNAL_TABLE"},
          {"Parameters", {{"classification", "parquet"}, {"EXTERNAL", "TRUE"}}},
          {"StorageDescriptor",
           {{"Columns", columns()},
            {"Location", system.table_location()},
            {"InputFormat", kParquetInput},
            {"OutputFormat", kParquetOutput},
            {"SerdeInfo",
             {{"SerializationLibrary", kParquetSerde},
              {"Parameters", {{"serialization.format", "1"}}}}}}}};
}

json::object result_configuration(const System& system) {
  return {{"OutputLocation",
           fmt::format("s3://{}/{}", system.queries_bucket(), system.spec.queries.results_prefix)}};
}

void deploy_workgroup(Deployment& deployment) {
  const std::string& name = deployment.spec().queries.workgroup;
  const json::object results = result_configuration(deployment.system());
  const auto present = describe([&] {
    return deployment.call("athena", "AmazonAthena.GetWorkGroup", {{"WorkGroup", name}});
  });
  if (!present) {
    deployment.call(
        "athena", "AmazonAthena.CreateWorkGroup",
        {{"Name", name},
         {"Configuration",
          {{"EnforceWorkGroupConfiguration", true}, {"ResultConfiguration", results}}}});
    deployment.created("workgroup " + name);
    return;
  }
  const json::object wanted{{"WorkGroup", {{"Configuration", {{"ResultConfiguration", results}}}}}};
  if (agrees(*present, wanted)) return deployment.unchanged();
  deployment.call(
      "athena", "AmazonAthena.UpdateWorkGroup",
      {{"WorkGroup", name}, {"ConfigurationUpdates", {{"ResultConfigurationUpdates", results}}}});
  deployment.updated("workgroup " + name);
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

void deploy_buckets(Deployment& deployment) {
  const System& system = deployment.system();
  for (const std::string& bucket : {system.raw_bucket(), system.cleaned_bucket(),
                                    system.models_bucket(), system.queries_bucket()}) {
    const auto present = describe([&] {
      deployment.session.aws().rest("s3", "HEAD", "/" + bucket);
      return json::value(true);
    });
    if (present) {
      deployment.unchanged();
      continue;
    }
    deployment.session.s3().create_bucket(bucket);
    deployment.created("bucket " + bucket);
  }
}

void deploy_table(Deployment& deployment) {
  const Spec::Table& names = deployment.spec().table;
  if (describe([&] {
        return deployment.call("glue", "AWSGlue.GetDatabase", {{"Name", names.database}});
      })) {
    deployment.unchanged();
  } else {
    deployment.call("glue", "AWSGlue.CreateDatabase",
                    {{"DatabaseInput", {{"Name", names.database}}}});
    deployment.created("database " + names.database);
  }
  const std::string what = fmt::format("table {}.{}", names.database, names.name);
  const json::object wanted = table_input(deployment.system());
  const auto present = describe([&] {
    return deployment.call("glue", "AWSGlue.GetTable",
                           {{"DatabaseName", names.database}, {"Name", names.name}});
  });
  const json::object input{{"DatabaseName", names.database}, {"TableInput", wanted}};
  if (!present) {
    deployment.call("glue", "AWSGlue.CreateTable", input);
    deployment.created(what);
  } else if (agrees(*present, json::object{{"Table", wanted}})) {
    deployment.unchanged();
  } else {
    deployment.call("glue", "AWSGlue.UpdateTable", input);
    deployment.updated(what);
  }
}

void deploy_queries(Deployment& deployment) {
  deploy_workgroup(deployment);
  deploy_saved_queries(deployment);
}

}  // namespace cli
