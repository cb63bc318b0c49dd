// A mapping of a YAML file, read key by key and strictly.
#pragma once

#include "cli/spec.h"

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <set>
#include <string>

namespace cli {

/// Gives the values of known keys and, at close(), refuses the others. Every error is a UsageError
/// that begins with file and line.
class Section {
 public:
  /// `path` is "" at the top, "schedule" one level below.
  Section(std::string file, std::string path, const YAML::Node& node);

  std::string text(const char* key);
  /// A text that is one of `words`.
  std::string one_of(const char* key, std::initializer_list<const char*> words);
  /// A whole number from `least` up.
  int whole(const char* key, int least);
  /// A number from `least` to `most`.
  double number(const char* key, double least, double most);
  /// A mapping of texts, in the file's order.
  Spec::Texts texts(const char* key);
  Section section(const char* key);

  /// To be called once every key was asked for.
  void close() const;

 private:
  YAML::Node required(const char* key);
  std::string scalar(const char* key);
  std::string path_of(const std::string& key) const;
  [[noreturn]] void fail(const YAML::Node& at, const std::string& key,
                         const std::string& what) const;

  std::string file_, path_;
  YAML::Node node_;
  std::set<std::string> known_;
};

}  // namespace cli
