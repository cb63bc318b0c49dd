// How fast does a backlog of a stream get into the lake, and in how much memory? The records stand
// in the stream before the delivery starts; the time is from its making to the last record's
// object.
//
//   BEER_BENCH_RECORDS: how many, 1,000,000 unless told
//   `delivery_bench gzip` and `delivery_bench parquet` measure only that one
#include "bench/load/caller.h"
#include "bench/load/engine.h"
#include "bench/load/table.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

namespace json = boost::json;

constexpr int kShards = 4, kConnections = 8;
constexpr std::size_t kBatch = 500;
constexpr const char* kRole = "arn:aws:iam::123456789012:role/bench";
constexpr const char* kStream = "arn:aws:kinesis:us-east-1:123456789012:stream/backlog";

std::size_t records_wanted() {
  const char* told = std::getenv("BEER_BENCH_RECORDS");
  return told != nullptr ? static_cast<std::size_t>(std::atoll(told)) : 1'000'000;
}

/// A cleaned beer of 300 bytes.
std::string record(std::size_t id) {
  std::string text = fmt::format(R"({{"id":{},"abv":{:.1f},"ibu":{},"name":"beer {}","text":")", id,
                                 4 + static_cast<double>(id % 80) / 10, id % 100, id % 1000);
  const std::size_t rest = 300 - 3 - text.size();
  for (std::size_t i = 0; i < rest; ++i) text += static_cast<char>('a' + (id * 31 + i * i) % 26);
  return text + "\"}\n";
}

std::string put_records(std::size_t first, std::size_t count) {
  std::string body = R"({"StreamName":"backlog","Records":[)";
  for (std::size_t id = first; id < first + count; ++id) {
    if (id != first) body += ',';
    body += fmt::format(R"({{"Data":"{}","PartitionKey":"{}"}})", base::to_base64(record(id)), id);
  }
  return body + "]}";
}

void put_backlog(const aws::Config& config, std::size_t wanted) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kConnections; ++i) {
    threads.emplace_back([&] {
      bench::Caller caller(config);
      for (std::size_t first = next.fetch_add(kBatch); first < wanted;
           first = next.fetch_add(kBatch)) {
        caller.json("kinesis", "Kinesis_20131202.PutRecords",
                    http::Body(put_records(first, std::min(kBatch, wanted - first))));
      }
    });
  }
}

json::object column(std::string_view name, std::string_view type) {
  return {{"Name", name}, {"Type", type}};
}

void make_table(aws::Client& client) {
  client.json("glue", "AWSGlue.CreateDatabase", {{"DatabaseInput", {{"Name", "bench"}}}});
  const json::array columns{column("id", "bigint"), column("abv", "double"), column("ibu", "int"),
                            column("name", "string"), column("text", "string")};
  client.json(
      "glue", "AWSGlue.CreateTable",
      {{"DatabaseName", "bench"},
       {"TableInput",
        {{"Name", "cleaned"},
         {"StorageDescriptor", {{"Location", "s3://lake/parquet/"}, {"Columns", columns}}}}}});
}

std::string make_function(aws::Client& client) {
  // The zip that `bootstrap` is in, stored: made by the tools every machine of ours has.
  const io::TemporaryFolder folder;
  const std::string program = bench::benchmarks_folder() + "/delivery/pass_through";
  const std::string command =
      fmt::format("cd {0} && cp {1} bootstrap && python3 -m zipfile -c f.zip bootstrap",
                  folder.path(), program);
  if (std::system(command.c_str()) != 0) throw std::runtime_error("no zip could be made");
  const json::value made = json::parse(
      client
          .rest("lambda", "POST", "/2015-03-31/functions", {{"Content-Type", "application/json"}},
                json::serialize(json::object{
                    {"FunctionName", "pass"},
                    {"Runtime", "provided.al2023"},
                    {"Handler", "bootstrap"},
                    {"Role", kRole},
                    {"Timeout", 900},
                    {"MemorySize", 512},
                    {"Code",
                     {{"ZipFile", base::to_base64(io::read_file(folder.path() + "/f.zip"))}}}}))
          .body.string());
  return std::string(made.at("FunctionArn").as_string());
}

json::object destination(std::string_view prefix) {
  return {{"RoleARN", kRole},
          {"BucketARN", "arn:aws:s3:::lake"},
          {"Prefix", prefix},
          {"ErrorOutputPrefix", "errors/!{firehose:error-output-type}/"},
          {"BufferingHints", {{"SizeInMBs", 64}, {"IntervalInSeconds", 1}}}};
}

json::object to_gzip() {
  json::object made = destination("gzip/");
  made["CompressionFormat"] = "GZIP";
  return made;
}

json::object to_parquet(const std::string& function) {
  json::object made = destination("parquet/");
  const auto parameter = [](std::string_view name, std::string_view value) {
    return json::object{{"ParameterName", name}, {"ParameterValue", value}};
  };
  const json::object processor{
      {"Type", "Lambda"},
      {"Parameters",
       json::array{parameter("LambdaArn", function), parameter("BufferSizeInMBs", "3"),
                   parameter("BufferIntervalInSeconds", "1")}}};
  made["ProcessingConfiguration"] = {{"Enabled", true}, {"Processors", json::array{processor}}};
  made["DataFormatConversionConfiguration"] = {
      {"Enabled", true},
      {"InputFormatConfiguration", {{"Deserializer", {{"OpenXJsonSerDe", json::object()}}}}},
      {"OutputFormatConfiguration", {{"Serializer", {{"ParquetSerDe", json::object()}}}}},
      {"SchemaConfiguration",
       {{"DatabaseName", "bench"},
        {"TableName", "cleaned"},
        {"RoleARN", kRole},
        {"Region", "us-east-1"},
        {"VersionId", "LATEST"}}}};
  return made;
}

/// Records in the objects, as the delivery stream's metric has them.
double delivered(aws::Client& client, std::string_view stream) {
  const std::string xml = client.query("monitoring", "GetMetricStatistics", "2010-08-01",
                                       {{"Namespace", "AWS/Firehose"},
                                        {"MetricName", "DeliveryToS3.Records"},
                                        {"Dimensions.member.1.Name", "DeliveryStreamName"},
                                        {"Dimensions.member.1.Value", std::string(stream)},
                                        {"StartTime", "2020-01-01T00:00:00Z"},
                                        {"EndTime", "2100-01-01T00:00:00Z"},
                                        {"Period", "315360000"},
                                        {"Statistics.member.1", "Sum"}});
  double sum = 0;
  for (std::size_t at = 0; (at = xml.find("<Sum>", at)) != std::string::npos; at += 5) {
    sum += std::strtod(xml.c_str() + at + 5, nullptr);
  }
  return sum;
}

struct Result {
  double per_second = 0, peak = 0;
};

/// A backlog, and an engine that is started on it: records a second from the start of its process
/// to the last record's object. Until then the bucket is missing, so that nothing is delivered
/// before.
Result deliver(bool parquet) {
  const std::size_t wanted = records_wanted();
  bench::Engine engine;
  bench::make_stream(engine.config(), "backlog", kShards);
  std::string function;
  {
    aws::Client client(engine.config());
    make_table(client);
    if (parquet) function = make_function(client);
    client.json(
        "firehose", "Firehose_20150804.CreateDeliveryStream",
        {{"DeliveryStreamName", "bench"},
         {"DeliveryStreamType", "KinesisStreamAsSource"},
         {"KinesisStreamSourceConfiguration", {{"KinesisStreamARN", kStream}, {"RoleARN", kRole}}},
         {"ExtendedS3DestinationConfiguration", parquet ? to_parquet(function) : to_gzip()}});
    put_backlog(engine.config(), wanted);
    aws::S3(client).create_bucket("lake");
  }
  engine.stop();
  Result result;
  const double taken = bench::seconds([&] {
    engine.start();
    aws::Client client(engine.config());
    while (delivered(client, "bench") < static_cast<double>(wanted)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  result.per_second = static_cast<double>(wanted) / taken;
  result.peak = engine.peak_memory();
  return result;
}

void measure(const std::string& what, bool parquet, double bar) {
  std::vector<double> rates, peaks;
  for (int run = 0; run < bench::runs(); ++run) {
    const Result result = deliver(parquet);
    rates.push_back(result.per_second);
    peaks.push_back(result.peak);
  }
  bench::row(what, bench::median(rates), "records/s", bar);
  bench::row("... the engine's memory at most", bench::median(peaks), "MiB");
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view only = count > 1 ? arguments[1] : "";
  bench::title(fmt::format("{} records of 300 bytes from {} shards", records_wanted(), kShards));
  if (only != "parquet") measure("into GZIP, as they are", false, 200'000);
  if (only != "gzip") measure("through a function into Parquet", true, 100'000);
}
