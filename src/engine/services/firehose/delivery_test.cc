// From the source to the lake: buffering, exactly once, failures, conversion.
#include "engine/services/firehose/test_engine.h"
#include "engine/services/logs/operations.h"
#include "engine/sql/parquet.h"

#include <isa-l/igzip_lib.h>

namespace engine::firehose {
namespace {

using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

using Delivering = FirehoseTest;

std::string gunzip(const std::string& bytes) {
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  std::string out(1 << 20, '\0');
  state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<std::uint32_t>(bytes.size());
  state.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  state.avail_out = static_cast<std::uint32_t>(out.size());
  EXPECT_EQ(isal_inflate(&state), ISAL_DECOMP_OK);
  out.resize(state.total_out);
  return out;
}

TEST_F(Delivering, ConcatenatesTheRecordsBytesAndNothingElse) {
  create(from_kinesis("raw"));
  put("{\"id\":1}");
  put("{\"id\":2}\n");
  put("tail");
  deliver("raw");
  EXPECT_EQ(only_object(""), "{\"id\":1}{\"id\":2}\ntail");
}

TEST_F(Delivering, WaitsForTheInterval) {
  create(from_kinesis("raw"));
  put("1");
  firehose->deliver_now("raw");
  clock.advance(std::chrono::seconds(59));
  put("2");
  firehose->deliver_now("raw");
  EXPECT_THAT(objects(), IsEmpty());
  EXPECT_EQ(firehose->pending("raw"), 2u);
  clock.advance(std::chrono::seconds(1));
  firehose->deliver_now("raw");
  EXPECT_EQ(only_object(""), "12");
  EXPECT_EQ(firehose->pending("raw"), 0u);
}

TEST_F(Delivering, DeliversAtOnceWhenTheBufferIsFull) {
  create(from_kinesis("raw"));
  for (int i = 0; i < 5; ++i) put(std::string(300 << 10, 'x'));
  firehose->deliver_now("raw");
  EXPECT_EQ(only_object("").size(), 4u * (300 << 10));
  EXPECT_EQ(firehose->pending("raw"), 1u);
}

TEST_F(Delivering, NamesTheObjectByTheOldestRecordsArrival) {
  create(from_kinesis("raw"));  // 2026-01-01 00:00:00
  put("1");
  clock.advance(std::chrono::hours(2));
  deliver("raw");
  EXPECT_THAT(objects().begin()->first,
              MatchesRegex("good/2026/01/01/00/raw-1-2026-01-01-00-00-00-[0-9a-f-]{36}"));
}

TEST_F(Delivering, EvaluatesTimestampExpressionsAtTheArrivalNotAtTheDelivery) {
  auto input = from_kinesis("raw");
  input.ExtendedS3DestinationConfiguration->Prefix = "good/!{timestamp:yyyy-MM-dd/HH:mm}/";
  create(input);
  put("1");
  clock.advance(std::chrono::hours(26));
  deliver("raw");
  EXPECT_EQ(only_object("good/2026-01-01/00:00/"), "1");
}

TEST_F(Delivering, ReadsFromLatest) {
  put("before");
  create(from_kinesis("raw"));
  put("after");
  deliver("raw");
  EXPECT_EQ(only_object(""), "after");
}

TEST_F(Delivering, ReadsEveryShard) {
  create(from_kinesis("raw"));
  put("1", "a");
  put("2", "b");
  deliver("raw");
  EXPECT_EQ(only_object(""), "12");
}

TEST_F(Delivering, DeliversBufferedRecordsOnceThoughTheEngineWasKilled) {
  create(from_kinesis("raw"));
  put("1");
  deliver("raw");
  put("2");
  firehose->deliver_now("raw");  // buffered, and then gone with the memory
  start();
  deliver("raw");
  start();
  deliver("raw");
  std::string all;
  for (const auto& [key, bytes] : objects()) all += bytes;
  EXPECT_EQ(all.size(), 2u);
  EXPECT_EQ(objects().size(), 2u);
}

TEST_F(Delivering, KeepsItsBufferWhileTheBucketIsMissing) {
  s3->delete_bucket("lake");
  create(from_kinesis("raw"));
  put("1");
  EXPECT_THROW(deliver("raw"), AwsError);
  put("2");
  EXPECT_THROW(firehose->deliver_now("raw"), AwsError);
  EXPECT_EQ(firehose->pending("raw"), 2u);
  s3->create_bucket("lake");
  deliver("raw");
  std::string all;
  for (const auto& [key, bytes] : objects()) all += bytes;
  EXPECT_EQ(all, "12");
}

TEST_F(Delivering, KeepsItsBufferWhileTheDiskIsFull) {
  create(with_function(from_kinesis("clean")));
  put("ale");
  disk.fail(1, io::FailingFileSystem::Then::kStaysBroken);
  EXPECT_ANY_THROW(deliver("clean"));
  EXPECT_ANY_THROW(firehose->deliver_now("clean"));
  EXPECT_TRUE(disk.failed());
  EXPECT_EQ(firehose->pending("clean"), 1u);
  disk.work();
  firehose->deliver_now("clean");
  EXPECT_EQ(only_object(""), "ALE");
  EXPECT_EQ(firehose->pending("clean"), 0u);
  EXPECT_EQ(asked_at.size(), 1u);  // what is transformed is not transformed again
}

TEST_F(Delivering, DeliversOnceWhicheverCallToTheDiskFails) {
  create(direct_put("direct"));
  bool failed = true;
  for (int nth = 1; failed; ++nth) {
    const std::string data = "<" + std::to_string(nth) + ">";
    put_record(*firehose, call, {"direct", {data}});
    disk.fail(nth);
    try {
      deliver("direct");
    } catch (const std::exception&) {
    }
    failed = disk.failed();
    disk.work();
    deliver("direct");
    std::string all;
    for (const auto& [key, bytes] : objects()) all += bytes;
    EXPECT_EQ(all.find(data), all.rfind(data));
    EXPECT_NE(all.find(data), std::string::npos);
  }
}

TEST_F(Delivering, StartsOverWithAStreamMadeAnew) {
  create(from_kinesis("raw"));
  for (int i = 0; i < 3; ++i) put("old");
  deliver("raw");
  kinesis::api::DeleteStreamInput remove;
  remove.StreamName = "beers";
  kinesis::delete_stream(*kinesis, call, remove);
  firehose->deliver_now("raw");
  kinesis::api::CreateStreamInput make;
  make.StreamName = "beers";
  make.ShardCount = 1;
  kinesis::create_stream(*kinesis, call, make);
  put("new");
  deliver("raw");
  std::string all;
  for (const auto& [key, bytes] : objects()) all += bytes + ";";
  EXPECT_THAT(all, ::testing::HasSubstr("new;"));
}

TEST_F(Delivering, FollowsASplitInOrder) {
  create(from_kinesis("raw"));
  put("1");
  kinesis::api::SplitShardInput split;
  split.StreamName = "beers";
  split.ShardToSplit = "shardId-000000000000";
  split.NewStartingHashKey = "85070591730234615865843651857942052864";
  kinesis::split_shard(*kinesis, call, split);
  put("2");
  deliver("raw");
  EXPECT_EQ(only_object(""), "12");
}

TEST_F(Delivering, CompressesWithGzip) {
  auto input = from_kinesis("raw");
  input.ExtendedS3DestinationConfiguration->CompressionFormat = "GZIP";
  create(input);
  put(std::string(10'000, 'a'));
  deliver("raw");
  EXPECT_TRUE(objects().begin()->first.ends_with(".gz"));
  EXPECT_EQ(gunzip(only_object("")), std::string(10'000, 'a'));
}

TEST_F(Delivering, NamesObjectsByTheirCompressionUnlessTold) {
  const std::map<std::string, std::string> formats{
      {"ZIP", ".zip"}, {"Snappy", ".snappy"}, {"HADOOP_SNAPPY", ".hsnappy"}};
  for (const auto& [format, extension] : formats) {
    auto input = from_kinesis(format);
    input.ExtendedS3DestinationConfiguration->Prefix = format + "/";
    input.ExtendedS3DestinationConfiguration->CompressionFormat = format;
    create(input);
  }
  auto told = from_kinesis("told");
  told.ExtendedS3DestinationConfiguration->Prefix = "told/";
  told.ExtendedS3DestinationConfiguration->CompressionFormat = "Snappy";
  told.ExtendedS3DestinationConfiguration->FileExtension = ".jsonl.sz";
  create(told);
  put("ale");
  for (const auto& [format, extension] : formats) {
    deliver(format);
    const auto found = objects(format + "/");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found.begin()->first.ends_with(extension)) << found.begin()->first;
  }
  deliver("told");
  EXPECT_TRUE(objects("told/").begin()->first.ends_with(".jsonl.sz"));
  EXPECT_THAT(only_object("Snappy/"), StartsWith(std::string("\xff\x06\x00\x00sNaPpY", 10)));
}

TEST_F(Delivering, BacksUpTheRecordsAsTheyCame) {
  auto input = with_function(from_kinesis("clean"));
  auto& s3 = *input.ExtendedS3DestinationConfiguration;
  s3.S3BackupMode = "Enabled";
  s3.S3BackupConfiguration.emplace().BucketARN = "arn:aws:s3:::lake";
  s3.S3BackupConfiguration->Prefix = "backup/";
  create(input);
  put("ale");
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "ALE");
  EXPECT_EQ(only_object("backup/"), "ale");
}

/// With a backup of its own prefix, compression and hints in the bucket "vault".
api::CreateDeliveryStreamInput with_backup(api::CreateDeliveryStreamInput input) {
  auto& s3 = *input.ExtendedS3DestinationConfiguration;
  s3.S3BackupMode = "Enabled";
  auto& backup = s3.S3BackupConfiguration.emplace();
  backup.BucketARN = "arn:aws:s3:::vault";
  backup.Prefix = "came/!{timestamp:yyyy}/";
  backup.ErrorOutputPrefix = "bad/!{firehose:error-output-type}/";
  backup.CompressionFormat = "GZIP";
  backup.BufferingHints = api::BufferingHints{1, 10};
  return input;
}

TEST_F(Delivering, BacksUpByThePrefixCompressionAndHintsOfTheBackup) {
  s3->create_bucket("vault");
  create(with_backup(with_function(from_kinesis("clean"))));
  put("ale");
  firehose->deliver_now("clean");
  clock.advance(std::chrono::seconds(10));
  firehose->deliver_now("clean");
  const auto backup = s3->all_objects("vault", "came/2026/");
  ASSERT_EQ(backup.size(), 1u);
  EXPECT_THAT(backup[0].key, MatchesRegex("came/2026/clean-1-.*\\.gz"));
  EXPECT_EQ(gunzip(s3->body(backup[0]).string()), "ale");
  EXPECT_EQ(only_object("good/"), "ALE");
}

TEST_F(Delivering, BacksUpInTheSameTransactionAsItDelivers) {
  create(with_backup(with_function(from_kinesis("clean"))));
  put("ale");
  EXPECT_THROW(deliver("clean"), AwsError);  // there is no bucket "vault"
  EXPECT_THAT(objects(), IsEmpty());
  EXPECT_EQ(firehose->pending("clean"), 1u);
  s3->create_bucket("vault");
  deliver("clean");
  deliver("clean");
  EXPECT_EQ(only_object("good/"), "ALE");
  EXPECT_EQ(s3->all_objects("vault", "").size(), 1u);
  EXPECT_EQ(asked_at.size(), 1u);
}

TEST_F(Delivering, ConvertsToParquetByTheTable) {
  auto input = from_kinesis("clean");
  auto& s3 = *input.ExtendedS3DestinationConfiguration;
  s3.BufferingHints = api::BufferingHints{64, 60};
  auto& conversion = s3.DataFormatConversionConfiguration.emplace();
  conversion.SchemaConfiguration.emplace().DatabaseName = "lake";
  conversion.SchemaConfiguration->TableName = "beers";
  conversion.InputFormatConfiguration.emplace().Deserializer.emplace().OpenXJsonSerDe.emplace();
  conversion.OutputFormatConfiguration.emplace().Serializer.emplace().ParquetSerDe.emplace();
  create(input);
  put("{\"id\":1,\"abv\":4.5}\n");
  put("{\"id\":2,\"abv\":\"strong\"}\n");
  put("{\"id\":3,\"abv\":\"6.1\"}\n");

  // The table isn't there yet: the records wait for it.
  EXPECT_THROW(deliver("clean"), std::runtime_error);
  EXPECT_EQ(firehose->pending("clean"), 3u);
  tables["lake.beers"] = {{"id", "int"}, {"abv", "double"}};
  firehose->deliver_now("clean");

  const auto good = this->s3->all_objects("lake", "good/");
  ASSERT_EQ(good.size(), 1u);
  EXPECT_TRUE(good[0].key.ends_with(".parquet"));
  EXPECT_EQ(sql::parquet::count_rows(this->s3->path(good[0])), 2u);
  const auto bad = lines(only_object("bad/format-conversion-failed/"));
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(raw(bad[0]), "{\"id\":2,\"abv\":\"strong\"}\n");
  EXPECT_THAT(std::string(bad[0].at("lastErrorCode").as_string()),
              StartsWith("DataFormatConversion."));
  EXPECT_EQ(bad[0].at("dataCatalogTable").at("tableName").as_string(), "beers");
  EXPECT_EQ(firehose->metrics("clean").delivered_records, 2u);
  EXPECT_EQ(firehose->metrics("clean").failed_records, 1u);
}

TEST_F(Delivering, ReportsItsErrorsToTheLogStream) {
  auto input = from_kinesis("raw");
  auto& logging = input.ExtendedS3DestinationConfiguration->CloudWatchLoggingOptions.emplace();
  logging.Enabled = true;
  logging.LogGroupName = "/aws/kinesisfirehose/raw";
  logging.LogStreamName = "S3Delivery";
  s3->delete_bucket("lake");
  create(input);
  put("1");
  EXPECT_THROW(deliver("raw"), AwsError);
  logs::api::FilterLogEventsInput query;
  query.logGroupName = "/aws/kinesisfirehose/raw";
  const auto events = logs::filter_log_events(*logs, call, query).events.value();
  ASSERT_FALSE(events.empty());
  const json::object line = json::parse(events[0].message.value()).as_object();
  EXPECT_EQ(line.at("errorCode").as_string(), "S3.NoSuchBucket");
}

TEST_F(Delivering, GoesOnByItselfInTheBackground) {
  create(from_kinesis("raw"));
  put("1");
  start(true);
  put("2");
  while (firehose->pending("raw") > 0) {
    clock.wait_for_sleepers(2);  // the delivery's loop and the one of Kinesis' retention
    clock.advance(std::chrono::seconds(10));
  }
  firehose->stop();
  std::string all;
  for (const auto& [key, bytes] : objects()) all += bytes;
  EXPECT_EQ(all.size(), 2u);
}

}  // namespace
}  // namespace engine::firehose
