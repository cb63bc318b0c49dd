// The command line. The one unit that knows CLI11.
#include "cli/arguments.h"

#include "cli/commands/commands.h"
#include "cli/errors.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>

namespace cli {
namespace {

constexpr const char* kVersion = "0.1.0";

/// All commands' options, and the command that was chosen.
struct Arguments {
  RunOptions run;
  UpOptions up;
  Common common;  // of those that take nothing else
  ConsoleOptions console;
  DeployArguments deploy;
  DestroyArguments destroy;
  PackageOptions package;
  IngestOptions ingest;
  QueryOptions query;
  TrainOptions train;
  ReportOptions report;
  DriftOptions drift;
  ModelsOptions models;
  VersionOptions version;
  PredictOptions predict;
  PunkapiOptions punkapi;
  CostOptions cost;
  LintOptions lint;
  ExplainOptions explain;
  std::function<int()> command;
};

void add_common(CLI::App& app, Common& common) {
  app.add_option("--data", common.data, "the engine's data folder, when AWS_ENDPOINT_URL isn't set")
      ->capture_default_str();
  app.add_option("--spec", common.spec, "the system's description (default: beer.yaml)");
}

CLI::App& add(CLI::App& app, Arguments& all, const char* name, const char* what,
              std::function<int()> command) {
  CLI::App* const sub = app.add_subcommand(name, what);
  sub->callback([&all, command = std::move(command)] { all.command = command; });
  return *sub;
}

void add_kinesis_limits(CLI::App& app, bool& limits) {
  app.add_flag("!--no-kinesis-limits", limits,
               "shards that take and give more in a second than AWS's do");
}

void add_engines(CLI::App& app, Arguments& all) {
  CLI::App& run = add(app, all, "run", "From nothing to a prediction, on an engine of its own",
                      [&] { return cli::run(all.run); });
  run.add_option("--beers", all.run.beers, "how many (default: 400, or the whole file)")
      ->check(CLI::PositiveNumber);
  run.add_option("--source", all.run.source,
                 "simulated, the URL of a Punk API, or a file of beers");
  run.add_option("--data", all.run.data,
                 "a folder to use and keep (default: a new one in .beer/runs)");
  run.add_option("--spec", all.run.spec, "the system's description (default: beer.yaml)");
  run.add_option("--seed", all.run.seed, "of the simulated brewery")->check(CLI::NonNegativeNumber);
  auto* const years =
      run.add_option("--taste-years", all.run.taste_years,
                     "that the simulated brewery's tastes move while 1000 beers come out")
          ->capture_default_str()
          ->check(CLI::NonNegativeNumber);
  run.add_flag("--drift", all.run.drift,
               "then change the taste at once, and wait for a new model without a hand")
      ->excludes(years);
  run.add_option("--speed", all.run.speed, "the engine's clock against the wall clock's")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  add_kinesis_limits(run, all.run.kinesis_limits);
  run.add_flag("--json", all.run.json, "one JSON object instead of the summary");

  CLI::App& up = add(app, all, "up", "The engine in the foreground, the schedule live",
                     [&] { return cli::up(all.up); });
  add_common(up, all.up.common);
  up.add_option("--listen", all.up.listen, "ADDRESS:PORT; port 0 picks a free one")
      ->capture_default_str();
  up.add_option("--speed", all.up.speed, "the engine's clock against the wall clock's")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  up.add_option("--source", all.up.source, "simulated, or the URL of a Punk API");
  up.add_option("--brewery-port", all.up.brewery_port,
                "serve the simulated brewery there, even without the system (default: a free one)");
  up.add_option("--drift", all.up.drift, "its tastes' years while 1000 beers come out")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  up.add_option("--log", all.up.log, "what is logged, at least (default: warning); info tells requests")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  up.add_flag("--log-json", all.up.log_json, "a JSON object a line, with its request_id");
  up.add_flag("--allow-reset", all.up.allow_reset, "let POST /_engine/reset empty the engine");
  add_kinesis_limits(up, all.up.kinesis_limits);
  up.add_flag("--plain-http", all.up.plain_http,
              "answer other machines too, unencrypted: with --listen beyond 127.0.0.1 or ::1");
  up.add_option("--iam", all.up.iam, "policies of users and roles: enforce, log what they lack, or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"enforce", "log", "off"}));
  up.add_flag("!--no-deploy", all.up.deploy, "an empty engine, without the system of beer.yaml");

  add_common(add(app, all, "env", "The exports that point a shell's tools at the engine",
                 [&] { return env(all.common); }),
             all.common);

  CLI::App& console = add(app, all, "console", "The engine's page in the browser, signed in",
                          [&] { return cli::console(all.console); });
  add_common(console, all.console.common);
  console.add_flag("!--no-open", all.console.open, "print the address, start no browser");
}

void add_system(CLI::App& app, Arguments& all) {
  CLI::App& deploy = add(app, all, "deploy", "Make the endpoint what beer.yaml says",
                         [&] { return cli::deploy(all.deploy); });
  add_common(deploy, all.deploy.common);
  deploy.add_option("--source", all.deploy.source, "the URL of a Punk API");

  CLI::App& destroy = add(app, all, "destroy", "Remove what deploy and train have made",
                          [&] { return cli::destroy(all.destroy); });
  add_common(destroy, all.destroy.common);
  auto* const with_data =
      destroy.add_flag("--with-data", all.destroy.with_data, "the buckets' objects as well");
  destroy
      .add_flag("--only-models", all.destroy.only_models,
                "the endpoint and the registered models alone; the rest stays as it is")
      ->excludes(with_data);

  CLI::App& package =
      add(app, all, "package", "The functions' zips and the pipeline, for Terraform",
          [&] { return cli::package(all.package); });
  package.add_option("--spec,--config", all.package.spec,
                     "the system's description (default: beer.yaml)");
  package.add_option("--output", all.package.output, "the folder")->capture_default_str();

  CLI::App& ingest = add(app, all, "ingest", "Beers straight onto the stream",
                         [&] { return cli::ingest(all.ingest); });
  add_common(ingest, all.ingest.common);
  ingest.add_option("--source", all.ingest.source,
                    "a JSON or JSON-lines file, the URL of a paged Punk API, or simulated");
  ingest.add_option("--beers", all.ingest.beers, "at most so many")->check(CLI::PositiveNumber);

  CLI::App& query = add(app, all, "query", "SQL through Athena; without a statement, a prompt",
                        [&] { return cli::query(all.query); });
  add_common(query, all.query.common);
  auto* const sql = query.add_option("sql", all.query.sql, "statements, each ended by ';'");
  query.add_option("-c,--command", all.query.command, "the same")->excludes(sql);
  auto* const csv = query.add_flag("--csv", all.query.csv, "as CSV");
  auto* const json =
      query.add_flag("--json", all.query.json, "as an array of objects")->excludes(csv);
  query.add_flag("--markdown", all.query.markdown, "as a Markdown table")->excludes(csv, json);

  add_common(add(app, all, "status", "Streams, deliveries, buckets, last runs, endpoint",
                 [&] { return status(all.common); }),
             all.common);
}

void add_models(CLI::App& app, Arguments& all) {
  CLI::App& train = add(app, all, "train", "Run the pipeline and follow its steps",
                        [&] { return cli::train(all.train); });
  add_common(train, all.train.common);
  train.add_option("--set", all.train.parameters, "a pipeline parameter, Name=Value");

  CLI::App& report = add(app, all, "report", "The evaluation of a model as a page, fetched",
                         [&] { return cli::report(all.report); });
  add_common(report, all.report.common);
  report.add_option("which", all.report.which,
                    "a version of the registry, or an execution's id (default: the last one)");
  report.add_option("-o,--output", all.report.output, "the file (default: report-WHICH.html)");

  CLI::App& drift =
      add(app, all, "drift", "Whether what comes is still what the approved model was trained on",
          [&] { return cli::drift(all.drift); });
  add_common(drift, all.drift.common);
  drift.add_flag("--all", all.drift.all, "every feature, not only those that moved most");
  drift.add_flag("--json", all.drift.json, "one JSON object");

  CLI::App& models = add(app, all, "models", "The registry: versions, approval, what serves",
                         [&] { return cli::models(all.models); });
  add_common(models, all.models.common);
  models.add_flag("--history", all.models.history, "what served when, and by whom");

  CLI::App& approve = add(app, all, "approve", "Approve a model (default: the newest that waits)",
                          [&] { return cli::approve(all.version); });
  add_common(approve, all.version.common);
  approve.add_option("version", all.version.version, "a version of the registry");
  approve.add_flag("--reject", all.version.reject, "reject it instead");

  CLI::App& promote = add(app, all, "promote", "Serve an approved model (default: the newest)",
                          [&] { return cli::promote(all.version); });
  add_common(promote, all.version.common);
  promote.add_option("version", all.version.version, "a version of the registry");

  add_common(add(app, all, "rollback", "Serve the approved model that served before",
                 [&] { return rollback(all.common); }),
             all.common);

  CLI::App& verify = add(app, all, "verify", "Train a model again and compare the bytes",
                         [&] { return cli::verify(all.version); });
  add_common(verify, all.version.common);
  verify.add_option("version", all.version.version,
                    "a version of the registry (default: the newest)");

  CLI::App& predict = add(app, all, "predict", "A beer's IBU, its 90 % interval, and why",
                          [&] { return cli::predict(all.predict); });
  add_common(predict, all.predict.common);
  auto* const beer =
      predict.add_option("beer", all.predict.beer, "JSON, a file, or - for standard input");
  auto* const file =
      predict
          .add_option("--file", all.predict.file,
                      "JSON lines or a JSON array; - for standard input: a line for each beer")
          ->excludes(beer);
  predict.add_option("--model", all.predict.model,
                     "a model.tar.gz or a version of the registry (default: the endpoint)");
  predict.add_flag("--strict", all.predict.strict, "exit 1 when a line of --file is no beer")
      ->needs(file);
  predict.add_flag("--json", all.predict.json, "as JSON; with --file, one object a line");
}

void add_source(CLI::App& app, Arguments& all) {
  CLI::App& punkapi = add(app, all, "punkapi", "The simulated brewery as a Punk API",
                          [&] { return cli::punkapi(all.punkapi); });
  punkapi.add_option("--port", all.punkapi.port, "0 picks a free one")->capture_default_str();
  punkapi.add_option("--address", all.punkapi.address)->capture_default_str();
  punkapi.add_option("--seed", all.punkapi.seed, "another seed, another catalogue")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  punkapi
      .add_option("--drift", all.punkapi.drift, "years that tastes move while 1000 beers come out")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  punkapi.add_option("--beers", all.punkapi.beers, "print so many as JSON lines, and end");
}

void add_cost(CLI::App& app, Arguments& all) {
  CLI::App& cost = add(app, all, "cost", "What the system costs a month on AWS, at list prices",
                       [&] { return cli::cost(all.cost); });
  cost.add_option("--config,--spec", all.cost.spec,
                  "the system's description (default: beer.yaml)");
  cost.add_option("--prices", all.cost.prices,
                  "the price list (default: architecture/prices.yaml)");
  cost.add_option("--beers-per-run", all.cost.beers_per_run, "that the extraction puts")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  cost.add_option("--runs-per-month", all.cost.runs_per_month,
                  "of the extraction (default: by its schedule)")
      ->check(CLI::NonNegativeNumber);
  cost.add_option("--trainings-per-month", all.cost.trainings_per_month,
                  "(default: by the retraining's schedule)")
      ->check(CLI::NonNegativeNumber);
  cost.add_option("--queries-per-month", all.cost.queries_per_month,
                  "Athena queries, each over a month's beers")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  cost.add_flag("--json", all.cost.json, "one JSON object instead of the table");
}

void add_pipelines(CLI::App& app, Arguments& all) {
  CLI::App& lint = add(app, all, "lint", "What is wrong with a pipeline's definition",
                       [&] { return cli::lint(all.lint); });
  lint.add_option("file", all.lint.file, "the definition, as JSON; - for standard input")
      ->required();
  lint.add_flag("--json", all.lint.json, "one JSON object");

  CLI::App& explain =
      add(app, all, "explain", "Why an execution's steps ran, or came from the cache",
          [&] { return cli::explain(all.explain); });
  add_common(explain, all.explain.common);
  explain.add_option("execution", all.explain.execution, "ARN or id (default: the last one)");
  explain.add_flag("--json", all.explain.json, "one JSON object");
}

int report(const std::exception& error, int code) {
  std::fflush(stdout);
  fmt::print(stderr, "beer: {}\n", error.what());
  return code;
}

}  // namespace

int run_command(int argc, char** argv) {
  CLI::App app("Beers from an API to a served prediction: on this machine, and on AWS.", "beer");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  Arguments all;
  add_engines(app, all);
  add_system(app, all);
  add_models(app, all);
  add_pipelines(app, all);
  add_source(app, all);
  add_cost(app, all);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  try {
    return all.command();
  } catch (const UsageError& error) {
    return report(error, kUsage);
  } catch (const std::exception& error) {
    return report(error, kFailed);
  }
}

}  // namespace cli
