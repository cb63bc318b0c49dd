// The console: a page at /_engine/console, its sessions, and what of the engine no AWS API tells it.
#pragma once

#include "engine/console/assets.h"
#include "engine/console/sessions.h"
#include "engine/gateway/gateway.h"
#include "engine/services/kinesis/kinesis.h"
#include "engine/services/s3/s3.h"

#include <functional>
#include <string>

namespace engine::console {

/// What the page is told of its engine.
struct About {
  std::string account, region;
  double speed = 1;
};

/// Adds the page and its paths below /_engine/console to a gateway. They answer this machine alone (403 to
/// others: this_machine.h).
///
///   GET    /_engine/console            the page; its files below /_engine/console/assets/
///   POST   /_engine/console/session    signed with an access key: opens a session
///   DELETE /_engine/console/session    signed with a session's key: ends it
///   POST   /_engine/console/link       signed with an access key: {"url"} that opens a session, once
///   POST   /_engine/console/redeem     the word of such a link: opens that session
///   GET    /_engine/console/about      signed: account, region, speed and the engine's time
///   GET    /_engine/console/parquet    signed, ?bucket=&key=&limit=: preview.h
///   GET    /_engine/console/records    signed, ?stream=&shard=&from=&limit=: records.h
///
/// A session is {"accessKeyId", "secretAccessKey", "until" (epoch milliseconds)}.
class Console {
 public:
  /// `clock` is the engine's own; everything outlives the console.
  Console(About about, KeyStore& keys, const base::Clock& clock, std::span<const Asset> assets);

  /// `url` gives where the engine listens, once it does.
  void add_pages(Gateway& gateway, const s3::S3& s3, const kinesis::Kinesis& kinesis,
                 std::function<std::string()> url);

  /// Where a browser is let in, once: "http://127.0.0.1:4577/_engine/console#…".
  std::string link(const std::string& url);

 private:
  http::Response session(const http::Request& request);
  http::Response redeem(const http::Request& request);
  http::Response about() const;

  About about_;
  const base::Clock& clock_;
  std::span<const Asset> assets_;
  Sessions sessions_;
};

}  // namespace engine::console
