// What is wrong with a definition, gathered so that all of it is told at once.
#pragma once

#include "engine/protocol/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker::pipelines {

/// `where` names the part, "Step \"Train\"" say, and is empty for the whole document.
struct Problem {
  std::string where, sentence;

  std::string text() const { return where.empty() ? sentence : where + ": " + sentence; }
  bool operator==(const Problem&) const = default;
};

/// Errors are what a pipeline is refused for. Warnings are what AWS takes and what will
/// nevertheless go wrong when it runs, or can't be meant.
class Problems {
 public:
  void add(std::string_view where, std::string sentence);
  void warn(std::string_view where, std::string sentence);

  const std::vector<Problem>& errors() const { return errors_; }
  const std::vector<Problem>& warnings() const { return warnings_; }

  /// ValidationException in AWS's form, with every error in the order found.
  AwsError refusal() const;

 private:
  std::vector<Problem> errors_, warnings_;
};

}  // namespace engine::sagemaker::pipelines
