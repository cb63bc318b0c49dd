// Signed calls made as cheaply as can be, so that what is measured is the engine.
#pragma once

#include "lib/aws/client.h"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A body that is sent again and again, and the hash of it that each request's signature is over.
struct PreparedBody {
  http::Body body;
  std::string sha256;  ///< hexadecimal; empty: computed for each request
};
PreparedBody prepare(std::string text);

/// One connection. Signs each request anew (a prepared body is hashed once, its hash travels in
/// x-amz-content-sha256 as SDKs send it; the engine hashes what it gets, whatever that says); throws std::runtime_error with the answer when that is
/// not 2xx.
class Caller {
 public:
  explicit Caller(const aws::Config& config);

  http::Response json(std::string_view service, std::string_view target, const http::Body& body);
  http::Response json(std::string_view service, std::string_view target, const PreparedBody& body);
  /// POST of restJson.
  http::Response post(std::string_view service, std::string_view target,
                      std::string_view content_type, const PreparedBody& body);
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
/// seconds: each as fast as it is answered, or, with `pace`, so many calls a second of all together,
/// evenly spaced. The time of a paced call counts from when it was due, also when the connection
/// was still busy then. What a call throws ends the load and is thrown.
Load put_load(const aws::Config& config, int connections, double seconds,
              const std::function<void(Caller&, int thread, int round)>& work, double pace = 0);

/// The body of a PutRecords (or PutRecordBatch) of `count` records of `bytes` each.
std::string put_records_body(std::string_view stream, std::size_t count, std::size_t bytes);

/// `{"StreamName":…}` made, with that many shards, and usable.
void make_stream(const aws::Config& config, std::string_view name, int shards);

}  // namespace bench
