// `beer status`: the system at a glance.
#include "cli/calls/json.h"
#include "cli/calls/lake.h"
#include "cli/calls/pipeline.h"
#include "cli/calls/registry.h"
#include "cli/calls/serving.h"
#include "cli/commands/commands.h"
#include "cli/deploy/steps.h"
#include "cli/errors.h"
#include "cli/output/table.h"
#include "lib/base/clock.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kAbsent = "not deployed: `beer deploy`";

/// One part: its state and what there is to say, or that it isn't there.
void add(Table& table, const std::string& kind, const std::string& name,
         const std::function<std::pair<std::string, std::string>()>& ask) {
  std::pair<std::string, std::string> found{"-", kAbsent};
  describe([&] {
    found = ask();
    return json::value(true);
  });
  table.add({kind, name, found.first, found.second});
}

std::string utc(double epoch_seconds) {
  const base::Timestamp time{base::Milliseconds(static_cast<std::int64_t>(epoch_seconds * 1000))};
  return base::format_utc(time, "%Y-%m-%d %H:%M:%S UTC");
}

void add_flow(Session& session, Table& table) {
  const Spec& spec = session.spec();
  add(table, "rule", spec.schedule.rule, [&] {
    const json::value rule = session.aws().json("events", "AWSEvents.DescribeRule",
                                                json::object{{"Name", spec.schedule.rule}});
    return std::pair(text(rule, "State"), text(rule, "ScheduleExpression"));
  });
  add(table, "stream", spec.stream.name, [&] {
    const json::value answer =
        session.aws().json("kinesis", "Kinesis_20131202.DescribeStreamSummary",
                           json::object{{"StreamName", spec.stream.name}});
    return std::pair(text(answer, "StreamDescriptionSummary.StreamStatus"),
                     fmt::format("{} shards, kept for {} h",
                                 text(answer, "StreamDescriptionSummary.OpenShardCount"),
                                 text(answer, "StreamDescriptionSummary.RetentionPeriodHours")));
  });
  for (const Spec::Delivery* delivery : {&spec.raw, &spec.cleaned}) {
    add(table, "delivery", delivery->name, [&] {
      const json::value answer =
          session.aws().json("firehose", "Firehose_20150804.DescribeDeliveryStream",
                             json::object{{"DeliveryStreamName", delivery->name}});
      return std::pair(
          text(answer, "DeliveryStreamDescription.DeliveryStreamStatus"),
          fmt::format("every {} s or {} MiB", delivery->buffer_seconds, delivery->buffer_mib));
    });
  }
}

void add_lake(Session& session, Table& table) {
  const System& system = session.system();
  for (const std::string& bucket : {system.raw_bucket(), system.cleaned_bucket(),
                                    system.models_bucket(), system.queries_bucket()}) {
    add(table, "bucket", bucket, [&] {
      const BucketSize size = size_of(session, bucket);
      return std::pair(std::string("ok"), fmt::format("{} objects, {}", grouped(size.objects),
                                                      bytes_text(size.bytes)));
    });
  }
}

void add_training(Session& session, Table& table) {
  const Spec& spec = session.spec();
  add(table, "pipeline", spec.training.pipeline, [&] {
    const json::value answer =
        session.aws().json("sagemaker", "SageMaker.ListPipelineExecutions",
                           json::object{{"PipelineName", spec.training.pipeline},
                                        {"SortBy", "CreationTime"},
                                        {"SortOrder", "Descending"},
                                        {"MaxResults", 1}});
    const json::array& runs = list(answer, "PipelineExecutionSummaries");
    if (runs.empty()) return std::pair(std::string("Active"), std::string("never run"));
    return std::pair(text(runs[0], "PipelineExecutionStatus"),
                     "last run " + utc(number(runs[0], "StartTime")));
  });
  const auto packages = list_packages(session);
  table.add({"registry", spec.registry.group, packages.empty() ? "-" : packages[0].approval,
             packages.empty() ? "no model yet: `beer train`"
                              : fmt::format("{} models, the newest is version {}", packages.size(),
                                            packages[0].version)});
  const auto endpoint = find_endpoint_state(session);
  table.add({"endpoint", spec.endpoint.name, endpoint ? endpoint->status : "-",
             endpoint ? fmt::format("version {}{}", endpoint->version,
                                    endpoint->failure.empty() ? "" : ": " + endpoint->failure)
                      : "none yet: `beer promote`"});
}

}  // namespace

int status(const Common& common) {
  Session session(common);
  Table table({"part", "name", "state", ""});
  add_flow(session, table);
  add_lake(session, table);
  add_training(session, table);
  fmt::print("{}", table.to_text());
  return kOk;
}

}  // namespace cli
