// Signed calls made as cheaply as can be, so that what is measured is the engine.
#pragma once

#include "lib/aws/client.h"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// One connection. Signs each request anew; throws std::runtime_error with the answer when that is
/// not 2xx.
class Caller {
 public:
  explicit Caller(const aws::Config& config);

  http::Response json(std::string_view service, std::string_view target, const http::Body& body);
  http::Response s3(std::string_view method, std::string_view target, const http::Body& body = {});

 private:
  http::Response send(std::string_view service, http::Request request);

  aws::Config config_;
  http::Url url_;
  http::Client client_;
};

/// What came of a load.
struct Load {
  double per_second = 0;             ///< calls, of all connections
  std::vector<double> milliseconds;  ///< of each call
};

/// Lets `connections` threads, each with a Caller, call `work(caller, thread, round)` for that many
/// seconds. `pause` is between two calls of one of them. What a call throws ends the load and is
/// thrown.
Load put_load(const aws::Config& config, int connections, double seconds,
              const std::function<void(Caller&, int thread, int round)>& work, double pause = 0);

/// The body of a PutRecords (or PutRecordBatch) of `count` records of `bytes` each.
std::string put_records_body(std::string_view stream, std::size_t count, std::size_t bytes);

/// `{"StreamName":…}` made, with that many shards, and usable.
void make_stream(const aws::Config& config, std::string_view name, int shards);

}  // namespace bench
