// The image's hyperparameters as tables, and the few rules that join two of them.
// Verified: names, ranges and rules are those of aws/sagemaker-xgboost-container, algorithm mode.
#include "pipelines/xgboost/hyperparameters.h"

#include "lib/base/encoding.h"
#include "pipelines/xgboost/error.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace pipelines::xgboost {
namespace {

namespace json = boost::json;
using Texts = std::vector<std::string>;

constexpr double kNone = std::numeric_limits<double>::infinity();

/// A number and the interval it may lie in; an open end excludes its bound.
struct Number {
  std::string_view name;
  bool whole;
  double low;
  double high;
  bool low_open = false;
  bool high_open = false;

  bool holds(double value) const {
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
  std::string range() const {
    const std::string top =
        high == kNone ? "+inf)" : fmt::format("{}{}", high, high_open ? ')' : ']');
    return fmt::format("{}{}, {}", low_open ? '(' : '[', low, top);
  }
};
constexpr Number kNumbers[] = {
    {"num_round", true, 1, kNone},
    {"csv_weights", true, 0, 1},
    {"early_stopping_rounds", true, 1, kNone},
    {"verbosity", true, 0, 3},
    {"nthread", true, 1, kNone},
    {"eta", false, 0, 1},
    {"gamma", false, 0, kNone},
    {"max_depth", true, 0, kNone},
    {"min_child_weight", false, 0, kNone},
    {"max_delta_step", false, 0, kNone},
    {"subsample", false, 0, 1, true},
    {"colsample_bytree", false, 0, 1, true},
    {"colsample_bylevel", false, 0, 1, true},
    {"colsample_bynode", false, 0, 1, true},
    {"lambda", false, 0, kNone},
    {"alpha", false, 0, kNone},
    {"sketch_eps", false, 0, 1, true, true},
    {"scale_pos_weight", false, 0, kNone, true},
    {"refresh_leaf", true, 0, 1},
    {"max_leaves", true, 0, kNone},
    {"max_bin", true, 0, kNone},
    {"rate_drop", false, 0, 1},
    {"one_drop", true, 0, 1},
    {"skip_drop", false, 0, 1},
    {"lambda_bias", false, 0, 1},
    {"tweedie_variance_power", false, 1, 2, true, true},
    {"num_class", true, 2, kNone},
    {"base_score", false, 0, kNone},
    {"_kfold", true, 2, kNone},
    {"_num_cv_round", true, 1, kNone},
    {"seed", true, -2147483648.0, 2147483647.0, true, true},
    {"num_parallel_tree", true, 1, kNone},
    {"aft_loss_distribution_scale", false, 0, kNone},
    {"prob_buffer_row", false, 1, kNone, true},
};

/// A word out of a list, or some of them separated by commas.
struct Word {
  std::string_view name;
  Texts allowed;
  bool many = false;
};
const std::vector<Word>& words() {
  static const Texts kTruth = {"true", "false"};
  static const std::vector<Word> kWords = {
      {"booster", {"gbtree", "gblinear", "dart"}},
      {"tree_method", {"auto", "exact", "approx", "hist", "gpu_hist"}},
      {"updater",
       {"grow_colmaker", "distcol", "grow_histmaker", "grow_local_histmaker", "grow_skmaker",
        "grow_quantile_histmaker", "sync", "refresh", "prune", "shotgun", "coord_descent"},
       true},
      {"dsplit", {"row", "col"}},
      {"process_type", {"default", "update"}},
      {"grow_policy", {"depthwise", "lossguide"}},
      {"predictor", {"auto", "cpu_predictor", "gpu_predictor"}},
      {"sample_type", {"uniform", "weighted"}},
      {"normalize_type", {"tree", "forest"}},
      {"objective",
       {"binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
        "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear",
        "reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror",
        "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft", "survival:cox"}},
      {"save_model_on_termination", kTruth},
      {"aft_loss_distribution", {"normal", "logistic", "extreme"}},
      {"single_precision_histogram", kTruth},
      {"deterministic_histogram", kTruth},
      {"sampling_method", {"uniform", "gradient_based"}},
      {"use_dask_gpu_training", kTruth},
  };
  return kWords;
}

constexpr std::string_view kOwnMetrics[] = {"auc",
                                            "aucpr",
                                            "map",
                                            "ndcg",
                                            "aft-nloglik",
                                            "cox-nloglik",
                                            "error",
                                            "gamma-deviance",
                                            "gamma-nloglik",
                                            "logloss",
                                            "mae",
                                            "interval-regression-accuracy",
                                            "mape",
                                            "merror",
                                            "mphe",
                                            "mlogloss",
                                            "rmse",
                                            "rmsle",
                                            "poisson-nloglik",
                                            "tweedie-nloglik"};
constexpr std::string_view kAddedMetrics[] = {"accuracy",
                                              "balanced_accuracy",
                                              "f1",
                                              "f1_binary",
                                              "f1_macro",
                                              "mse",
                                              "precision",
                                              "precision_macro",
                                              "precision_micro",
                                              "r2",
                                              "recall",
                                              "recall_macro",
                                              "recall_micro"};

constexpr std::pair<std::string_view, std::string_view> kAliases[] = {{"learning_rate", "eta"},
                                                                      {"min_split_loss", "gamma"},
                                                                      {"reg_lambda", "lambda"},
                                                                      {"reg_alpha", "alpha"}};

bool stands_in(std::span<const std::string_view> list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view range) {
  throw UserError(fmt::format("Hyperparameter {}: {} is not in {}", name, value, range));
}

template <class T>
T parsed(std::string_view name, std::string_view text) {
  text = base::trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UserError(fmt::format("Hyperparameter {}: could not parse value '{}'", name, text));
  }
  return value;
}

Texts split(std::string_view text) {
  Texts parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.emplace_back(base::trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

/// Every value by its real name, each checked by itself.
class Given {
 public:
  void add(std::string_view name, const std::string& value) {
    for (const auto& [alias, real] : kAliases) {
      if (name == alias) name = real;
    }
    if (!check_number(name, value) && !check_word(name, value) && !check_other(name, value)) {
      throw UserError(fmt::format("Extraneous hyperparameter found: {}", name));
    }
    values_[std::string(name)] = std::string(base::trim(value));
  }

  bool has(std::string_view name) const { return values_.contains(name); }
  std::string_view text(std::string_view name) const {
    const auto at = values_.find(name);
    return at == values_.end() ? std::string_view() : std::string_view(at->second);
  }
  int whole(std::string_view name) const {
    return has(name) ? static_cast<int>(parsed<std::int64_t>(name, text(name))) : 0;
  }
  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  static bool check_number(std::string_view name, const std::string& value) {
    for (const Number& number : kNumbers) {
      if (name != number.name) continue;
      const double given = number.whole ? static_cast<double>(parsed<std::int64_t>(name, value))
                                        : parsed<double>(name, value);
      // No count of rounds, rows or classes needs more than an int holds.
      const bool fits = !number.whole || std::abs(given) <= std::numeric_limits<int>::max();
      if (!fits || !number.holds(given)) refuse(name, value, number.range());
      return true;
    }
    return false;
  }

  static bool check_word(std::string_view name, const std::string& value) {
    for (const Word& word : words()) {
      if (name != word.name) continue;
      for (const std::string& part : word.many ? split(value) : Texts{value}) {
        if (std::find(word.allowed.begin(), word.allowed.end(), part) == word.allowed.end()) {
          refuse(name, part, fmt::format("[{}]", fmt::join(word.allowed, ", ")));
        }
      }
      return true;
    }
    return false;
  }

  static bool check_other(std::string_view name, const std::string& value) {
    if (name == "eval_metric") {
      for (const std::string& metric : split(value)) check_metric(metric);
    } else if (name == "_tuning_objective_metric") {
      check_metric(value.substr(value.find(':') + 1));
    } else if (name == "monotone_constraints") {
      check_constraints(value);
    } else if (name == "interaction_constraints") {
      check_interactions(value);
    } else {
      return false;
    }
    return true;
  }

  /// "rmse", or with a threshold "error@0.7".
  static void check_metric(const std::string& metric) {
    const auto at = metric.find('@');
    if (at != std::string::npos) {
      const std::string base = metric.substr(0, at);
      if (base != "error" && base != "ndcg" && base != "map") {
        throw UserError(fmt::format(
            "Metric '{}' is not supported. Only error, ndcg and map take a threshold", metric));
      }
      parsed<double>("eval_metric", std::string_view(metric).substr(at + 1));
      return;
    }
    if (stands_in(kOwnMetrics, metric) || stands_in(kAddedMetrics, metric)) return;
    throw UserError(fmt::format("Hyperparameter eval_metric: value {} not in range [{}, {}]",
                                metric, fmt::join(kOwnMetrics, ", "),
                                fmt::join(kAddedMetrics, ", ")));
  }

  /// "(1,0,-1)": a sign for each column.
  static void check_constraints(std::string_view value) {
    std::string_view inner = base::trim(value);
    if (!inner.starts_with('(') || !inner.ends_with(')')) {
      refuse("monotone_constraints", value, "the form (1,0,-1)");
    }
    inner = inner.substr(1, inner.size() - 2);
    if (inner.ends_with(',')) inner.remove_suffix(1);  // (1,), as Python writes a tuple of one
    for (const std::string& sign : split(inner)) {
      if (sign != "1" && sign != "0" && sign != "-1") {
        refuse("monotone_constraints", value, "(-1, 0, 1)");
      }
    }
  }

  /// "[[0,1],[2,3,4]]": columns that may stand on one path of a tree.
  static void check_interactions(std::string_view value) {
    boost::system::error_code error;
    const json::value lists = json::parse(json::string_view(value.data(), value.size()), error);
    const bool good = !error && lists.is_array() &&
                      std::all_of(lists.as_array().begin(), lists.as_array().end(), is_list);
    if (!good) refuse("interaction_constraints", value, "the form [[0, 1], [2, 3]]");
  }
  static bool is_list(const json::value& value) {
    return value.is_array() && std::all_of(value.as_array().begin(), value.as_array().end(),
                                           [](const json::value& one) {
                                             return one.is_int64() && one.as_int64() >= 0;
                                           });
  }

  std::map<std::string, std::string, std::less<>> values_;
};

// What depends on what ---------------------------------------------------------------------------

void check_updater(const Given& given) {
  if (!given.has("updater")) return;
  const Texts updaters = split(given.text("updater"));
  const auto count = [&](std::span<const std::string_view> list) {
    return static_cast<std::size_t>(
        std::count_if(updaters.begin(), updaters.end(),
                      [&](const std::string& one) { return stands_in(list, one); }));
  };
  static constexpr std::string_view kLinear[] = {"shotgun", "coord_descent"};
  static constexpr std::string_view kUpdating[] = {"refresh", "prune"};
  static constexpr std::string_view kGrowing[] = {"grow_colmaker", "distcol", "grow_histmaker",
                                                  "grow_local_histmaker",
                                                  "grow_quantile_histmaker"};
  if (given.text("booster") == "gblinear") {
    if (updaters.size() != 1 || count(kLinear) != 1) {
      throw UserError("Linear updater should be one of these options: shotgun, coord_descent");
    }
  } else if (given.text("process_type") == "update") {
    if (count(kUpdating) != updaters.size()) {
      throw UserError("process_type 'update' can only be used with updater 'refresh' and 'prune'");
    }
  } else if (count(kLinear) > 0) {
    throw UserError("The updaters shotgun and coord_descent are for the booster gblinear");
  } else if (count(kGrowing) > 1) {
    throw UserError("Only one tree grow plugin can be selected");
  }
}

void check_constraint_methods(const Given& given) {
  const std::string_view method = given.text("tree_method");
  if (given.has("monotone_constraints") && method != "exact" && method != "hist") {
    throw UserError(
        "monotone_constraints can be used only when the tree_method parameter is set to either "
        "'exact' or 'hist'");
  }
  if (given.has("interaction_constraints") && method != "exact" && method != "hist" &&
      method != "approx") {
    throw UserError(
        "interaction_constraints can be used only when the tree_method parameter is set to either "
        "'exact', 'hist' or 'approx'");
  }
}

void check_task(const Given& given) {
  const std::string_view objective = given.text("objective");
  if (objective.starts_with("multi:") && !given.has("num_class")) {
    throw UserError("Require input for parameter 'num_class' for multi-classification");
  }
  for (const std::string& metric : split(given.text("eval_metric"))) {
    if (metric == "auc" && !objective.starts_with("binary:") && !objective.starts_with("rank:")) {
      throw UserError("Metric 'auc' can only be applied for classification and ranking problems");
    }
    if (metric == "aft-nloglik" && objective != "survival:aft") {
      throw UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective");
    }
  }
}

/// Deviation: no graphics card, and no cross-validation by _kfold.
void check_machine(const Given& given) {
  if (given.text("tree_method") == "gpu_hist" || given.text("predictor") == "gpu_predictor" ||
      given.text("use_dask_gpu_training") == "true") {
    throw UserError("There is no graphics card here: take the tree_method hist");
  }
  if (given.has("_kfold")) {
    throw UserError("Hyperparameter _kfold: cross-validation isn't done here, leave it out");
  }
}

// What XGBoost 3.0 does not know any more, of what the image takes -------------------------------

// Verified: XGBoost's release notes: the predictor went with 2.0, the others with 1.6 and 2.0; a
// parameter that nobody knows is named in a warning and does nothing.
constexpr std::string_view kGoneWith3[] = {"predictor", "sketch_eps", "dsplit",
                                           "single_precision_histogram", "deterministic_histogram",
                                           "prob_buffer_row"};
constexpr std::string_view kUpdatersGoneWith3[] = {"distcol", "grow_local_histmaker",
                                                   "grow_skmaker"};

void check_known_to_3(const Given& given) {
  if (!given.has("updater")) return;
  for (const std::string& updater : split(given.text("updater"))) {
    if (stands_in(kUpdatersGoneWith3, updater)) {
      throw UserError(fmt::format("Unknown tree updater {}: XGBoost 3.0 has it no more", updater));
    }
  }
}

/// Whether a base score is estimated from the labels here. XGBoost 1.7 itself does so for the
/// absolute error. Deviation: of the other objectives, counts, gammas and ranks keep 0.5.
bool estimates_base_score(std::string_view objective) {
  return objective.empty() || objective.starts_with("reg:squarederror") ||
         objective == "reg:linear" || objective == "reg:logistic" || objective == "binary:logistic";
}

/// Makes of what was given what XGBoost 1.7 has to be told so that it does as 3.0.
void follow_3(const Given& given, Hyperparameters& result) {
  std::erase_if(result.booster, [&](const auto& one) {
    if (!stands_in(kGoneWith3, one.first)) return false;
    result.unused.push_back(one.first);
    return true;
  });
  const std::string_view booster = given.text("booster"), method = given.text("tree_method");
  if (booster != "gblinear" && !given.has("updater") && (method.empty() || method == "auto")) {
    std::erase_if(result.booster, [](const auto& one) { return one.first == "tree_method"; });
    result.booster.emplace_back("tree_method", "hist");
  }
  result.estimate_base_score =
      !given.has("base_score") && estimates_base_score(given.text("objective"));
}

/// Those that are for the job and not for XGBoost. One thread, whatever nthread says: the same
/// input gives the same bytes.
constexpr std::string_view kNotForXgboost[] = {
    "num_round",   "csv_weights",   "early_stopping_rounds",    "save_model_on_termination",
    "eval_metric", "_num_cv_round", "_tuning_objective_metric", "use_dask_gpu_training",
    "nthread",     "verbosity"};

Hyperparameters read(const Given& given) {
  Hyperparameters result;
  result.num_round = given.whole("num_round");
  result.early_stopping_rounds = given.whole("early_stopping_rounds");
  result.csv_weights = given.text("csv_weights") == "1";
  result.save_model_on_termination = given.text("save_model_on_termination") == "true";
  if (given.has("eval_metric")) result.eval_metrics = split(given.text("eval_metric"));
  const std::string_view tuning = given.text("_tuning_objective_metric");
  result.tuning_metric = tuning.substr(tuning.find(':') + 1);
  for (const auto& [name, value] : given.values()) {
    if (stands_in(kNotForXgboost, name)) continue;
    // The old name of the squared error.
    result.booster.emplace_back(name, value == "reg:linear" ? "reg:squarederror" : value);
  }
  result.booster.emplace_back("verbosity", "0");
  return result;
}

}  // namespace

std::string Hyperparameters::watched_metric() const {
  if (!tuning_metric.empty()) return tuning_metric;
  return eval_metrics.empty() ? std::string() : eval_metrics.back();
}

Hyperparameters parse_hyperparameters(std::string_view text, Version version) {
  boost::system::error_code error;
  const json::value all = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !all.is_object()) throw UserError("hyperparameters.json isn't one JSON object");
  Given given;
  for (const auto& [key, value] : all.as_object()) {
    const std::string_view name(key.data(), key.size());
    if (name.starts_with("sagemaker_")) continue;  // for SageMaker's own tools
    given.add(name, value.is_string() ? std::string(value.as_string()) : json::serialize(value));
  }
  if (!given.has("num_round")) throw UserError("Missing required hyperparameter: num_round");
  check_updater(given);
  check_constraint_methods(given);
  check_task(given);
  check_machine(given);
  if (version == Version::k3_0) check_known_to_3(given);
  Hyperparameters result = read(given);
  if (version == Version::k3_0) follow_3(given, result);
  return result;
}

bool is_added_metric(std::string_view name) { return stands_in(kAddedMetrics, name); }

}  // namespace pipelines::xgboost
