// The part of JSONPath that batch transform takes.
#include "engine/services/sagemaker/jobs/json_path.h"

#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view part) {
  throw std::invalid_argument(fmt::format("\"{}\" is not JSONPath that is supported here", part));
}

long number(std::string_view text) {
  text = base::trim(text);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) refuse(text);
  return value;
}

std::optional<long> optional_number(std::string_view text) {
  return base::trim(text).empty() ? std::nullopt : std::optional(number(text));
}

std::string quoted(std::string_view text) {
  text = base::trim(text);
  const bool has_quotes = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
                          text.back() == text.front();
  if (!has_quotes) refuse(text);
  return std::string(text.substr(1, text.size() - 2));
}

/// Where the bracket that opens at 0 closes; brackets inside of quotes don't count.
std::size_t closing(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text[i] == ']') {
      return i;
    }
  }
  refuse(text);
}

/// The parts between commas that stand outside of quotes.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && quote == 0)) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    } else if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    }
  }
  return parts;
}

}  // namespace

JsonPath::Step JsonPath::bracket(std::string_view inside) {
  inside = base::trim(inside);
  if (inside == "*") return {.kind = Step::Kind::kAll};
  const bool names = !inside.empty() && (inside.front() == '\'' || inside.front() == '"');
  const auto colon = inside.find(':');
  if (!names && colon != inside.npos) {
    return {.kind = Step::Kind::kSlice,
            .from = optional_number(inside.substr(0, colon)),
            .to = optional_number(inside.substr(colon + 1))};
  }
  Step step{.kind = names ? Step::Kind::kNames : Step::Kind::kIndices};
  for (const std::string_view part : parts_of(inside)) {
    if (names) {
      step.names.push_back(quoted(part));
    } else {
      step.indices.push_back(number(part));
    }
  }
  return step;
}

JsonPath::JsonPath(std::string_view text) {
  if (!text.starts_with('$')) refuse(text);
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    if (rest.front() == '[') {
      const auto end = closing(rest);
      steps_.push_back(bracket(rest.substr(1, end - 1)));
      rest.remove_prefix(end + 1);
      continue;
    }
    if (rest.front() != '.' || rest.size() < 2) refuse(text);
    rest.remove_prefix(1);
    const auto name = rest.substr(0, rest.find_first_of(".["));
    if (name.empty()) refuse(text);
    steps_.push_back(name == "*" ? Step{.kind = Step::Kind::kAll}
                                 : Step{.kind = Step::Kind::kNames, .names = {std::string(name)}});
    rest.remove_prefix(name.size());
  }
}

void JsonPath::follow(const Step& step, const json::value& at,
                      std::vector<const json::value*>& found) {
  if (const auto* object = at.if_object()) {
    if (step.kind == Step::Kind::kAll) {
      for (const auto& member : *object) found.push_back(&member.value());
    }
    for (const std::string& name : step.names) {
      if (const auto* member = object->if_contains(name)) found.push_back(member);
    }
    return;
  }
  const auto* array = at.if_array();
  if (array == nullptr) return;
  const auto size = static_cast<long>(array->size());
  const auto take = [&](long index) {
    if (index < 0) index += size;
    if (index >= 0 && index < size) found.push_back(&(*array)[static_cast<std::size_t>(index)]);
  };
  const auto bound = [&](std::optional<long> given, long otherwise) {
    const long value = given.value_or(otherwise);
    return std::clamp(value < 0 ? value + size : value, 0L, size);
  };
  const bool all = step.kind == Step::Kind::kAll;
  if (all || step.kind == Step::Kind::kSlice) {
    for (long i = bound(step.from, 0); i < bound(step.to, size); ++i) take(i);
  }
  for (const long index : step.indices) take(index);
}

json::array JsonPath::select(const json::value& root) const {
  std::vector<const json::value*> found{&root};
  for (const Step& step : steps_) {
    std::vector<const json::value*> next;
    for (const json::value* at : found) follow(step, *at, next);
    found.swap(next);
  }
  json::array values;
  for (const json::value* value : found) values.push_back(*value);
  return values;
}

bool JsonPath::definite() const {
  return std::all_of(steps_.begin(), steps_.end(),
                     [](const Step& step) { return step.names.size() + step.indices.size() == 1; });
}

std::optional<json::value> JsonPath::value(const json::value& root) const {
  json::array all = select(root);
  if (!definite()) return json::value(std::move(all));
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

}  // namespace engine::sagemaker
