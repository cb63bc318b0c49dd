// AWS's metrics under Prometheus' names.
#include "engine/telemetry/telemetry.h"

#include <algorithm>
#include <iterator>

namespace engine::telemetry {
namespace {

const std::vector<double> kSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                   0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5,   5, 10, 30};

/// One of AWS's metrics and what it is called here. Values are divided by `unit`.
struct Known {
  std::string_view name_space, metric;
  const char* name;
  const char* help;
  Kind kind;
  double unit = 1;
};

constexpr double kMilli = 1e3, kMicro = 1e6;

const Known kKnown[] = {
    {"AWS/Kinesis", "IncomingRecords", "beer_stream_records_total", "Records put onto a stream.", Kind::kCounter},
    {"AWS/Kinesis", "IncomingBytes", "beer_stream_bytes_total", "Bytes put onto a stream.", Kind::kCounter},
    {"AWS/Kinesis", "WriteProvisionedThroughputExceeded", "beer_stream_throttled_records_total",
     "Records a shard had no room for.", Kind::kCounter},
    {"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "beer_stream_lag_seconds",
     "Age of the last record that a reader of the stream was given.", Kind::kGauge, kMilli},
    {"AWS/Firehose", "IncomingRecords", "beer_delivery_incoming_records_total", "Records a delivery has read.",
     Kind::kCounter},
    {"AWS/Firehose", "DeliveryToS3.Records", "beer_delivery_records_total", "Records a delivery has written.",
     Kind::kCounter},
    {"AWS/Firehose", "DeliveryToS3.Bytes", "beer_delivery_bytes_total", "Bytes a delivery has written.",
     Kind::kCounter},
    {"AWS/Firehose", "DeliveryToS3.Success", "beer_delivery_success", "1 when the last writing went well, else 0.",
     Kind::kGauge},
    {"AWS/Firehose", "DeliveryToS3.DataFreshness", "beer_delivery_freshness_seconds",
     "Age of the oldest record that a delivery hasn't written.", Kind::kGauge},
    {"AWS/Firehose", "ExecuteProcessing.Duration", "beer_delivery_transformation_seconds",
     "Time a delivery's function took.", Kind::kSummary, kMilli},
    {"AWS/Lambda", "Invocations", "beer_function_invocations_total", "Calls of a function.", Kind::kCounter},
    {"AWS/Lambda", "Errors", "beer_function_errors_total", "Calls of a function that failed.", Kind::kCounter},
    {"AWS/Lambda", "Throttles", "beer_function_throttles_total", "Calls of a function that were turned away.",
     Kind::kCounter},
    {"AWS/Lambda", "Duration", "beer_function_duration_seconds", "Time a call of a function took.", Kind::kSummary,
     kMilli},
    {"AWS/Lambda", "IteratorAge", "beer_function_lag_seconds", "Age of the last record a function was given.",
     Kind::kGauge, kMilli},
    {"AWS/SageMaker", "Invocations", "beer_endpoint_invocations_total", "Requests an endpoint's variant was sent.",
     Kind::kCounter},
    {"AWS/SageMaker", "Invocation4XXErrors", "beer_endpoint_client_errors_total",
     "Requests that a variant's model answered with 4xx.", Kind::kCounter},
    {"AWS/SageMaker", "Invocation5XXErrors", "beer_endpoint_server_errors_total",
     "Requests that a variant's model answered with 5xx, or not at all.", Kind::kCounter},
    {"AWS/SageMaker", "ModelLatency", "beer_endpoint_model_seconds", "Time a variant's model took to answer.",
     Kind::kSummary, kMicro},
    {"AWS/SageMaker", "OverheadLatency", "beer_endpoint_overhead_seconds",
     "Time the engine added to the model's.", Kind::kSummary, kMicro},
};

/// "DeliveryStreamName" is `delivery` here.
std::string label_of(std::string_view dimension) {
  constexpr std::pair<std::string_view, std::string_view> kLabels[] = {{"StreamName", "stream"},
                                                                       {"DeliveryStreamName", "delivery"},
                                                                       {"FunctionName", "function"},
                                                                       {"EndpointName", "endpoint"},
                                                                       {"VariantName", "variant"}};
  for (const auto& [name, label] : kLabels) {
    if (dimension == name) return std::string(label);
  }
  return "resource";
}

Labels labels_of(const Measurement& measurement) {
  Labels labels;
  std::string_view names = measurement.dimension, values = measurement.resource;
  while (!names.empty()) {
    const auto name = names.substr(0, names.find(','));
    const bool last = name.size() == names.size();
    const auto value = last ? values : values.substr(0, values.find(','));
    labels.emplace_back(label_of(name), std::string(value));
    names.remove_prefix(last ? names.size() : name.size() + 1);
    values.remove_prefix(last ? values.size() : std::min(values.size(), value.size() + 1));
  }
  return labels;
}

/// The text of the member of that name, of JSON that the engine itself has written.
std::string_view member(std::string_view json, std::string_view name) {
  const std::string quoted = "\"" + std::string(name) + "\":\"";
  const auto at = json.find(quoted);
  if (at == json.npos) return {};
  const auto rest = json.substr(at + quoted.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

void Telemetry::request(std::string_view service, std::string_view operation, int status,
                        std::chrono::duration<double> took) {
  const std::string name(operation.empty() ? std::string_view("unknown") : operation);
  const Labels labels{{"service", std::string(service)}, {"operation", name}};
  Labels with_status = labels;
  with_status.emplace_back("status", std::to_string(status));
  static const Registry::Family requests{"beer_requests_total", "Requests by their answers.", Kind::kCounter};
  static const Registry::Family durations{"beer_request_duration_seconds",
                                          "Time from a request's arrival to its answer.", Kind::kHistogram, kSeconds};
  registry_.take(requests, with_status, 1);
  registry_.take(durations, labels, took.count());
}

void Telemetry::measure(const Measurement& measurement) {
  const auto known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& one) {
    return one.metric == measurement.metric && one.name_space == measurement.name_space;
  });
  if (known == std::end(kKnown)) return;
  registry_.take({known->name, known->help, known->kind}, labels_of(measurement), measurement.value / known->unit);
}

void Telemetry::event(std::string_view source, std::string_view detail_type, std::string_view detail) {
  registry_.take({"beer_events_total", "Events that services have published.", Kind::kCounter},
                 {{"source", std::string(source)}, {"type", std::string(detail_type)}}, 1);
  // "SageMaker Training Job State Change" tells a TrainingJobStatus.
  constexpr std::string_view kStart = "SageMaker ", kEnd = " Job State Change";
  if (!detail_type.starts_with(kStart) || !detail_type.ends_with(kEnd)) return;
  const auto kind = detail_type.substr(kStart.size(), detail_type.size() - kStart.size() - kEnd.size());
  std::string status_member(kind);
  std::erase(status_member, ' ');
  const auto status = member(detail, status_member + "JobStatus");
  if (status.empty()) return;
  registry_.take({"beer_jobs_total", "States that jobs have come to.", Kind::kCounter},
                 {{"kind", std::string(kind)}, {"status", std::string(status)}}, 1);
}

std::string Telemetry::text() const { return registry_.text() + process_text(); }

}  // namespace engine::telemetry
