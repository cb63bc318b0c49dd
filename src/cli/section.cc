// A mapping of a YAML file, read key by key and strictly.
#include "cli/section.h"

#include "cli/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cli {
namespace {

template <class Number>
bool read_number(const std::string& text, Number& into) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

Section::Section(std::string file, std::string path, const YAML::Node& node)
    : file_(std::move(file)), path_(std::move(path)), node_(node) {
  if (!node_.IsMap()) {
    fail(node_, "",
         path_.empty() ? "the file must be a mapping of keys to values"
                       : "must be a mapping of keys to values");
  }
}

std::string Section::path_of(const std::string& key) const {
  if (key.empty()) return path_;
  return path_.empty() ? key : path_ + "." + key;
}

void Section::fail(const YAML::Node& at, const std::string& key, const std::string& what) const {
  const int line = at.Mark().line;
  const std::string place = line < 0 ? file_ : fmt::format("{}:{}", file_, line + 1);
  const std::string path = path_of(key);
  throw UsageError(path.empty() ? fmt::format("{}: {}", place, what)
                                : fmt::format("{}: {}: {}", place, path, what));
}

YAML::Node Section::required(const char* key) {
  known_.insert(key);
  const YAML::Node found = static_cast<const YAML::Node&>(node_)[key];
  if (!found.IsDefined()) fail(node_, key, "the key is missing");
  return found;
}

std::string Section::scalar(const char* key) {
  const YAML::Node node = required(key);
  if (!node.IsScalar()) fail(node, key, "must be a single value");
  return node.Scalar();
}

std::string Section::text(const char* key) {
  std::string value = scalar(key);
  if (value.empty()) fail(required(key), key, "must not be empty");
  return value;
}

std::string Section::one_of(const char* key, std::initializer_list<const char*> words) {
  std::string value = text(key);
  if (std::find(words.begin(), words.end(), value) == words.end()) {
    fail(required(key), key,
         fmt::format("is \"{}\", which is none of {}", value, fmt::join(words, ", ")));
  }
  return value;
}

int Section::whole(const char* key, int least) {
  const std::string text = scalar(key);
  int value = 0;
  if (!read_number(text, value) || value < least) {
    fail(required(key), key,
         fmt::format("is \"{}\", which is not a whole number from {} up", text, least));
  }
  return value;
}

double Section::number(const char* key, double least, double most) {
  const std::string text = scalar(key);
  double value = 0;
  if (!read_number(text, value) || !(value >= least && value <= most)) {
    fail(required(key), key,
         fmt::format("is \"{}\", which is not a number from {} to {}", text, least, most));
  }
  return value;
}

Spec::Texts Section::texts(const char* key) {
  const YAML::Node node = required(key);
  if (!node.IsMap()) fail(node, key, "must be a mapping of names to texts");
  Spec::Texts pairs;
  for (const auto& entry : node) {
    const std::string name = entry.first.Scalar();
    if (!entry.second.IsScalar()) {
      fail(entry.second, fmt::format("{}.{}", key, name), "must be a text");
    }
    pairs.emplace_back(name, entry.second.Scalar());
  }
  return pairs;
}

Section Section::section(const char* key) { return {file_, path_of(key), required(key)}; }

void Section::close() const {
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (!known_.contains(key)) {
      fail(entry.first, key, fmt::format("no such key; there are: {}", fmt::join(known_, ", ")));
    }
    if (!seen.insert(key).second) fail(entry.first, key, "the key stands here twice");
  }
}

}  // namespace cli
