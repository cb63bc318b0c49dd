// Channels to a booster, round by round.
#include "pipelines/xgboost/train.h"

#include "pipelines/xgboost/error.h"
#include "pipelines/xgboost/metrics.h"
#include "pipelines/xgboost/rows.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pipelines::xgboost {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// SageMaker shows at most this much of a failure file.
constexpr std::size_t kReasonBytes = 1024;

// Where 3.0 begins -------------------------------------------------------------------------------

/// One step of Newton's from the margin 0 over all rows, as XGBoost from 2.0 on fits its intercept:
/// the mean of the labels for squared errors; for logistic ones the step from one half.
double base_score(const Rows& rows, std::string_view objective) {
  double sum = 0;
  double weights = 0;
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[i];
    sum += weight * rows.labels[i];
    weights += weight;
  }
  const double mean = weights > 0 ? sum / weights : 0.5;
  const bool logistic = objective == "reg:logistic" || objective == "binary:logistic";
  return logistic ? 1 / (1 + std::exp(-4 * (mean - 0.5))) : mean;
}

/// XGBoost is told the base score, unless it refuses the labels anyway.
void add_base_score(const Rows& rows, Hyperparameters& hyperparameters) {
  std::string_view objective;
  for (const auto& [name, value] : hyperparameters.booster) {
    if (name == "objective") objective = value;
  }
  hyperparameters.booster.emplace_back("base_score",
                                       fmt::format("{:.9g}", base_score(rows, objective)));
}

// What is to be learned from ---------------------------------------------------------------------

/// The image takes the form of both channels from that of `train`; LIBSVM when nothing is said.
Form form_of_channels(const fs::path& config_file) {
  if (!fs::exists(config_file)) return Form::kLibsvm;
  boost::system::error_code error;
  const json::value config = json::parse(read_file(config_file), error);
  if (error || !config.is_object()) throw UserError("inputdataconfig.json isn't one JSON object");
  std::string type;
  for (const auto& [name, channel] : config.as_object()) {
    if (name != "train" && name != "validation" && name != "code") {
      throw UserError(fmt::format("Extraneous channel found: {}", std::string_view(name)));
    }
    const auto text = [&channel = channel](const char* key) -> std::string {
      const auto* value = channel.is_object() ? channel.as_object().if_contains(key) : nullptr;
      return value && value->is_string() ? std::string(value->as_string()) : "";
    };
    // Deviation: files only.
    if (text("TrainingInputMode") == "Pipe") {
      throw UserError(fmt::format("Channel {}: the input mode Pipe isn't read here, take File",
                                  std::string_view(name)));
    }
    if (name == "train") type = text("ContentType");
  }
  return form_of(type, Form::kLibsvm);
}

/// The rows of one channel, under the name they have in the log.
struct Watched {
  Watched(std::string channel, Rows rows)
      : name(std::move(channel)),
        columns(rows.features.columns),
        matrix(to_matrix(rows)),
        labels(std::move(rows.labels)) {}
  std::string name;
  std::size_t columns;
  Matrix matrix;
  std::vector<float> labels;
};

struct Channels {
  Watched train;
  std::optional<Watched> validation;
};

/// Adds the base score to the hyperparameters where it is the labels' to say.
Channels read_channels(const Folders& folders, Hyperparameters& hyperparameters) {
  const Form form = form_of_channels(folders.root / "input" / "config" / "inputdataconfig.json");
  const bool csv_weights = hyperparameters.csv_weights;
  if (!fs::exists(folders.channel("train"))) throw UserError("Missing required channel: train");
  Rows rows = read_channel(folders.channel("train"), form, csv_weights);
  if (hyperparameters.estimate_base_score) add_base_score(rows, hyperparameters);
  Channels channels{Watched("train", std::move(rows)), {}};
  if (!fs::exists(folders.channel("validation"))) return channels;
  channels.validation.emplace("validation",
                              read_channel(folders.channel("validation"), form, csv_weights));
  const std::size_t columns = channels.train.columns;
  if (form != Form::kLibsvm && channels.validation->columns != columns) {
    throw UserError(fmt::format("The channel validation has {} features, train has {}",
                                channels.validation->columns, columns));
  }
  return channels;
}

// Rounds -----------------------------------------------------------------------------------------

/// The metrics of a job: XGBoost computes its own, we the others.
class Judge {
 public:
  explicit Judge(const Hyperparameters& hyperparameters) {
    for (const std::string& metric : hyperparameters.eval_metrics) add(metric);
    if (!hyperparameters.tuning_metric.empty()) add(hyperparameters.tuning_metric);
    for (const auto& [name, value] : hyperparameters.booster) {
      if (name == "objective") objective_ = value;
    }
  }

  void tell(Booster::Parameters& parameters) const {
    for (const std::string& metric : own_) parameters.emplace_back("eval_metric", metric);
    // Else XGBoost would add the objective's metric to those that were asked for.
    if (own_.empty() && !added_.empty())
      parameters.emplace_back("disable_default_eval_metric", "1");
  }

  std::vector<NamedMetric> judge(Booster& booster, int round, const Watched& watched) const {
    std::vector<NamedMetric> metrics = booster.metrics(round, watched.matrix);
    if (added_.empty()) return metrics;
    const auto predictions = booster.predict(watched.matrix);
    for (const std::string& name : added_) {
      metrics.push_back({name, added_metric(name, watched.labels, predictions, objective_)});
    }
    return metrics;
  }

 private:
  void add(const std::string& metric) {
    auto& list = is_added_metric(metric) ? added_ : own_;
    if (std::find(list.begin(), list.end(), metric) == list.end()) list.push_back(metric);
  }

  std::vector<std::string> own_;
  std::vector<std::string> added_;
  std::string objective_;
};

/// Remembers the best round on the validation rows.
class EarlyStop {
 public:
  EarlyStop(const Hyperparameters& hyperparameters, bool validated)
      : metric_(hyperparameters.watched_metric()),
        patience_(validated && !metric_.empty() ? hyperparameters.early_stopping_rounds : 0),
        upwards_(more_is_better(metric_)) {}

  bool watches() const { return patience_ > 0; }
  int rounds() const { return best_round_ + 1; }

  /// True when nothing improved for too long.
  bool after(int round, const std::vector<NamedMetric>& metrics) {
    if (!watches()) return false;
    for (const NamedMetric& one : metrics) {
      if (one.name != metric_) continue;
      if (best_round_ < 0 || (upwards_ ? one.value > best_ : one.value < best_)) {
        best_ = one.value;
        best_round_ = round;
      }
      return round - best_round_ >= patience_;
    }
    return false;
  }

 private:
  std::string metric_;
  int patience_;
  bool upwards_;
  double best_ = 0;
  int best_round_ = -1;
};

std::string line_of(const Watched& watched, const std::vector<NamedMetric>& metrics) {
  std::string line;
  for (const NamedMetric& one : metrics) {
    line += fmt::format("\t{}-{}:{:.5f}", watched.name, one.name, one.value);
  }
  return line;
}

Booster grow(const Channels& channels, const Hyperparameters& hyperparameters, std::ostream& log,
             const std::function<bool()>& stop_requested, bool& stopped) {
  const Judge judge(hyperparameters);
  Booster::Parameters parameters = hyperparameters.booster;
  judge.tell(parameters);
  std::vector<const Matrix*> matrices{&channels.train.matrix};
  if (channels.validation) matrices.push_back(&channels.validation->matrix);
  Booster booster(parameters, matrices);
  EarlyStop early(hyperparameters, channels.validation.has_value());
  for (int round = 0; round < hyperparameters.num_round; ++round) {
    booster.grow(round, channels.train.matrix);
    std::string line = fmt::format(
        "[{}]{}", round, line_of(channels.train, judge.judge(booster, round, channels.train)));
    bool enough = false;
    if (channels.validation) {
      const auto metrics = judge.judge(booster, round, *channels.validation);
      line += line_of(*channels.validation, metrics);
      enough = early.after(round, metrics);
    }
    log << line << std::endl;  // who follows the job wants it now
    stopped = stop_requested && stop_requested();
    if (enough || stopped) break;
  }
  // A linear booster has no rounds to be cut back to.
  return early.watches() && early.rounds() > 0 ? booster.first_rounds(early.rounds())
                                               : std::move(booster);
}

std::size_t hosts_of(const fs::path& config_file) {
  if (!fs::exists(config_file)) return 1;
  boost::system::error_code error;
  const json::value config = json::parse(read_file(config_file), error);
  const auto* hosts = !error && config.is_object() ? config.as_object().if_contains("hosts") : nullptr;
  return hosts && hosts->is_array() ? hosts->as_array().size() : 1;
}

void note_what_is_ignored(const Folders& folders, const Hyperparameters& hyperparameters,
                          std::ostream& log) {
  for (const std::string& name : hyperparameters.unused) {
    log << fmt::format("Parameters: {{ \"{}\" }} are not used.\n", name);
  }
  // Deviation: the image's hosts grow one booster together.
  const auto hosts = hosts_of(folders.root / "input" / "config" / "resourceconfig.json");
  if (hosts > 1) {
    log << fmt::format("Each of the {} hosts trains alone, on its own rows: the first one's model "
                       "is the job's\n",
                       hosts);
  }
}

void check(const Hyperparameters& hyperparameters) {
  if (hyperparameters.early_stopping_rounds == 0) return;
  for (const auto& [name, value] : hyperparameters.booster) {
    if (name == "booster" && value == "gblinear") {
      throw UserError("early_stopping_rounds is not applicable to the booster gblinear");
    }
  }
}

// The process ------------------------------------------------------------------------------------

volatile std::sig_atomic_t terminated = 0;

void end_at_sigterm() {
  struct sigaction action {};
  action.sa_handler = [](int) { terminated = 1; };
  sigaction(SIGTERM, &action, nullptr);
}

/// XGBoost's sentence without the time and the source line it begins with. As the image does, what
/// is wrong with labels and scores is called the user's error.
std::string reason_of(const BoosterError& error) {
  std::string_view text = error.what();
  for (const char* mark : {".cu:", ".cc:", ".h:"}) {
    const auto source = text.starts_with('[') ? text.find(mark) : std::string_view::npos;
    if (source == std::string_view::npos) continue;
    const auto end = text.find(": ", source);
    if (end != std::string_view::npos) text.remove_prefix(end + 2);
  }
  for (const char* theirs : {"label must be", "must be nonnegative", "base_score must be",
                             "only contains pos or neg", "Parameter reg_lambda"}) {
    if (text.find(theirs) != std::string_view::npos) return fmt::format("UserError: {}", text);
  }
  return fmt::format("AlgorithmError: XGBoost refused the training: {}", text);
}

int fail(const Folders& folders, const std::string& reason) {
  std::cerr << reason << std::endl;
  try {
    write_file(folders.failure(), std::string_view(reason).substr(0, kReasonBytes));
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
  }
  return 1;
}

}  // namespace

void train(const Folders& folders, std::ostream& log, const std::function<bool()>& stop_requested,
           Version version) {
  Hyperparameters hyperparameters =
      parse_hyperparameters(read_file(folders.hyperparameters()), version);
  check(hyperparameters);
  const Channels channels = read_channels(folders, hyperparameters);
  note_what_is_ignored(folders, hyperparameters, log);
  log << fmt::format("Train matrix has {} rows and {} columns\n", channels.train.matrix.rows(),
                     channels.train.columns);
  if (channels.validation) {
    log << fmt::format("Validation matrix has {} rows\n", channels.validation->matrix.rows());
  }
  bool stopped = false;
  const Booster booster = grow(channels, hyperparameters, log, stop_requested, stopped);
  if (stopped && !hyperparameters.save_model_on_termination) {
    log << "Told to stop: the model isn't saved, since save_model_on_termination isn't true\n";
    return;
  }
  write_file(folders.model() / "xgboost-model",
             version == Version::k1_7 ? booster.binary() : booster.ubjson());
}

int run_training(const Folders& folders, std::ostream& log, Version version) {
  end_at_sigterm();
  try {
    train(folders, log, [] { return terminated != 0; }, version);
    return 0;
  } catch (const UserError& error) {
    return fail(folders, fmt::format("UserError: {}", error.what()));
  } catch (const BoosterError& error) {
    return fail(folders, reason_of(error));
  } catch (const std::exception& error) {
    return fail(folders, fmt::format("AlgorithmError: {}", error.what()));
  }
}

}  // namespace pipelines::xgboost
