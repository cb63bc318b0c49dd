// References in a definition.
#include "engine/services/sagemaker/pipelines/reference.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <charconv>

namespace engine::sagemaker::pipelines {
namespace {

/// Takes "[…]" from the front of `text`.
PathPart take_index(std::string_view& text, std::string_view whole) {
  const auto bad = [&] { return ReferenceError(fmt::format("\"{}\" is not a valid path", whole)); };
  text.remove_prefix(1);
  if (text.starts_with('\'') || text.starts_with('"')) {
    const char quote = text.front();
    const auto end = text.find(quote, 1);
    if (end == text.npos || end + 1 >= text.size() || text[end + 1] != ']') throw bad();
    const std::string key(text.substr(1, end - 1));
    text.remove_prefix(end + 2);
    return key;
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ']') throw bad();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return index;
}

const json::value* named_item(const json::array& list, const std::string& name) {
  constexpr const char* kNames[] = {"OutputName", "InputName",   "ChannelName", "MetricName",
                                    "Name",       "VariantName", "Key"};
  for (const json::value& item : list) {
    const auto* object = item.if_object();
    if (object == nullptr) continue;
    for (const char* member : kNames) {
      const auto* value = object->if_contains(member);
      if (value != nullptr && value->is_string() && value->as_string() == name) return &item;
    }
  }
  return nullptr;
}

const json::value* child(const json::value& from, const PathPart& part) {
  if (const auto* index = std::get_if<std::size_t>(&part)) {
    const auto* list = from.if_array();
    return list != nullptr ? list->if_contains(*index) : nullptr;
  }
  const auto& name = std::get<std::string>(part);
  if (const auto* object = from.if_object()) return object->if_contains(name);
  if (const auto* list = from.if_array()) return named_item(*list, name);
  return nullptr;
}

std::string text_of_part(const PathPart& part) {
  if (const auto* index = std::get_if<std::size_t>(&part)) return std::to_string(*index);
  return std::get<std::string>(part);
}

}  // namespace

Path parse_path(std::string_view text) {
  const std::string_view whole = text;
  if (text.starts_with("$.")) text.remove_prefix(2);
  if (text.starts_with('$')) text.remove_prefix(1);
  Path path;
  bool member = !text.starts_with('[');  // a path may begin with one without a dot
  while (!text.empty()) {
    if (!member && text.front() == '[') {
      path.push_back(take_index(text, whole));
      continue;
    }
    if (!member) {
      if (text.front() != '.')
        throw ReferenceError(fmt::format("\"{}\" is not a valid path", whole));
      text.remove_prefix(1);
    }
    const auto end = std::min(text.size(), text.find_first_of(".["));
    if (end == 0) throw ReferenceError(fmt::format("\"{}\" is not a valid path", whole));
    path.push_back(std::string(text.substr(0, end)));
    text.remove_prefix(end);
    member = false;
  }
  return path;
}

Reference parse_reference(std::string_view text) {
  const auto dot = text.find('.');
  const auto kind = text.substr(0, dot);
  const auto rest = dot == text.npos ? std::string_view() : text.substr(dot + 1);
  if (rest.empty()) throw ReferenceError(fmt::format("\"{}\" is not a valid reference", text));
  if (kind == "Parameters") {
    return {Reference::Of::kParameter, std::string(rest), {}, std::string(text)};
  }
  if (kind == "Execution") {
    return {Reference::Of::kExecution, std::string(rest), {}, std::string(text)};
  }
  if (kind != "Steps") {
    throw ReferenceError(fmt::format(
        "\"{}\" is not a valid reference: it must begin with Parameters, Execution or Steps",
        text));
  }
  Path path = parse_path(rest);
  std::string step = text_of_part(path.front());
  path.erase(path.begin());
  return {Reference::Of::kStep, std::move(step), std::move(path), std::string(text)};
}

const json::value& follow(const json::value& from, const Path& path, std::string_view text) {
  const json::value* at = &from;
  for (const PathPart& part : path) {
    at = child(*at, part);
    if (at == nullptr) {
      throw ReferenceError(
          fmt::format("\"{}\" leads nowhere: there is no \"{}\"", text, text_of_part(part)));
    }
  }
  return *at;
}

}  // namespace engine::sagemaker::pipelines
