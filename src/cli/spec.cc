// beer.yaml: the system as data.
#include "cli/spec.h"

#include "cli/errors.h"
#include "cli/programs.h"
#include "cli/section.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFile = "beer.yaml";

Spec::Function read_function(Section section) {
  Spec::Function function{section.text("name"), section.whole("memory_mb", 128),
                          section.whole("timeout_seconds", 1)};
  section.close();
  return function;
}

Spec::Delivery read_delivery(Section section) {
  Spec::Delivery delivery{section.text("name"), section.whole("buffer_seconds", 0),
                          section.whole("buffer_mib", 1), section.text("prefix"),
                          section.text("error_prefix")};
  section.close();
  return delivery;
}

Spec::Schedule read_schedule(Section section) {
  Spec::Schedule schedule{section.text("rule"), section.text("expression")};
  section.close();
  return schedule;
}

void read_inflow(Section& top, Spec& spec) {
  Section source = top.section("source");
  spec.source = {source.text("url"), source.whole("seed", 0), source.whole("timeout_ms", 1),
                 source.whole("attempts", 1)};
  source.close();
  spec.schedule = read_schedule(top.section("schedule"));
  Section stream = top.section("stream");
  spec.stream = {stream.text("name"), stream.whole("shards", 1),
                 stream.whole("retention_hours", 24), stream.one_of("encryption", {"none", "kms"})};
  stream.close();
  Section functions = top.section("functions");
  spec.functions.log_retention_days = functions.whole("log_retention_days", 1);
  spec.functions.extraction = read_function(functions.section("extraction"));
  spec.functions.transformation = read_function(functions.section("transformation"));
  functions.close();
}

void read_lake(Section& top, Spec& spec) {
  Section buckets = top.section("buckets");
  spec.buckets = {buckets.text("raw"), buckets.text("cleaned"), buckets.text("models"),
                  buckets.text("queries")};
  buckets.close();
  Section lifecycle = top.section("lifecycle");
  spec.lifecycle = {lifecycle.whole("abort_uploads", 1), lifecycle.whole("raw_infrequent", 30),
                    lifecycle.whole("old_versions", 1), lifecycle.whole("results", 1)};
  lifecycle.close();
  Section delivery = top.section("delivery");
  spec.raw = read_delivery(delivery.section("raw"));
  spec.cleaned = read_delivery(delivery.section("cleaned"));
  delivery.close();
  Section table = top.section("table");
  spec.table = {table.text("database"), table.text("name"), table.text("partition"),
                table.text("partition_from")};
  table.close();
  Section queries = top.section("queries");
  spec.queries = {queries.text("workgroup"), queries.text("results_prefix"),
                  queries.whole("scan_limit_mib", 10), queries.texts("saved")};
  queries.close();
}

void read_model(Section& top, Spec& spec) {
  Section training = top.section("training");
  spec.training = {training.text("pipeline"),
                   training.text("repository"),
                   training.text("image_tag"),
                   training.text("instance_type"),
                   training.whole("instances", 1),
                   read_schedule(training.section("retraining")),
                   training.number("test_fraction", 0.01, 0.99),
                   training.whole("seed", 0),
                   training.texts("hyperparameters"),
                   training.one_of("trainer", {"ours", "xgboost"}),
                   training.text("xgboost_image")};
  training.close();
  if (spec.training.instances > 1 && spec.training.trainer == "ours") {
    throw UsageError(fmt::format(
        "{}: training.instances is {}, but our trainer learns on one: set training.trainer to "
        "xgboost, or instances to 1",
        spec.file, spec.training.instances));
  }
  Section gate = top.section("gate");
  spec.gate = {gate.number("mae_threshold", 0, 100), gate.number("champion_tolerance", 0, 100),
               gate.text("approval_status")};
  gate.close();
  Section registry = top.section("registry");
  spec.registry = {registry.text("group")};
  registry.close();
  Section endpoint = top.section("endpoint");
  spec.endpoint = {endpoint.text("name"), endpoint.text("instance_type"),
                   endpoint.whole("instances", 1)};
  endpoint.close();
}

void read_care(Section& top, Spec& spec) {
  Section alarms = top.section("alarms");
  spec.alarms = {alarms.whole("iterator_age_minutes", 1), alarms.whole("freshness_minutes", 1),
                 alarms.whole("function_errors", 1)};
  alarms.close();
  Section watching = top.section("watching");
  spec.watching = {
      watching.text("pipeline"),    {watching.text("rule"), watching.text("expression")},
      watching.text("drift_rule"),  watching.whole("window", 1),
      watching.whole("minimum", 1), watching.number("psi", 0.01, 100)};
  watching.close();
  Section notebook = top.section("notebook");
  spec.notebook = {notebook.text("name"), notebook.text("instance_type"),
                   notebook.text("repository")};
  notebook.close();
  Section roles = top.section("roles");
  spec.roles = {roles.text("extraction"), roles.text("transformation"), roles.text("delivery"),
                roles.text("pipeline"),   roles.text("serving"),        roles.text("retraining"),
                roles.text("notebook")};
  roles.close();
}

void read_engine(Section& top, Spec& spec) {
  Section engine = top.section("engine");
  spec.engine = {.jobs_at_once = engine.whole("jobs_at_once", 1),
                 .instances = engine.whole("instances", 1),
                 .memory_mib = engine.whole("memory_mib", 0),
                 .processes = engine.whole("processes", 0),
                 .disk_mib = engine.whole("disk_mib", 0),
                 .log_mib = engine.whole("log_mib", 0),
                 .runtime_seconds = engine.whole("runtime_seconds", 0),
                 .images = engine.texts("images")};
  engine.close();
}

/// A build folder is laid out as an installation: bin/beer, share/mlops-beer/beer.yaml.
std::string find_file() {
  const fs::path prefix = fs::path(programs_folder()).parent_path();
  for (const fs::path& path : {fs::path(kFile), prefix / "share" / "mlops-beer" / kFile}) {
    if (fs::exists(path)) return path;
  }
  throw UsageError(fmt::format(
      "there is no {} in this folder: go to the project's folder, or name one with --spec", kFile));
}

}  // namespace

Spec parse_spec(const std::string& text, const std::string& file) {
  try {
    Spec spec;
    spec.file = file;
    Section top(file, "", YAML::Load(text));
    spec.project = top.text("project");
    read_inflow(top, spec);
    read_lake(top, spec);
    read_model(top, spec);
    read_care(top, spec);
    read_engine(top, spec);
    spec.tags = top.texts("tags");
    top.close();
    return spec;
  } catch (const YAML::ParserException& error) {
    throw UsageError(fmt::format("{}:{}: not YAML: {}", file, error.mark.line + 1, error.msg));
  }
}

Spec read_spec(const std::string& path) {
  const std::string file = path.empty() ? find_file() : path;
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  if (!stream) throw UsageError(fmt::format("{}: can't be read as a spec", file));
  return parse_spec(text, file);
}

}  // namespace cli
