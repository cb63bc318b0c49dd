// What the system of a spec costs a month on AWS.
#pragma once

#include "cli/cost/prices.h"
#include "cli/cost/schedule.h"
#include "cli/spec.h"

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// How much the system works and what its pieces weigh, for what a spec doesn't say. The weights
/// were measured with the simulated brewery; KB and MB are 2^10 and 2^20 bytes.
struct Usage {
  double runs_per_month = 0;  ///< of the extraction
  double beers_per_run = 1;
  double trainings_per_month = 0;
  double watchings_per_month = 0;     ///< once a model is approved
  std::string runs_by, trainings_by;  ///< where these two are from: "rate(5 minutes)"
  double queries_per_month = 100;

  double beer_bytes = 1461;             ///< a record of the stream
  double extraction_ms = 300;           ///< billed for each run: a GET and a PutRecords over TLS
  double transformation_ms = 100;       ///< billed for each batch
  double transformed_beer_ms = 0.1;     ///< and for each beer in it
  double raw_object_bytes = 465;        ///< of an object of GZIP, without its beers
  double raw_beer_bytes = 162;          ///< of each beer in it
  double cleaned_object_bytes = 10310;  ///< of a Parquet file: mostly its footer
  double cleaned_beer_bytes = 232;
  double log_bytes = 1024;  ///< of one invocation: START, END, REPORT and a line of ours

  int processing_jobs = 2;           ///< of one training: Preprocess and Evaluate
  int training_jobs = 2;             ///< likewise: Train, and Refit once that has passed
  double job_minutes = 3;            ///< billed for each job, with its download and upload
  double training_mb = 1;            ///< kept of each training: model, splits, evaluation
  double training_objects = 8;       ///< the objects that it writes
  double job_log_bytes = 20 * 1024;  ///< of one job
  double image_mb = 150;             ///< in ECR, compressed

  int alarms = 6;  ///< iterator age, two deliveries' freshness, two functions' errors, drift
  int metrics = 7;  ///< that a watching sends
  double notebook_gb = 5;
};

/// A usage with the spec's runs and trainings, counted by their schedules where they aren't told.
/// Throws UsageError for a schedule that can't be counted.
Usage usage_of(const Spec& spec, std::optional<double> runs_per_month = {},
               std::optional<double> trainings_per_month = {});

/// One position of the bill.
struct CostLine {
  std::string service, what;
  double quantity = 0;  ///< of price.unit
  Price price;

  double usd() const { return quantity * price.usd / price.per; }
};

struct Estimate {
  std::vector<CostLine> lines;
  std::vector<CostLine> if_on;           ///< what is off unless asked for
  std::vector<std::string> assumptions;  ///< sentences that the lines rest on

  double usd() const;  ///< of the lines
};

/// The first month's bill: what a spec and a usage need, at these prices, without free tiers, taxes
/// and traffic to the internet. Throws UsageError when an instance type has no price.
Estimate estimate(const Spec& spec, const Prices& prices, const Usage& usage);

}  // namespace cli
