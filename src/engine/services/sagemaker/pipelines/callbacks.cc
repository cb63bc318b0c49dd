// Callback steps.
#include "engine/services/sagemaker/pipelines/callbacks.h"

#include "engine/services/sagemaker/errors.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

namespace json = boost::json;

constexpr const char* kTable = "sagemaker/callbacks";
constexpr int kTokenLength = 10;

json::object to_object(const CallbackAnswer& answer) {
  json::object outputs;
  for (const auto& [name, value] : answer.outputs) outputs[name] = value;
  return {{"Succeeded", answer.succeeded}, {"Outputs", outputs}, {"Reason", answer.reason}};
}

CallbackAnswer from_object(const json::value& value) {
  CallbackAnswer answer{.succeeded = value.at("Succeeded").as_bool(),
                        .reason = std::string(value.at("Reason").as_string())};
  for (const auto& output : value.at("Outputs").as_object()) {
    answer.outputs.push_back({std::string(output.key()), std::string(output.value().as_string())});
  }
  return answer;
}

void check_outputs(const json::array& declared, const CallbackAnswer& answer) {
  if (!answer.succeeded) return;
  for (const json::value& name : declared) {
    const bool given =
        std::any_of(answer.outputs.begin(), answer.outputs.end(),
                    [&](const auto& output) { return output.Name == name.as_string(); });
    if (!given) {
      throw validation(
          fmt::format("The step declares the output parameter \"{}\", which is missing.",
                      std::string_view(name.as_string())));
    }
  }
}

}  // namespace

std::string Callbacks::open(const std::string& execution_arn, const std::string& step,
                            const std::vector<std::string>& outputs) {
  std::string token = context_.ids.alnum(kTokenLength);
  const json::object row{{"Execution", execution_arn},
                         {"Step", step},
                         {"Declares", json::array(outputs.begin(), outputs.end())}};
  storage::Batch batch;
  batch.put(kTable, token, json::serialize(row));
  context_.catalog.commit(std::move(batch));
  return token;
}

std::optional<CallbackAnswer> Callbacks::find(const std::string& token) const {
  const auto row = context_.catalog.get(kTable, token);
  if (!row) return std::nullopt;
  const json::value value = json::parse(*row);
  const auto* answer = value.as_object().if_contains("Answer");
  return answer != nullptr ? std::optional(from_object(*answer)) : std::nullopt;
}

std::optional<CallbackAnswer> Callbacks::wait(const std::string& token, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  std::optional<CallbackAnswer> answer;
  answered_.wait(lock, std::move(stop), [&] { return (answer = find(token)).has_value(); });
  return answer;
}

std::string Callbacks::answer(const std::string& token, const CallbackAnswer& answer) {
  std::lock_guard lock(mutex_);
  const auto stored = context_.catalog.get(kTable, token);
  if (!stored) {
    throw AwsError("ResourceNotFound",
                   fmt::format("No callback step waits for the token '{}'.", token));
  }
  json::object row = json::parse(*stored).as_object();
  std::string execution(row.at("Execution").as_string());
  const json::object given = to_object(answer);
  if (const auto* known = row.if_contains("Answer")) {
    if (*known == given) return execution;
    throw conflict(fmt::format("The callback token '{}' has been answered already.", token));
  }
  check_outputs(row.at("Declares").as_array(), answer);
  row["Answer"] = given;
  storage::Batch batch;
  batch.put(kTable, token, json::serialize(row));
  context_.catalog.commit(std::move(batch));
  answered_.notify_all();
  return execution;
}

void Callbacks::close(const std::string& token) {
  std::lock_guard lock(mutex_);
  const auto row = context_.catalog.get(kTable, token);
  if (!row || find(token)) return;  // an answer is kept, so that giving it again is no error
  storage::Batch batch;
  batch.remove(kTable, token);
  context_.catalog.commit(std::move(batch));
}

}  // namespace engine::sagemaker::pipelines
