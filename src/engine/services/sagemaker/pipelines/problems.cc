// What is wrong with a definition.
#include "engine/services/sagemaker/pipelines/problems.h"

#include "engine/services/sagemaker/errors.h"

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

void add_once(std::vector<Problem>& problems, std::string_view where, std::string sentence) {
  Problem problem{std::string(where), std::move(sentence)};
  if (std::find(problems.begin(), problems.end(), problem) == problems.end()) {
    problems.push_back(std::move(problem));
  }
}

}  // namespace

void Problems::add(std::string_view where, std::string sentence) {
  add_once(errors_, where, std::move(sentence));
}

void Problems::warn(std::string_view where, std::string sentence) {
  add_once(warnings_, where, std::move(sentence));
}

AwsError Problems::refusal() const {
  std::string text = "Unable to parse pipeline definition. ";
  if (errors_.size() > 1) text += fmt::format("{} problems: ", errors_.size());
  for (std::size_t i = 0; i < errors_.size(); ++i) {
    if (i > 0) text += ' ';
    if (errors_.size() > 1) text += fmt::format("({}) ", i + 1);
    text += errors_[i].text();
  }
  return validation(text);
}

}  // namespace engine::sagemaker::pipelines
