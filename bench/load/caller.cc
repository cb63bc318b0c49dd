// Signed calls made as cheaply as can be.
#include "bench/load/caller.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double milliseconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

}  // namespace

Caller::Caller(const aws::Config& config)
    : config_(config), url_(http::parse_url(config.endpoint)) {}

http::Response Caller::json(std::string_view service, std::string_view target,
                            const http::Body& body) {
  return json(service, target, PreparedBody{body, {}});
}

http::Response Caller::json(std::string_view service, std::string_view target,
                            const PreparedBody& body) {
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", std::string(target)}};
  if (!body.sha256.empty()) request.headers.add("X-Amz-Content-Sha256", body.sha256);
  request.body = body.body;
  return send(service, std::move(request));
}

http::Response Caller::post(std::string_view service, std::string_view target,
                            std::string_view content_type, const PreparedBody& body) {
  http::Request request;
  request.method = "POST";
  request.target = target;
  request.headers = {{"Content-Type", std::string(content_type)}};
  if (!body.sha256.empty()) request.headers.add("X-Amz-Content-Sha256", body.sha256);
  request.body = body.body;
  return send(service, std::move(request));
}

http::Response Caller::s3(std::string_view method, std::string_view target,
                          const http::Body& body) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  return send("s3", std::move(request));
}

http::Response Caller::send(std::string_view service, http::Request request) {
  url_.target = request.target;
  aws::sign(request, url_.authority(), config_.credentials, config_.region, service,
            base::system_clock().now());
  http::Response response = client_.send(url_, std::move(request));
  if (response.status / 100 != 2) {
    throw std::runtime_error(fmt::format("{}: {}", response.status, response.body.string()));
  }
  return response;
}

PreparedBody prepare(std::string text) {
  std::string hash = base::to_hex(base::sha256(text));
  return {http::Body(std::move(text)), std::move(hash)};
}

Load put_load(const aws::Config& config, int connections, double seconds,
              const std::function<void(Caller&, int, int)>& work, double pace) {
  Load load;
  std::mutex mutex;
  std::exception_ptr wrong;
  std::atomic<bool> over = false;
  const auto start = SteadyClock::now();
  const auto one = [&](int thread) {
    std::vector<double> taken;
    try {
      Caller caller(config);
      for (int round = 0; !over && milliseconds_since(start) < seconds * 1000; ++round) {
        auto began = SteadyClock::now();
        if (pace > 0) {
          const double due = (static_cast<double>(round) * connections + thread) / pace;
          began = start + std::chrono::duration_cast<SteadyClock::duration>(
                              std::chrono::duration<double>(due));
          std::this_thread::sleep_until(began);
        }
        work(caller, thread, round);
        taken.push_back(milliseconds_since(began));
      }
    } catch (...) {
      over = true;
      const std::lock_guard lock(mutex);
      wrong = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    load.milliseconds.insert(load.milliseconds.end(), taken.begin(), taken.end());
  };
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < connections; ++thread) threads.emplace_back(one, thread);
  }
  if (wrong) std::rethrow_exception(wrong);
  load.per_second =
      static_cast<double>(load.milliseconds.size()) / (milliseconds_since(start) / 1000);
  return load;
}

std::string put_records_body(std::string_view stream, std::size_t count, std::size_t bytes) {
  std::string body = fmt::format(R"({{"StreamName":"{}","Records":[)", stream);
  for (std::size_t i = 0; i < count; ++i) {
    body += fmt::format(R"({}{{"Data":"{}","PartitionKey":"key-{}"}})", i == 0 ? "" : ",",
                        base::to_base64(std::string(bytes, static_cast<char>('a' + i % 26))), i);
  }
  return body + "]}";
}

void make_stream(const aws::Config& config, std::string_view name, int shards) {
  aws::Client client(config);
  client.json("kinesis", "Kinesis_20131202.CreateStream",
              {{"StreamName", name}, {"ShardCount", shards}});
  for (;;) {
    const auto told =
        client.json("kinesis", "Kinesis_20131202.DescribeStreamSummary", {{"StreamName", name}});
    if (told.at("StreamDescriptionSummary").at("StreamStatus") == "ACTIVE") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace bench
