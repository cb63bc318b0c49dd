// What served when.
#include "cli/calls/serving_log.h"

#include "cli/calls/json.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>

namespace cli {
namespace {

std::string prefix_of(Session& session) {
  return fmt::format("serving-log/{}/", session.spec().endpoint.name);
}

std::string caller(Session& session) {
  const std::string answer = session.aws().query("sts", "GetCallerIdentity", "2011-06-15", {});
  pugi::xml_document document;
  document.load_buffer(answer.data(), answer.size());
  return document.select_node("//Arn").node().child_value();
}

}  // namespace

void note_served(Session& session, Served line) {
  line.time = base::to_iso8601_millis(base::system_clock().now());
  line.by = caller(session);
  const json::object object{{"time", line.time},
                            {"action", line.action},
                            {"endpoint", session.spec().endpoint.name},
                            {"version", line.version},
                            {"before", line.before},
                            {"by", line.by}};
  // The name begins with the time, so that the order of keys is the log's; nobody else has its end.
  const std::string key = fmt::format("{}{}-v{}-{}.json", prefix_of(session), line.time,
                                      line.version, base::Ids().hex(8));
  session.s3().put_object(session.system().models_bucket(), key,
                          http::Body(json::serialize(object) + "\n"), "application/json");
}

std::vector<Served> serving_log(Session& session) try {
  const std::string bucket = session.system().models_bucket();
  auto objects = session.s3().list_objects(bucket, prefix_of(session));
  std::sort(objects.begin(), objects.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::vector<Served> log;
  for (const auto& object : objects) {
    const auto line = json::parse(session.s3().get_object(bucket, object.key).body.string());
    log.push_back({text(line, "time"), text(line, "action"),
                   static_cast<int>(number(line, "version")),
                   static_cast<int>(number(line, "before")), text(line, "by")});
  }
  return log;
} catch (const aws::ServiceError& error) {
  if (error.status() == 404) return {};
  throw;
}

std::vector<int> standing_versions(const std::vector<Served>& log) {
  std::vector<int> versions;
  for (const Served& line : log) {
    // What served before the log began can be gone back to as well.
    if (versions.empty() && line.before > 0) versions.push_back(line.before);
    if (line.action == "rollback") {
      while (!versions.empty() && versions.back() != line.version) versions.pop_back();
    }
    if (versions.empty() || versions.back() != line.version) versions.push_back(line.version);
  }
  return versions;
}

}  // namespace cli
