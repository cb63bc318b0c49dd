// What the cleaned beers look like: a database, and the table over their bucket.
#include "beer/cleaned.h"
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"

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

/// A day's partition is there when its folder is: Athena computes the folders' names.
json::object parameters(const Spec::Table& table) {
  const auto projection = [&](const char* what) {
    return fmt::format("projection.{}.{}", table.partition, what);
  };
  return {{"EXTERNAL", "TRUE"},
          {"classification", "parquet"},
          {"projection.enabled", "true"},
          {projection("type"), "date"},
          {projection("format"), "yyyy-MM-dd"},
          {projection("range"), table.partition_from + ",NOW"},
          {projection("interval"), "1"},
          {projection("interval.unit"), "DAYS"}};
}

json::object table_input(const System& system) {
  return {{"Name", system.spec.table.name},
          {"Description", "Beers as the transformation cleaned them, one row for each arrival"},
          {"TableType", "EXTERNAL_TABLE"},
          {"Parameters", parameters(system.spec.table)},
          {"PartitionKeys", json::array{json::object{{"Name", system.spec.table.partition},
                                                     {"Type", "string"},
                                                     {"Comment", "The day of arrival, UTC"}}}},
          {"StorageDescriptor",
           {{"Columns", columns()},
            {"Location", system.table_location()},
            {"InputFormat", kParquetInput},
            {"OutputFormat", kParquetOutput},
            {"SerdeInfo",
             {{"SerializationLibrary", kParquetSerde},
              {"Parameters", {{"serialization.format", "1"}}}}}}}};
}

void deploy_database(Deployment& deployment) {
  const std::string& name = deployment.spec().table.database;
  const json::object wanted{{"Name", name}, {"Description", "Beers of the Punk API"}};
  const auto present = describe([&] {
    return deployment.call("glue", "AWSGlue.GetDatabase", {{"Name", name}});
  });
  const std::string what = "database " + name;
  if (!present) {
    json::object input{{"DatabaseInput", wanted}};
    add_tag_map(input, deployment.spec());
    deployment.call("glue", "AWSGlue.CreateDatabase", input);
    return deployment.created(what);
  }
  const bool differs = !agrees(*present, json::object{{"Database", wanted}});
  if (differs) {
    deployment.call("glue", "AWSGlue.UpdateDatabase", {{"Name", name}, {"DatabaseInput", wanted}});
  }
  const bool tagged =
      update_tags(deployment, "glue", deployment.system().arn("glue", "database/" + name));
  deployment.done(what, false, differs || tagged);
}

void deploy_table(Deployment& deployment) {
  const Spec::Table& names = deployment.spec().table;
  const std::string what = fmt::format("table {}.{}", names.database, names.name);
  const json::object wanted = table_input(deployment.system());
  const auto present = describe([&] {
    return deployment.call("glue", "AWSGlue.GetTable",
                           {{"DatabaseName", names.database}, {"Name", names.name}});
  });
  const json::object input{{"DatabaseName", names.database}, {"TableInput", wanted}};
  if (!present) {
    deployment.call("glue", "AWSGlue.CreateTable", input);
    return deployment.created(what);
  }
  const bool differs = !agrees(*present, json::object{{"Table", wanted}});
  if (differs) deployment.call("glue", "AWSGlue.UpdateTable", input);
  deployment.done(what, false, differs);
}

}  // namespace

void deploy_catalog(Deployment& deployment) {
  deploy_database(deployment);
  deploy_table(deployment);
}

}  // namespace cli
