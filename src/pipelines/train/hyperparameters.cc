// Hyperparameters: strings to numbers, each checked against its range.
#include "pipelines/train/hyperparameters.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

/// Those passed on to XGBoost, with the range its container allows and our default ("": XGBoost's
/// own).
struct Passed {
  std::string_view name;
  double low;
  double high;
  std::string_view standard;
};
constexpr double kAny = 1e9;
constexpr Passed kPassed[] = {
    {"eta", 0, 1, "0.08"},
    {"gamma", 0, kAny, ""},
    {"max_depth", 0, 64, "4"},
    {"min_child_weight", 0, kAny, "6"},
    {"max_delta_step", 0, kAny, ""},
    {"subsample", 1e-9, 1, "0.6"},
    {"colsample_bytree", 1e-9, 1, ""},
    {"colsample_bylevel", 1e-9, 1, ""},
    {"colsample_bynode", 1e-9, 1, "0.3"},
    {"lambda", 0, kAny, "2"},
    {"alpha", 0, kAny, ""},
    {"max_leaves", 0, kAny, ""},
    {"max_bin", 2, kAny, ""},
    {"num_parallel_tree", 1, 1000, ""},
};
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {{"learning_rate", "eta"},
                                                                      {"min_split_loss", "gamma"},
                                                                      {"reg_lambda", "lambda"},
                                                                      {"reg_alpha", "alpha"}};
/// Words XGBoost takes, with what may stand there. Objectives are those whose prediction is the sum
/// of the trees, so that bags can be averaged leaf by leaf.
struct Word {
  std::string_view name;
  std::array<std::string_view, 4> allowed;
};
constexpr Word kWords[] = {
    {"objective", {"reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:linear"}},
    {"eval_metric", {"mae", "rmse", "mape", "mphe"}},
    {"tree_method", {"auto", "exact", "approx", "hist"}},
    {"grow_policy", {"depthwise", "lossguide"}},
};
/// Known to SageMaker's container and without meaning here: one thread, one machine, no text
/// output.
constexpr std::string_view kIgnored[] = {"verbosity", "nthread", "silent", "booster",
                                         "csv_weights"};

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view expected) {
  throw std::runtime_error(
      fmt::format("The hyperparameter {} is '{}': expected {}.", name, value, expected));
}

double number(std::string_view name, std::string_view value, double low, double high) {
  double result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size() || result < low || result > high) {
    const std::string range = high >= kAny ? fmt::format("a number of at least {}", low)
                                           : fmt::format("a number from {} to {}", low, high);
    refuse(name, value, range);
  }
  return result;
}

int whole(std::string_view name, std::string_view value, int low, int high) {
  const double result = number(name, value, low, high);
  if (result != static_cast<int>(result)) refuse(name, value, "a whole number");
  return static_cast<int>(result);
}

bool read_own(Hyperparameters& result, std::string_view name, std::string_view value) {
  if (name == "feature_set") {
    if (value != "recipe" && value != "mission") refuse(name, value, "recipe or mission");
    result.feature_set = value == "recipe" ? FeatureSet::kRecipe : FeatureSet::kMission;
  } else if (name == "num_round") {
    result.num_round = whole(name, value, 1, 100'000);
  } else if (name == "early_stopping_rounds") {
    result.early_stopping_rounds = whole(name, value, 1, 100'000);
  } else if (name == "folds") {
    result.folds = whole(name, value, 2, 100);
  } else if (name == "validation_rows") {
    result.validation_rows = whole(name, value, 100, 1'000'000'000);
  } else if (name == "bags") {
    result.bags = whole(name, value, 1, 100);
  } else if (name == "forest_trees") {
    result.forest_trees = whole(name, value, 0, 10'000);
  } else if (name == "forest_leaf") {
    result.forest_leaf = whole(name, value, 1, 100'000);
  } else if (name == "grid") {
    if (value != "on" && value != "off") refuse(name, value, "on or off");
    result.grid = value == "on";
  } else if (name == "seed") {
    result.seed = static_cast<std::uint64_t>(whole(name, value, 0, 2'000'000'000));
  } else if (name == "interval_level") {
    result.interval_level = number(name, value, 0.5, 0.99);
  } else {
    return false;
  }
  return true;
}

bool read_passed(Hyperparameters& result, std::string_view name, std::string_view value) {
  for (const auto& [alias, real] : kAliases) {
    if (name == alias) name = real;
  }
  for (const Passed& passed : kPassed) {
    if (name != passed.name) continue;
    number(name, value, passed.low, passed.high);
    result.booster.emplace_back(name, value);
    return true;
  }
  return false;
}

bool read_word(Hyperparameters& result, std::string_view name, std::string_view value) {
  for (const Word& word : kWords) {
    if (name != word.name) continue;
    if (std::find(word.allowed.begin(), word.allowed.end(), value) == word.allowed.end()) {
      refuse(name, value, fmt::format("one of {}", fmt::join(word.allowed, ", ")));
    }
    if (name == "eval_metric") result.eval_metric = value;
    // The old name of the squared error.
    else
      result.booster.emplace_back(name, value == "reg:linear" ? "reg:squarederror" : value);
    return true;
  }
  if (name == "monotone_constraints") {
    result.booster.emplace_back(name, value);
    return true;
  }
  return std::find(std::begin(kIgnored), std::end(kIgnored), name) != std::end(kIgnored);
}

void add_defaults(Booster::Parameters& parameters) {
  for (const Passed& passed : kPassed) {
    const bool given = std::any_of(parameters.begin(), parameters.end(),
                                   [&](const auto& known) { return known.first == passed.name; });
    if (!given && !passed.standard.empty()) parameters.emplace_back(passed.name, passed.standard);
  }
}

}  // namespace

std::string_view to_string(FeatureSet set) {
  return set == FeatureSet::kRecipe ? "recipe" : "mission";
}

Booster::Parameters Hyperparameters::booster_parameters(std::uint64_t booster_seed,
                                                        double base_score) const {
  Booster::Parameters parameters = booster;
  parameters.emplace_back("eval_metric", eval_metric);
  parameters.emplace_back("base_score", fmt::format("{}", base_score));
  parameters.emplace_back("seed", std::to_string(booster_seed));
  // A round's draws follow its number, whatever else the thread has drawn before.
  parameters.emplace_back("seed_per_iteration", "1");
  parameters.emplace_back("verbosity", "0");
  return parameters;
}

Hyperparameters parse_hyperparameters(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !parsed.is_object()) {
    throw std::runtime_error("hyperparameters.json isn't one JSON object.");
  }
  Hyperparameters result;
  for (const auto& [key, value] : parsed.as_object()) {
    const std::string_view name(key.data(), key.size());
    if (!value.is_string())
      refuse(name, json::serialize(value), "a string, as SageMaker passes it");
    const std::string_view given(value.as_string().data(), value.as_string().size());
    // What SageMaker's own tools add (sagemaker_program, _tuning_objective_metric) isn't for us.
    if (name.starts_with("sagemaker_") || name.starts_with("_")) continue;
    if (!read_own(result, name, given) && !read_passed(result, name, given) &&
        !read_word(result, name, given)) {
      throw std::runtime_error(fmt::format("There is no hyperparameter '{}'.", name));
    }
  }
  add_defaults(result.booster);
  return result;
}

}  // namespace pipelines
