// Which objects a job read.
#include "engine/services/sagemaker/jobs/input_record.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

constexpr const char* kTable = "sagemaker/job_inputs";  // by the job's ARN

}  // namespace

RecordedInput record_of(const std::string& name, const std::string& uri,
                        const std::vector<InputObject>& objects) {
  RecordedInput input{name, uri};
  for (const InputObject& object : objects) {
    input.objects.emplace_back(object.object.key, object.object.etag);
  }
  return input;
}

RecordedInput record_of(const SageMaker::Impl& state, const std::string& name,
                        const std::string& uri) {
  try {
    return record_of(name, uri, input_objects(state.s3, uri, "S3Prefix"));
  } catch (const ClientError&) {
    return {name, uri};
  }
}

void add_record(storage::Batch& batch, const std::string& job_arn,
                const std::vector<RecordedInput>& inputs) {
  json::array all;
  for (const RecordedInput& input : inputs) {
    json::array objects;
    for (const auto& [key, etag] : input.objects) {
      json::array& object = objects.emplace_back(json::array()).as_array();
      object.emplace_back(key);
      object.emplace_back(etag);
    }
    json::object entry;
    entry["name"] = input.name;
    entry["uri"] = input.uri;
    entry["objects"] = std::move(objects);
    all.push_back(std::move(entry));
  }
  batch.put(kTable, job_arn, json::serialize(all));
}

std::vector<RecordedInput> recorded_inputs(const SageMaker::Impl& state,
                                           const std::string& job_arn) {
  std::vector<RecordedInput> inputs;
  const auto row = state.context.catalog.get(kTable, job_arn);
  if (!row) return inputs;
  const json::value all = json::parse(*row);
  for (const auto& entry : all.as_array()) {
    RecordedInput& input = inputs.emplace_back();
    input.name = entry.at("name").as_string();
    input.uri = entry.at("uri").as_string();
    for (const auto& object : entry.at("objects").as_array()) {
      input.objects.emplace_back(object.at(0).as_string(), object.at(1).as_string());
    }
  }
  return inputs;
}

std::string digest_of(const RecordedInput& input) {
  if (input.objects.empty()) return "";
  if (input.objects.size() == 1) return input.objects.front().second;
  base::Digest digest(base::Digest::Kind::kMd5);
  for (const auto& [key, etag] : input.objects) digest.update(fmt::format("{} {}\n", etag, key));
  return base::to_hex(digest.finish());
}

}  // namespace engine::sagemaker
