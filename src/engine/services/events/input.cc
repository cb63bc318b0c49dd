// What a target is given of an event.
#include "engine/services/events/input.h"

#include "engine/protocol/json.h"
#include "engine/services/events/errors.h"

#include <boost/json.hpp>

#include <charconv>

namespace engine::events {
namespace {

namespace json = boost::json;

/// One step of a path: ".name" or "[index]". Nothing when the path is malformed.
struct Step {
  std::string_view name;
  std::optional<std::size_t> index;
};

std::optional<Step> take_step(std::string_view& path) {
  if (path[0] == '.') {
    const auto end = std::min(path.find_first_of(".[", 1), path.size());
    const Step step{path.substr(1, end - 1), {}};
    path.remove_prefix(end);
    if (step.name.empty()) return std::nullopt;
    return step;
  }
  const auto close = path.find(']');
  if (path[0] != '[' || close == std::string_view::npos) return std::nullopt;
  std::string_view inner = path.substr(1, close - 1);
  path.remove_prefix(close + 1);
  if (inner.size() > 2 && (inner[0] == '"' || inner[0] == '\'') && inner.back() == inner[0]) {
    return Step{inner.substr(1, inner.size() - 2), {}};
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(inner.data(), inner.data() + inner.size(), index);
  if (error != std::errc() || end != inner.data() + inner.size()) return std::nullopt;
  return Step{{}, index};
}

bool is_path(std::string_view path) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (!take_step(path)) return false;
  }
  return true;
}

/// As json::serialize, but a number looks as one would write it: 0.25, not 2.5E-1.
void write(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    out += '{';
    for (const auto& [key, member] : *object) {
      if (out.back() != '{') out += ',';
      write_json_string(key, out);
      out += ':';
      write(member, out);
    }
    out += '}';
  } else if (const auto* list = value.if_array()) {
    out += '[';
    for (const auto& element : *list) {
      if (&element != list->data()) out += ',';
      write(element, out);
    }
    out += ']';
  } else if (const auto* number = value.if_double()) {
    out += fmt::format("{}", *number);
  } else {
    out += json::serialize(value);
  }
}

std::string to_text(const json::value& value) {
  std::string out;
  write(value, out);
  return out;
}

/// What stands in place of a path's value inside of a quoted text.
std::string unquoted(const json::value& value) {
  std::string out = to_text(value);
  if (value.is_string()) return out.substr(1, out.size() - 2);
  std::string escaped;
  write_json_string(out, escaped);
  return escaped.substr(1, escaped.size() - 2);
}

/// The template's pieces in order: text, and names that stood in <…>.
template <class Text, class Name>
void walk(std::string_view text, Text&& on_text, Name&& on_name) {
  constexpr std::string_view kNameCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  while (!text.empty()) {
    const auto open = text.find('<');
    if (open == std::string_view::npos) return on_text(text);
    const auto close = std::min(text.find_first_not_of(kNameCharacters, open + 1), text.size());
    if (close == open + 1 || close == text.size() || text[close] != '>') {
      on_text(text.substr(0, open + 1));  // a '<' of the text's own
      text.remove_prefix(open + 1);
      continue;
    }
    on_text(text.substr(0, open));
    on_name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

bool is_reserved(std::string_view name) {
  return name == "aws.events.rule-arn" || name == "aws.events.rule-name" ||
         name == "aws.events.event.ingestion-time" || name == "aws.events.event" ||
         name == "aws.events.event.json";
}

/// The value a name of a template stands for. A path that leads nowhere gives an empty text.
json::value value_of(std::string_view name, const api::InputTransformer& transformer,
                     const json::value& event, const Origin& origin) {
  if (name == "aws.events.rule-arn") return json::value(origin.rule_arn);
  if (name == "aws.events.rule-name") return json::value(origin.rule_name);
  if (name == "aws.events.event.ingestion-time") return json::value(origin.ingestion_time);
  if (is_reserved(name)) return event;
  const auto& paths = *transformer.InputPathsMap;
  const auto* found = find_path(event, paths.at(std::string(name)));
  return found != nullptr ? *found : json::value("");
}

std::string transform(const api::InputTransformer& transformer, const json::value& event,
                      const Origin& origin) {
  std::string out;
  bool quoted = false;
  walk(
      transformer.InputTemplate,
      [&](std::string_view text) {
        out += text;
        for (std::size_t i = 0; i < text.size(); ++i) {
          if (text[i] == '\\') {
            ++i;
          } else if (text[i] == '"') {
            quoted = !quoted;
          }
        }
      },
      [&](std::string_view name) {
        const json::value value = value_of(name, transformer, event, origin);
        out += quoted ? unquoted(value) : to_text(value);
      });
  return out;
}

void check_transformer(const api::Target& target, const api::InputTransformer& transformer) {
  static const std::map<std::string, std::string> kNone;
  const auto& paths = transformer.InputPathsMap ? *transformer.InputPathsMap : kNone;
  for (const auto& [name, path] : paths) {
    if (!is_path(path))
      throw invalid(
          fmt::format("Invalid InputPathsMap for target {} : {} is not a path.", target.Id, path));
  }
  walk(
      transformer.InputTemplate, [](std::string_view) {},
      [&](std::string_view name) {
        if (is_reserved(name) || paths.contains(std::string(name))) return;
        throw invalid(fmt::format("InputTemplate for target {} contains invalid placeholder {}.",
                                  target.Id, name));
      });
}

}  // namespace

const json::value* find_path(const json::value& value, std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  const json::value* at = &value;
  while (at != nullptr && !path.empty()) {
    const auto step = take_step(path);
    if (!step) return nullptr;
    if (step->index) {
      at = at->is_array() ? at->get_array().if_contains(*step->index) : nullptr;
    } else {
      at = at->is_object() ? at->get_object().if_contains(step->name) : nullptr;
    }
  }
  return at;
}

void check_input(const api::Target& target) {
  if (target.Input.has_value() + target.InputPath.has_value() +
          target.InputTransformer.has_value() >
      1) {
    throw invalid(fmt::format(
        "Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
        target.Id));
  }
  if (target.Input) {
    json::error_code error;
    json::parse(*target.Input, error);
    if (error)
      throw invalid(
          fmt::format("JSON syntax error in input for target {} : {}", target.Id, error.message()));
  }
  if (target.InputPath && !target.InputPath->empty() && !is_path(*target.InputPath)) {
    throw invalid(fmt::format("Invalid InputPath for target {}.", target.Id));
  }
  if (target.InputTransformer) check_transformer(target, *target.InputTransformer);
}

std::string input_of(const api::Target& target, const std::string& event, const Origin& origin) {
  if (target.Input) return *target.Input;
  if (target.InputPath && !target.InputPath->empty() && *target.InputPath != "$") {
    const json::value parsed = json::parse(event);
    const auto* part = find_path(parsed, *target.InputPath);
    return part != nullptr ? to_text(*part) : "{}";
  }
  if (target.InputTransformer)
    return transform(*target.InputTransformer, json::parse(event), origin);
  return event;
}

std::map<std::string, std::string> parameters_of(const api::Target& target,
                                                 const std::string& event) {
  std::map<std::string, std::string> parameters;
  if (!target.SageMakerPipelineParameters ||
      !target.SageMakerPipelineParameters->PipelineParameterList)
    return parameters;
  const json::value parsed = json::parse(event);
  for (const auto& [name, value] : *target.SageMakerPipelineParameters->PipelineParameterList) {
    const auto* part = is_path(value) ? find_path(parsed, value) : nullptr;
    if (part == nullptr) {
      parameters[name] = value;
    } else {
      parameters[name] = part->is_string() ? std::string(part->get_string()) : to_text(*part);
    }
  }
  return parameters;
}

}  // namespace engine::events
