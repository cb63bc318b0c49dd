// Requests of the image's serving contract, read and answered.
#include "pipelines/xgboost/handler.h"

#include "lib/base/encoding.h"
#include "pipelines/files.h"
#include "pipelines/serve/answer.h"
#include "pipelines/table.h"
#include "pipelines/xgboost/error.h"
#include "pipelines/xgboost/rows.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines::xgboost {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// The first of the accepted types that can be given.
std::string type_of_answer(std::string_view accept, const std::string& standard) {
  while (!accept.empty()) {
    const auto comma = accept.find(',');
    std::string type = media_type(accept.substr(0, comma));
    if (type == "*/*" || type.empty()) return standard;
    if (type == "text/csv" || type == "application/json" || type == "application/jsonlines") {
      return type;
    }
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
  }
  throw Refusal(406, "Accept must be text/csv, application/json or application/jsonlines.");
}

Form form_of_body(const http::Request& request) {
  const std::string type(request.headers.get("Content-Type", "text/csv"));
  try {
    const Form form = form_of(media_type(type), Form::kCsv);
    if (form != Form::kParquet) return form;
    throw UserError("Parquet is for training");
  } catch (const UserError&) {
    throw Refusal(415, fmt::format("Content-type {} not supported. Supported content-types are "
                                   "text/csv and text/libsvm.",
                                   type));
  }
}

/// The image takes one column less than the model has, as LIBSVM columns counted from 1 leave one
/// behind, and so do we; the missing column is a missing value.
Rows read_rows(std::string_view body, Form form, std::size_t columns) {
  Rows rows;
  if (form == Form::kCsv) {
    add_csv(rows, body, "the body", Lead::kNothing);
    if (rows.features.columns != columns && rows.features.columns + 1 != columns) {
      throw UserError(fmt::format(
          "Feature size of csv inference data {} is not consistent with feature size of trained "
          "model {}.",
          rows.features.columns, columns));
    }
  } else {
    add_libsvm(rows, body, "the body", false);
    if (rows.features.columns > columns) {
      throw UserError(fmt::format(
          "Feature size of libsvm inference data {} is larger than feature size of trained model "
          "{}.",
          rows.features.columns, columns));
    }
  }
  rows.features.columns = columns;
  return rows;
}

std::string number_text(float value) {
  std::string text;
  append_number(text, value);
  return text;
}

/// One number, or a list where the model gives several a row.
std::string score_text(std::span<const float> row, const char* open, const char* close) {
  std::string text;
  for (const float value : row) text += (text.empty() ? "" : ",") + number_text(value);
  return row.size() == 1 ? text : open + text + close;
}

std::string to_text(std::span<const float> values, std::size_t rows, const std::string& type) {
  const std::size_t each = rows == 0 ? 1 : values.size() / rows;
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = values.subspan(i * each, each);
    if (type == "text/csv") {
      text += score_text(row, "", "") + "\n";
    } else if (type == "application/jsonlines") {
      text += fmt::format("{{\"score\": {}}}\n", score_text(row, "[", "]"));
    } else {
      text += fmt::format("{}{{\"score\": {}}}", i ? ", " : "", score_text(row, "[", "]"));
    }
  }
  return type == "application/json" ? fmt::format("{{\"predictions\": [{}]}}", text) : text;
}

}  // namespace

Booster load_booster(const fs::path& folder) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) {
        files.push_back(entry.path());
      }
    }
  }
  if (files.empty()) {
    throw std::runtime_error(fmt::format("There is no model in {}.", folder.string()));
  }
  std::sort(files.begin(), files.end());
  const auto named = std::find(files.begin(), files.end(), folder / "xgboost-model");
  const fs::path& file = named == files.end() ? files.front() : *named;
  try {
    return Booster(read_file(file));
  } catch (const BoosterError& error) {
    throw std::runtime_error(
        fmt::format("The model in {} can't be used: {}", file.string(), error.what()));
  }
}

Handler::Handler(Booster booster, const std::string& accept)
    : booster_(std::make_shared<const Booster>(std::move(booster))),
      columns_(booster_->features()),
      accept_(type_of_answer(accept, "text/csv")) {}

http::Response Handler::operator()(const http::Request& request) const {
  try {
    if (request.path() == "/ping") return http::Response{};
    if (request.path() == "/execution-parameters") {
      return answer(
          200, "application/json",
          R"({"MaxConcurrentTransforms":1,"BatchStrategy":"MULTI_RECORD","MaxPayloadInMB":6})");
    }
    if (request.path() != "/invocations") {
      throw Refusal(404, "There are /ping, /invocations and /execution-parameters.");
    }
    if (request.method != "POST") throw Refusal(405, "POST to /invocations.");
    return invoke(request);
  } catch (const Refusal& refusal) {
    return answer(refusal.status, "text/plain", refusal.what());
  } catch (const UserError& error) {
    return answer(400, "text/plain", error.what());
  } catch (const BoosterError& error) {
    return answer(400, "text/plain", error.what());
  }
}

http::Response Handler::invoke(const http::Request& request) const {
  const std::string body = request.body.string();
  if (base::trim(body).empty()) return http::Response{204, {}, {}};
  const Form form = form_of_body(request);
  const std::string type = type_of_answer(request.headers.get("Accept", "*/*"), accept_);
  const Rows rows = read_rows(body, form, columns_);
  const Matrix matrix(rows.features);
  std::vector<float> values;
  {
    const std::lock_guard lock(*predicting_);
    values = booster_->predict(matrix);
  }
  const std::string shown = type == "text/csv" ? "text/csv; charset=utf-8" : type;
  return answer(200, shown, to_text(values, rows.count(), type));
}

}  // namespace pipelines::xgboost
