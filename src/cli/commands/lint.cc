// `beer lint`: what is wrong with a pipeline's definition, without an engine.
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "engine/services/sagemaker/pipelines/definition.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <iostream>
#include <iterator>

namespace cli {
namespace {

namespace json = boost::json;
using engine::sagemaker::pipelines::Problem;
using engine::sagemaker::pipelines::Problems;

std::string definition_in(const std::string& file) {
  if (file == "-") {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  }
  try {
    return io::read_file(file);
  } catch (const std::exception& error) {
    throw UsageError(error.what());
  }
}

json::array as_json(const std::vector<Problem>& problems) {
  json::array list;
  for (const Problem& problem : problems) {
    list.push_back(json::object{{"where", problem.where}, {"what", problem.sentence}});
  }
  return list;
}

void print(const std::string& file, const Problems& problems, std::size_t steps) {
  for (const Problem& problem : problems.errors()) {
    fmt::print("{}: error: {}\n", file, problem.text());
  }
  for (const Problem& problem : problems.warnings()) {
    fmt::print("{}: warning: {}\n", file, problem.text());
  }
  if (problems.errors().empty()) {
    fmt::print("{}: a good definition of {} steps\n", file, steps);
  }
}

}  // namespace

int lint(const LintOptions& options) {
  Problems problems;
  const auto definition =
      engine::sagemaker::pipelines::parse_definition(definition_in(options.file), problems);
  const bool good = problems.errors().empty();
  if (options.json) {
    fmt::print("{}\n", json::serialize(json::object{{"file", options.file},
                                                    {"good", good},
                                                    {"steps", definition.steps.size()},
                                                    {"errors", as_json(problems.errors())},
                                                    {"warnings", as_json(problems.warnings())}}));
  } else {
    print(options.file, problems, definition.steps.size());
  }
  return good ? kOk : kFailed;
}

}  // namespace cli
