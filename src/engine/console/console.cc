// The console's paths.
#include "engine/console/console.h"

#include "engine/console/preview.h"
#include "engine/console/records.h"
#include "engine/console/this_machine.h"
#include "lib/aws/sigv4.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <charconv>

namespace engine::console {

namespace json = boost::json;

namespace {

constexpr const char* kRoot = "/_engine/console";

/// A path below the console's root.
std::string below(std::string_view name) { return fmt::format("{}/{}", kRoot, name); }

http::Response as_json(const json::value& value) {
  return {200, {{"Content-Type", "application/json"}}, json::serialize(value)};
}

/// What went wrong, in words for the page to show.
http::Response refusal(int status, std::string_view sentence) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(json::object{{"message", sentence}})};
}

http::Response as_json(const Session& session) {
  return as_json(json::object{{"accessKeyId", session.credentials.access_key_id},
                              {"secretAccessKey", session.credentials.secret_access_key},
                              {"until", session.until.time_since_epoch().count()}});
}

std::string query_value(const http::Request& request, std::string_view wanted) {
  for (const auto& [name, value] : http::parse_query(request.query())) {
    if (name == wanted) return value;
  }
  return {};
}

/// The key a request is signed with. The gateway has verified it before a page is asked.
std::string signer(const http::Request& request) { return aws::read_claim(request).access_key_id; }

/// The number of ?limit=, or `otherwise`.
std::size_t limit_of(const http::Request& request, std::size_t otherwise) {
  const std::string wanted = query_value(request, "limit");
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), otherwise);
  return otherwise;
}

/// What `make` gives as JSON, or why it can't in words.
template <class Make>
http::Response made(Make make) {
  try {
    return {200, {{"Content-Type", "application/json"}}, make()};
  } catch (const AwsError& error) {
    return refusal(error.status, error.what());
  }
}

}  // namespace

Console::Console(About about, KeyStore& keys, const base::Clock& clock, std::span<const Asset> assets)
    : about_(std::move(about)), clock_(clock), assets_(assets), sessions_(keys, base::system_clock()) {}

void Console::add_pages(Gateway& gateway, const s3::S3& s3, const kinesis::Kinesis& kinesis,
                        std::function<std::string()> url) {
  const auto add = [&](const std::string& path, bool open, auto page) {
    gateway.add_page(path, open, [page](const http::Request& request) {
      http::Response response = is_this_machine(request)
                                    ? page(request)
                                    : refusal(403, "The console answers http://localhost and http://127.0.0.1 on the "
                                                   "engine's own machine; from another one, make a tunnel "
                                                   "(ssh -L 4577:127.0.0.1:4577).");
      add_page_headers(response);
      return response;
    });
  };
  for (const Asset& asset : assets_) {
    const auto file = [&asset](const http::Request& request) { return answer(asset, request); };
    add(std::string(asset.path), true, file);
    if (asset.path == kRoot) add(std::string(kRoot) + "/", true, file);
  }
  add(below("session"), false, [this](const http::Request& request) { return session(request); });
  add(below("link"), false, [this, url = std::move(url)](const http::Request& request) {
    if (request.method != "POST") return http::Response{405, {{"Allow", "POST"}}, {}};
    if (sessions_.is_session(signer(request))) return refusal(403, "A link takes an access key, not a session's.");
    return as_json(json::object{{"url", link(url())}});
  });
  add(below("redeem"), true, [this](const http::Request& request) { return redeem(request); });
  add(below("about"), false, [this](const http::Request&) { return about(); });
  add(below("parquet"), false, [&s3](const http::Request& request) {
    return made([&] {
      return preview_parquet(s3, query_value(request, "bucket"), query_value(request, "key"), limit_of(request, 100));
    });
  });
  add(below("records"), false, [&kinesis](const http::Request& request) {
    return made([&] {
      return show_records(kinesis, query_value(request, "stream"), query_value(request, "shard"),
                          query_value(request, "from"), limit_of(request, 25));
    });
  });
}

std::string Console::link(const std::string& url) {
  // Behind '#', where no server, log or Referer gets to see it.
  return fmt::format("{}{}#{}", url, kRoot, sessions_.make_link());
}

http::Response Console::session(const http::Request& request) {
  const std::string key = signer(request);
  if (request.method == "DELETE") {
    return sessions_.close(key) ? as_json(json::object{}) : refusal(404, "This key is no session's.");
  }
  if (request.method != "POST") return {405, {{"Allow", "POST, DELETE"}}, {}};
  // Else one session would never end.
  if (sessions_.is_session(key)) return refusal(403, "A session is opened by an access key, not by another session.");
  return as_json(sessions_.open());
}

http::Response Console::redeem(const http::Request& request) {
  if (request.method != "POST") return {405, {{"Allow", "POST"}}, {}};
  constexpr std::size_t kLongestWord = 100;
  std::optional<Session> session;
  if (request.body.size() <= kLongestWord) session = sessions_.redeem(request.body.string());
  if (!session) {
    return refusal(403, "This link was used before, or is older than ten minutes: `beer console` prints a new one.");
  }
  return as_json(*session);
}

http::Response Console::about() const {
  return as_json(json::object{{"account", about_.account},
                              {"region", about_.region},
                              {"speed", about_.speed},
                              {"now", clock_.now().time_since_epoch().count()}});
}

}  // namespace engine::console
