// Data capture.
//
// A line: {"captureData": {"endpointInput": {observedContentType, mode: INPUT, data, encoding},
// "endpointOutput": {… mode: OUTPUT …}}, "eventMetadata": {eventId, inferenceTime[, inferenceId]},
// "eventVersion": "0"}
#include "engine/services/sagemaker/hosting/capture.h"

#include "lib/base/base64.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <map>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostBytes = 64 << 20;

bool lists(const std::optional<std::vector<std::string>>& types, const std::string& type) {
  return types && std::any_of(types->begin(), types->end(),
                              [&](const auto& one) { return base::iequals(one, type); });
}

json::object side(const std::string& type, const char* mode, const std::string& data,
                  const std::string& encoding) {
  return {{"observedContentType", type},
          {"mode", mode},
          {"data", encoding == "BASE64" ? base::to_base64(data) : data},
          {"encoding", encoding}};
}

}  // namespace

Capture::Capture(SageMaker::Impl& state, std::string endpoint, api::DataCaptureConfig config)
    : state_(state), endpoint_(std::move(endpoint)), config_(std::move(config)) {
  for (const auto& option : config_.CaptureOptions) {
    input_ |= option.CaptureMode != "Output";
    output_ |= option.CaptureMode != "Input";
  }
  loop_ = std::make_unique<base::Loop>("data capture", base::system_clock(),
                                       [this](const std::stop_token&) {
                                         flush();
                                         return state_.settings.capture_every;
                                       });
}

Capture::~Capture() {
  loop_->stop();
  try {
    flush();
  } catch (const std::exception& error) {
    base::log_error("sagemaker", "endpoint {}: captured data is lost: {}", endpoint_, error.what());
  }
}

void Capture::take(Exchange exchange) noexcept {
  const auto percent = static_cast<std::uint64_t>(config_.InitialSamplingPercentage);
  if (percent < 100 && state_.context.ids.number() % 100 >= percent) return;
  if (!input_) exchange.input.clear();
  if (!output_) exchange.output.clear();
  const std::size_t size = exchange.input.size() + exchange.output.size() + 256;
  try {
    std::lock_guard lock(mutex_);
    if (bytes_ + size > kMostBytes) {
      if (dropped_++ == 0) {
        base::log_warning("sagemaker", "endpoint {}: captured data is dropped, since {} takes none",
                          endpoint_, config_.DestinationS3Uri);
      }
      return;
    }
    taken_.push_back({std::move(exchange), state_.now()});
    bytes_ += size;
  } catch (const std::bad_alloc&) {
    // A request never fails for its capture.
  }
}

/// Verified: the API model: what isn't named as CSV or JSON is in base64.
std::string Capture::encoding(const std::string& type) const {
  const auto& header = config_.CaptureContentTypeHeader;
  const std::string bare = type.substr(0, type.find(';'));
  if (header && lists(header->CsvContentTypes, bare)) return "CSV";
  if (header && lists(header->JsonContentTypes, bare)) return "JSON";
  return "BASE64";
}

std::string Capture::line(const Taken& taken) const {
  const Exchange& told = taken.exchange;
  json::object data;
  if (input_) {
    data["endpointInput"] = side(told.input_type, "INPUT", told.input, encoding(told.input_type));
  }
  if (output_) {
    data["endpointOutput"] =
        side(told.output_type, "OUTPUT", told.output, encoding(told.output_type));
  }
  json::object about{{"eventId", state_.context.ids.uuid()}};
  if (!told.inference_id.empty()) about["inferenceId"] = told.inference_id;
  about["inferenceTime"] = base::format_utc(taken.at, "%Y-%m-%dT%H:%M:%SZ");
  return json::serialize(
      json::object{{"captureData", data}, {"eventMetadata", about}, {"eventVersion", "0"}});
}

void Capture::flush() {
  std::vector<Taken> taken;
  {
    std::lock_guard lock(mutex_);
    taken.swap(taken_);
    bytes_ = 0;
  }
  if (taken.empty()) return;
  std::map<std::string, std::string> files;  // by folder
  for (const Taken& one : taken) {
    const std::string hour = base::format_utc(one.at, "%Y/%m/%d/%H");
    files[fmt::format("{}/{}", one.exchange.variant, hour)] += line(one) + "\n";
  }
  const auto place = s3::parse_s3_uri(config_.DestinationS3Uri);
  std::string prefix = place->key;
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  const auto millis = taken.front().at.time_since_epoch().count() % 1000;
  std::vector<s3::NewObject> objects;
  for (auto& [folder, lines] : files) {
    objects.push_back({.bucket = place->bucket,
                       .key = fmt::format("{}{}/{}/{}-{:03}-{}.jsonl", prefix, endpoint_, folder,
                                          base::format_utc(taken.front().at, "%M-%S"), millis,
                                          state_.context.ids.uuid()),
                       .body = http::Body(std::move(lines))});
  }
  try {
    state_.s3.put_objects(std::move(objects));
  } catch (...) {
    // Kept for the next time, before what has come meanwhile.
    std::lock_guard lock(mutex_);
    for (const Taken& one : taken) {
      bytes_ += one.exchange.input.size() + one.exchange.output.size() + 256;
    }
    taken.insert(taken.end(), std::make_move_iterator(taken_.begin()),
                 std::make_move_iterator(taken_.end()));
    taken_.swap(taken);
    throw;
  }
}

}  // namespace engine::sagemaker
