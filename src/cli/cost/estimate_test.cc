#include "cli/cost/estimate.h"

#include "cli/errors.h"
#include "test_places.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

constexpr double kGb = 1024.0 * 1024 * 1024;

/// The project's system and prices, with figures that a hand can multiply.
class Costs : public ::testing::Test {
 protected:
  Costs() {
    usage.runs_per_month = 10000;
    usage.beers_per_run = 1;
    usage.trainings_per_month = 10;
    usage.queries_per_month = 100;
    usage.beer_bytes = 1000;
  }

  Estimate made() const { return estimate(spec, prices, usage); }

  /// The line whose description contains `what`.
  static CostLine line(const std::vector<CostLine>& lines, const std::string& what) {
    for (const CostLine& line : lines) {
      if ((line.service + " " + line.what).find(what) != std::string::npos) return line;
    }
    ADD_FAILURE() << "no line about " << what;
    return {};
  }
  CostLine line(const std::string& what) const { return line(made().lines, what); }

  Spec spec = read_spec(BEER_SOURCE_DIR "/beer.yaml");
  Prices prices = read_prices(BEER_SOURCE_DIR "/architecture/prices.yaml");
  Usage usage;
};

TEST_F(Costs, OfTheProjectAreTheSumOfItsLines) {
  const Estimate bill = estimate(spec, prices, usage_of(spec));
  double sum = 0;
  for (const CostLine& line : bill.lines) {
    EXPECT_GE(line.usd(), 0) << line.what;
    EXPECT_GT(line.quantity, 0) << line.what;
    EXPECT_FALSE(line.price.unit.empty()) << line.what;
    sum += line.usd();
  }
  EXPECT_DOUBLE_EQ(bill.usd(), sum);
  EXPECT_GT(sum, 10.95);  // the shard alone
}

TEST_F(Costs, CountTheProjectsSchedules) {
  const Usage counted = usage_of(spec);
  EXPECT_DOUBLE_EQ(counted.runs_per_month, runs_per_month(spec.schedule.expression));
  EXPECT_DOUBLE_EQ(counted.trainings_per_month,
                   runs_per_month(spec.training.retraining.expression));
}

TEST_F(Costs, TakeWhatIsToldForASchedule) {
  spec.schedule.expression = spec.training.retraining.expression = "now and then";
  EXPECT_THROW(usage_of(spec), UsageError);
  EXPECT_THROW(usage_of(spec, 3), UsageError);
  EXPECT_DOUBLE_EQ(usage_of(spec, 3, 4).runs_per_month, 3);
  EXPECT_DOUBLE_EQ(usage_of(spec, 3, 4).trainings_per_month, 4);
}

TEST_F(Costs, OfAStreamAreItsShardHoursAndPayloadUnits) {
  spec.stream.shards = 2;
  prices.kinesis_shard_hour.usd = 0.015;
  prices.kinesis_put_payload_unit = {0.014, 1000000, "units", "", ""};
  EXPECT_DOUBLE_EQ(line("2 shards").quantity, 1460);
  EXPECT_NEAR(line("2 shards").usd(), 21.90, 1e-9);
  EXPECT_DOUBLE_EQ(line("records put").quantity, 10000);
  EXPECT_NEAR(line("records put").usd(), 0.00014, 1e-12);
}

TEST_F(Costs, RoundARecordUpToPayloadUnitsOf25Kb) {
  usage.beer_bytes = 25 * 1024;
  EXPECT_DOUBLE_EQ(line("records put").quantity, 10000);
  usage.beer_bytes = 25 * 1024 + 1;
  EXPECT_DOUBLE_EQ(line("records put").quantity, 20000);
}

TEST_F(Costs, HaveNoLineForADaysRetention) {
  spec.stream.retention_hours = 24;
  for (const CostLine& line : made().lines) {
    EXPECT_EQ(line.what.find("retention"), std::string::npos) << line.what;
  }
}

TEST_F(Costs, AddExtendedRetentionByTheShardHourAndLongTermByTheGigabyte) {
  spec.stream.retention_hours = 168 + 730;
  prices.kinesis_extended_retention.usd = 0.02;
  EXPECT_NEAR(line("to 168 h").usd(), 14.60, 1e-9);
  // A month beyond the seventh day: a month's beers lie there all the time.
  EXPECT_DOUBLE_EQ(line("from 168 h").quantity, 10000 * 1000 / kGb);
}

TEST_F(Costs, HaveDataKeysOnlyWhenTheStreamIsEncryptedByKms) {
  spec.stream.encryption = "none";
  for (const CostLine& line : made().lines) EXPECT_NE(line.service, "KMS");
  spec.stream.encryption = "kms";
  prices.kms_requests = {0.03, 10000, "requests", "", ""};
  EXPECT_DOUBLE_EQ(line("KMS").quantity, 26280);  // three times a month's 8,760 five minutes
  EXPECT_NEAR(line("KMS").usd(), 0.07884, 1e-12);
}

TEST_F(Costs, RoundARecordUpTo5KbInEachDelivery) {
  const double gb = 10000 * 5120 / kGb;
  EXPECT_DOUBLE_EQ(line(spec.raw.name + ": ingested").quantity, gb);
  EXPECT_DOUBLE_EQ(line(spec.cleaned.name + ": ingested").quantity, gb);
  EXPECT_DOUBLE_EQ(line("to Parquet").quantity, gb);
  usage.beer_bytes = 5121;
  EXPECT_DOUBLE_EQ(line("to Parquet").quantity, 2 * gb);
}

TEST_F(Costs, OfAFunctionAreRequestsAndGigabyteSecondsWithNoFreeTier) {
  spec.functions.extraction.memory_mb = 512;
  usage.extraction_ms = 200;
  prices.lambda_requests = {0.2, 1000000, "requests", "", ""};
  prices.lambda_duration = {0.0000166667, 1, "GB-seconds", "", ""};
  EXPECT_NEAR(line("fn_extraction: requests").usd(), 0.002, 1e-12);
  // 10,000 × 0.2 s × 0.5 GB
  EXPECT_DOUBLE_EQ(line("fn_extraction: 512 MB").quantity, 1000);
  EXPECT_NEAR(line("fn_extraction: 512 MB").usd(), 0.0166667, 1e-9);
}

TEST_F(Costs, CallTheTransformationOnceForEachObject) {
  spec.functions.transformation.memory_mb = 1024;
  spec.cleaned.buffer_seconds = 900;
  usage.transformation_ms = 100;
  usage.transformed_beer_ms = 1;
  // 2,628,000 s / 900 s
  EXPECT_DOUBLE_EQ(line("fn_transformation: requests").quantity, 2920);
  EXPECT_DOUBLE_EQ(line("fn_transformation: 1024 MB").quantity, 2920 * 0.1 + 10000 * 0.001);
}

TEST_F(Costs, WriteAnObjectForEachRunWhenTheBufferIsShorter) {
  spec.raw.buffer_seconds = spec.cleaned.buffer_seconds = 60;
  EXPECT_DOUBLE_EQ(line("objects of the deliveries").quantity, 20000);
}

TEST_F(Costs, WriteAnObjectForEachIntervalWhenTheBufferIsLonger) {
  spec.raw.buffer_seconds = spec.cleaned.buffer_seconds = 900;
  EXPECT_DOUBLE_EQ(line("objects of the deliveries").quantity, 5840);
}

TEST_F(Costs, WriteMoreObjectsWhenTheBuffersFillUpBefore) {
  spec.raw.buffer_seconds = spec.cleaned.buffer_seconds = 900;
  spec.raw.buffer_mib = 1;
  spec.cleaned.buffer_mib = 64;
  usage.beer_bytes = 1024;
  usage.beers_per_run = 1024;  // a MiB a run
  EXPECT_DOUBLE_EQ(line("objects of the deliveries").quantity, 10000 + 2920);
}

TEST_F(Costs, StoreTheBeersAndTheirFilesFooters) {
  usage.raw_object_bytes = 500;
  usage.raw_beer_bytes = 100;
  usage.cleaned_object_bytes = 10000;
  usage.cleaned_beer_bytes = 200;
  usage.beers_per_run = 10;
  EXPECT_DOUBLE_EQ(line("beers, raw").quantity, (10000 * 500 + 100000 * 100) / kGb);
  EXPECT_DOUBLE_EQ(line("beers, cleaned").quantity, (10000 * 10000 + 100000 * 200.0) / kGb);
}

TEST_F(Costs, ReadEachObjectTwiceForAQueryOrATraining) {
  EXPECT_DOUBLE_EQ(line("reads by").quantity, (100 + 10) * 10000 * 2);
  prices.s3_get = {0.0004, 1000, "requests", "", ""};
  EXPECT_NEAR(line("reads by").usd(), 0.88, 1e-9);
}

TEST_F(Costs, ScanTenMegabytesAtLeastForAQuery) {
  usage.runs_per_month = 10;
  prices.athena_scanned.usd = 5;
  // 100 queries × 10 MB of 1,048,576 MB
  EXPECT_NEAR(line("Athena").usd(), 5 * 1000.0 / 1048576, 1e-12);
  usage.runs_per_month = 10000;
  usage.cleaned_object_bytes = 1024 * 1024;
  usage.cleaned_beer_bytes = 0;
  EXPECT_NEAR(line("Athena").usd(), 5 * 1e6 / 1048576, 1e-9);
}

TEST_F(Costs, OfTrainingsAreTheHoursOfTheirJobs) {
  spec.training.instance_type = "ml.m5.large";
  prices.instances["ml.m5.large"].usd = 0.12;
  usage.job_minutes = 6;
  EXPECT_DOUBLE_EQ(line("processing on").quantity, 2);
  EXPECT_NEAR(line("processing on").usd(), 0.24, 1e-12);
  EXPECT_NEAR(line("training on").usd(), 0.24, 1e-12) << "Train and Refit";
  spec.training.instances = 3;
  EXPECT_NEAR(line("training on 3 ×").usd(), 0.72, 1e-12);
}

TEST_F(Costs, LeaveEndpointAndNotebookOutOfTheTotal) {
  spec.endpoint.instance_type = "ml.m5.large";
  spec.endpoint.instances = 2;
  prices.instances["ml.m5.large"].usd = 0.1;
  const Estimate bill = made();
  EXPECT_NEAR(line(bill.if_on, "endpoint").usd(), 146, 1e-9);
  EXPECT_DOUBLE_EQ(line(bill.if_on, "notebook").quantity, 730);
  EXPECT_LT(bill.usd(), 100);
}

TEST_F(Costs, OfWatchingComeOnceAModelIsApproved) {
  spec.watching.schedule.expression = "rate(6 hours)";
  EXPECT_NEAR(usage_of(spec).watchings_per_month, 730.0 / 6, 1);
  spec.training.instance_type = "ml.m5.large";
  prices.instances["ml.m5.large"].usd = 0.1;
  usage.watchings_per_month = 120;
  usage.job_minutes = 3;
  EXPECT_NEAR(line(made().if_on, "watching").usd(), 0.6, 1e-12);
}

TEST_F(Costs, AreRefusedForAnInstanceTypeWithoutAPrice) {
  spec.training.instance_type = "ml.x9.huge";
  EXPECT_THROW(made(), UsageError);
  spec.training.instance_type = spec.endpoint.instance_type;
  spec.endpoint.instance_type = "ml.x9.huge";
  EXPECT_THROW(made(), UsageError);
}

TEST_F(Costs, OfNothingHappeningAreTheStreamTheAlarmsAndTheImage) {
  usage.runs_per_month = usage.trainings_per_month = usage.queries_per_month = 0;
  double standing = 0;
  for (const char* what : {"Kinesis stream", "alarms", "ECR"}) standing += line(what).usd();
  EXPECT_NEAR(made().usd(), standing, 1e-12);
}

std::string assumptions_of(const Estimate& bill) {
  std::string all;
  for (const std::string& sentence : bill.assumptions) all += sentence + "\n";
  return all;
}

TEST_F(Costs, StateWhatTheyRestOn) {
  usage = usage_of(spec);
  EXPECT_NE(assumptions_of(made()).find("Free tiers are not subtracted"), std::string::npos);
  EXPECT_NE(assumptions_of(made()).find(spec.schedule.expression), std::string::npos);
  EXPECT_NE(assumptions_of(made()).find(spec.training.retraining.expression), std::string::npos);
}

TEST_F(Costs, SayWhichFiguresWereTold) {
  usage = usage_of(spec, 1234567, 2);
  EXPECT_NE(assumptions_of(made()).find("1,234,567 times in it (as told)"), std::string::npos);
  EXPECT_NE(assumptions_of(made()).find("2 times (as told)"), std::string::npos);
}

}  // namespace
}  // namespace cli
