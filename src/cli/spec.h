// beer.yaml: the system as data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Every key of the file, by its own name; beer.yaml explains them. All are required.
struct Spec {
  using Texts = std::vector<std::pair<std::string, std::string>>;

  std::string file;  ///< where it was read from
  std::string project;
  Texts tags;

  struct Source {
    std::string url;  ///< "simulated", or the base of a Punk API
    int seed = 0;
    int timeout_ms = 0;
    int attempts = 0;
  } source;

  struct Schedule {
    std::string rule, expression;
  } schedule;  ///< of the extraction

  struct Stream {
    std::string name;
    int shards = 0;
    int retention_hours = 0;
    std::string encryption;  ///< "none" or "kms"
  } stream;

  /// Without the account behind them.
  struct Buckets {
    std::string raw, cleaned, models, queries;
  } buckets;

  /// Days.
  struct Lifecycle {
    int abort_uploads = 0, raw_infrequent = 0, old_versions = 0, results = 0;
  } lifecycle;

  struct Function {
    std::string name;
    int memory_mb = 0;
    int timeout_seconds = 0;
  };
  struct Functions {
    int log_retention_days = 0;
    Function extraction, transformation;
  } functions;

  struct Delivery {
    std::string name;
    int buffer_seconds = 0;
    int buffer_mib = 0;
    std::string prefix, error_prefix;
  } raw, cleaned;

  struct Table {
    std::string database, name, partition, partition_from;
  } table;

  struct Queries {
    std::string workgroup, results_prefix;
    int scan_limit_mib = 0;
    Texts saved;
  } queries;

  struct Training {
    std::string pipeline, repository, image_tag, instance_type;
    int instances = 1;
    Schedule retraining;
    double test_fraction = 0;
    int seed = 0;
    Texts hyperparameters;
    std::string trainer;        ///< "ours", or "xgboost": SageMaker's own image trains
    std::string xgboost_image;  ///< its URI, or "auto"
  } training;

  struct Gate {
    double mae_threshold = 0;
    double champion_tolerance = 0;
    std::string approval_status;
  } gate;

  struct Registry {
    std::string group;
  } registry;

  struct Endpoint {
    std::string name, instance_type;
    int instances = 0;
  } endpoint;

  struct Alarms {
    int iterator_age_minutes = 0, freshness_minutes = 0, function_errors = 0;
  } alarms;

  /// Of the approved model, against the beers that came since.
  struct Watching {
    std::string pipeline;
    Schedule schedule;
    std::string drift_rule;  ///< starts the training when the alarm goes off
    int window = 0, minimum = 0;
    double psi = 0;
  } watching;

  struct Notebook {
    std::string name, instance_type, repository;
  } notebook;

  /// Of this machine's engine. 0 is no limit.
  struct Engine {
    int jobs_at_once = 2, instances = 8;
    int memory_mib = 0, processes = 0, disk_mib = 0, log_mib = 0, runtime_seconds = 0;
    Texts images;  ///< what runs in the place of other images: a program and its words
  } engine;

  struct Roles {
    std::string extraction, transformation, delivery, pipeline, serving, retraining, notebook;
  } roles;
};

/// Reads the text of a spec; `file` names it in errors. Throws UsageError with one sentence that
/// says where and what: "beer.yaml:12: schedule.expresion: no such key; …".
Spec parse_spec(const std::string& text, const std::string& file);

/// Reads `path`, or when that is empty ./beer.yaml, else the one that came with this program.
/// Throws UsageError as well when there is none.
Spec read_spec(const std::string& path);

}  // namespace cli
