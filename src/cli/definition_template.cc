// The pipeline's definition with holes.
#include "cli/definition_template.h"

#include "cli/system.h"
#include "pipelines/definition/definition.h"

#include <string_view>

namespace cli {
namespace {

// Stands for the "${" that we mean until all others are escaped; no text of a spec holds it, since
// the character is for private use.
constexpr const char* kOpen = "\uE000";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

System with_holes(const Spec& spec) {
  const std::string open = kOpen;
  return {spec, open + "account_id}", open + "region}", open + "xgboost_image}"};
}

std::string as_template(std::string text) {
  replace_all(text, "${", "$${");
  replace_all(text, "%{", "%%{");
  replace_all(text, kOpen, "${");
  return text;
}

}  // namespace

std::string definition_template(const Spec& spec) {
  return as_template(pipelines::pipeline_definition(with_holes(spec).pipeline_settings()));
}

std::string watching_template(const Spec& spec) {
  return as_template(pipelines::watching_definition(with_holes(spec).watching_settings()));
}

}  // namespace cli
