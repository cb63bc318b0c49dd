// The commands, each a function from its arguments to an exit code.
#pragma once

#include "cli/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// From nothing to a prediction, on an engine of its own.
struct RunOptions {
  std::string data;  ///< "": a new folder below .beer/runs
  std::string spec;
  std::string source;                  ///< "": the spec's; or "simulated", a URL, a file
  std::optional<std::uint64_t> beers;  ///< none: 400, or the whole file
  std::optional<int> seed;             ///< of the simulated brewery
  double taste_years = 0;              ///< of its drift, see beer::Brewery
  /// A change of taste after the first model serves: noticed, and answered by a new one, without a
  /// hand.
  bool drift = false;
  double speed = 300;          ///< a delivery's 60 s buffer in a fifth of a second
  bool kinesis_limits = true;  ///< a shard takes and gives what AWS's does in a second
  bool json = false;
};
int run(const RunOptions& options);

/// The engine in the foreground.
struct UpOptions {
  Common common;
  std::string listen = "127.0.0.1:4577";
  double speed = 1;
  bool allow_reset = false;
  std::string log;          ///< debug, info, warning, error; "": BEER_LOG, or warning
  bool log_json = false;    ///< a JSON object a line
  bool kinesis_limits = true;
  bool plain_http = false;      ///< others than this machine may be answered unencrypted
  std::string iam = "enforce";  ///< or log, or off
  bool deploy = true;
  std::string source;
  std::optional<std::uint16_t> brewery_port;  ///< of the simulated brewery; 0 picks a free one
  double drift = 0;                           ///< of its tastes, see beer::Brewery
};
int up(const UpOptions& options);

/// The lines a shell evaluates to reach the engine.
int env(const Common& common);

/// Where the engine's page is, with a word that lets one in; opened in a browser where there is one.
struct ConsoleOptions {
  Common common;
  bool open = true;
};
int console(const ConsoleOptions& options);

struct DeployArguments {
  Common common;
  std::string source;
};
int deploy(const DeployArguments& arguments);

struct DestroyArguments {
  Common common;
  bool with_data = false;
  bool only_models = false;  ///< what training and promoting made; the system stays
};
int destroy(const DestroyArguments& arguments);

/// The functions' packages and the pipeline's definition as a template, for Terraform.
struct PackageOptions {
  std::string spec;
  std::string output = "build/package";
};
int package(const PackageOptions& options);

/// Beers straight onto the stream.
struct IngestOptions {
  Common common;
  std::string source;
  std::optional<std::uint64_t> beers;
};
int ingest(const IngestOptions& options);

struct QueryOptions {
  Common common;
  std::string sql;      ///< "": read statements, at a prompt when a terminal gives them
  std::string command;  ///< the same, as an option
  bool csv = false;
  bool json = false;
  bool markdown = false;
};
int query(const QueryOptions& options);

/// Starts the pipeline and follows it; kGateRefused when its model isn't good enough.
struct TrainOptions {
  Common common;
  std::vector<std::string> parameters;  ///< "MetricThreshold=12"
};
int train(const TrainOptions& options);

/// Fetches the report of an execution's evaluation as a file.
struct ReportOptions {
  Common common;
  std::string which;   ///< a version of the registry, an execution's id or ARN; "": the last one
  std::string output;  ///< "": report-<which>.html here
};
int report(const ReportOptions& options);

/// Holds what came since the approved model was trained against its baseline; kGateRefused when a
/// limit is breached.
struct DriftOptions {
  Common common;
  bool all = false;  ///< every feature, not those that moved most
  bool json = false;
};
int drift(const DriftOptions& options);

struct ModelsOptions {
  Common common;
  bool history = false;  ///< what served when, instead of the versions
};
int models(const ModelsOptions& options);

struct VersionOptions {
  Common common;
  std::optional<int> version;  ///< none: the newest that fits
  bool reject = false;         ///< of approve
};
int approve(const VersionOptions& options);
int promote(const VersionOptions& options);
int rollback(const Common& common);
/// Trains a version again, and compares the bytes: kFailed when they differ.
int verify(const VersionOptions& options);

struct PredictOptions {
  Common common;
  std::string beer;     ///< JSON, a file, or "-" for standard input
  std::string file;     ///< many beers, a line of output for each; "-" for standard input
  std::string model;    ///< a model.tar.gz or a version; "": the endpoint
  bool strict = false;  ///< of file: kFailed when a line is no beer
  bool json = false;
};
int predict(const PredictOptions& options);
/// With `file`. kOk also when some lines are no beers, unless `strict`; kFailed when all are.
int predict_file(const PredictOptions& options);

int status(const Common& common);

/// What is wrong with a pipeline's definition: kFailed when it would be refused. Needs no endpoint.
struct LintOptions {
  std::string file;  ///< "-": standard input
  bool json = false;
};
int lint(const LintOptions& options);

/// Why each step of an execution ran or was taken from the cache. Of an engine only.
struct ExplainOptions {
  Common common;
  std::string execution;  ///< ARN or id; "": the last one of the spec's pipeline
  bool json = false;
};
int explain(const ExplainOptions& options);

/// What the system costs a month on AWS at list prices. Needs no endpoint.
struct CostOptions {
  std::string spec;
  std::string prices;  ///< "": architecture/prices.yaml
  double beers_per_run = 1;
  std::optional<double> runs_per_month;       ///< none: counted by the schedule
  std::optional<double> trainings_per_month;  ///< none: counted by the retraining's
  double queries_per_month = 100;
  bool json = false;
};
int cost(const CostOptions& options);

/// The simulated brewery as a server, or as lines.
struct PunkapiOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8090;
  int seed = 7;
  double drift = 0;         ///< see beer::Brewery
  std::uint64_t beers = 0;  ///< print so many, one a line, and end
};
int punkapi(const PunkapiOptions& options);

}  // namespace cli
