// Requests of the serving contract, read and answered.
#include "pipelines/serve/handler.h"

#include "lib/base/encoding.h"
#include "pipelines/serve/answer.h"
#include "pipelines/serve/asked.h"
#include "pipelines/serve/predictions_text.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace pipelines {
namespace {

/// Below it a body of rows takes less than a millisecond.
constexpr std::uint64_t kQuickBytes = 128 << 10;

enum class Form { kCsv, kJson, kJsonLines };

std::optional<Form> form_of(std::string_view type) {
  if (type == "text/csv") return Form::kCsv;
  if (type == "application/json") return Form::kJson;
  if (type == "application/jsonlines" || type == "application/x-jsonlines") return Form::kJsonLines;
  return std::nullopt;
}

Form form_of_body(const http::Request& request) {
  const std::string type = media_type(request.headers.get("Content-Type", "text/csv"));
  if (const auto form = form_of(type)) return *form;
  throw Refusal(415, fmt::format("Content-Type {} isn't supported: text/csv, application/json and "
                                 "application/jsonlines are.",
                                 type));
}

/// The first of the accepted types that can be given.
Form form_of_answer(const http::Request& request, Form body) {
  std::string_view accept = request.headers.get("Accept", "*/*");
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    const std::string type = media_type(accept.substr(0, comma));
    if (const auto form = form_of(type)) return *form;
    if (type == "text/*") return Form::kCsv;
    if (type == "application/*") return body == Form::kJsonLines ? body : Form::kJson;
    if (type == "*/*" || type.empty()) return body;
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
  }
  throw Refusal(406,
                "Accept names nothing that can be given: text/csv, application/json and "
                "application/jsonlines can.");
}

Asked read(Form form, std::string_view text) {
  switch (form) {
    case Form::kCsv:
      return read_csv_body(text);
    case Form::kJson:
      return read_json_body(text);
    default:
      return read_json_lines_body(text);
  }
}

/// The header holds an expression; the two that stand alone are `true` and `false`, in backticks.
/// Deviation: any other expression counts as true.
bool wants_explanations(const http::Request& request) {
  const auto expression = request.headers.find("X-Amzn-SageMaker-Enable-Explanations");
  return expression && *expression != "`false`" && *expression != "false";
}

/// How a batch transform may call us: many rows a request, up to SageMaker's usual size.
http::Response execution_parameters() {
  return answer(
      200, "application/json",
      R"({"MaxConcurrentTransforms":4,"BatchStrategy":"MULTI_RECORD","MaxPayloadInMB":6})");
}

}  // namespace

http::Response Handler::operator()(const http::Request& request) const {
  try {
    if (request.path() == "/ping") return http::Response{};
    if (request.path() == "/execution-parameters") return execution_parameters();
    if (request.path() != "/invocations")
      throw Refusal(404, "There are /ping, /invocations and /execution-parameters.");
    if (request.method != "POST") throw Refusal(405, "POST to /invocations.");
    return invoke(request);
  } catch (const Refusal& refusal) {
    return answer(refusal.status, "text/plain", refusal.what());
  } catch (const BoosterError& error) {
    return answer(400, "text/plain", error.what());
  }
}

bool Handler::is_quick(const http::Request& request) {
  return request.body.in_memory() && request.body.size() < kQuickBytes &&
         !wants_explanations(request);
}

http::Response Handler::invoke(const http::Request& request) const {
  const Form body = form_of_body(request);
  const Form wanted = form_of_answer(request, body);
  const std::string read_from_file = request.body.in_memory() ? "" : request.body.string();
  const std::string_view text = request.body.in_memory() ? request.body.view() : read_from_file;
  if (base::trim(text).empty()) return http::Response{204, {}, {}};
  const Asked asked = read(body, text);
  if (wanted == Form::kCsv) {
    return answer(200, "text/csv; charset=utf-8", to_csv(*model_, asked));
  }
  const bool explain = wants_explanations(request);
  if (wanted == Form::kJson) {
    return answer(200, "application/json", to_json(*model_, asked, explain));
  }
  return answer(200, "application/jsonlines", to_json_lines(*model_, asked, explain));
}

}  // namespace pipelines
