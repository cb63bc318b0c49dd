// Grouped cross-validation with early stopping on the mean of the folds.
#include "pipelines/train/cross_validation.h"

#include "pipelines/parallel.h"

#include <algorithm>
#include <array>
#include <barrier>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

/// The booster of one fold with the rows it learns from and the rows it is judged on.
class Fold {
 public:
  Fold(const Table& table, FoldRows rows, const Hyperparameters& hyperparameters)
      : rows_(std::move(rows)),
        learned_(table.pick_rows(rows_.outside)),
        judged_(table.pick_rows(rows_.inside)),
        train_(learned_.values, learned_.rows(), table.columns, learned_.labels),
        validation_(judged_.values, judged_.rows(), table.columns, judged_.labels),
        both_{&train_, &validation_},
        booster_(hyperparameters.booster_parameters(hyperparameters.seed, learned_.mean_label()),
                 both_) {}
  Fold(const Fold&) = delete;

  /// The metric on both sides after one more round.
  std::vector<double> grow(int round) {
    booster_.grow(round, train_);
    return booster_.evaluate(round, both_);
  }

  void predict(int rounds, const Hyperparameters& hyperparameters,
               std::vector<float>& out_of_fold) const {
    auto values = booster_.predict(validation_, rounds);
    if (hyperparameters.forest_trees > 0) {
      const auto forest = ExtraTrees::grow(learned_, hyperparameters.forest_parameters());
      const auto others = forest.predict(judged_);
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>((1 - kForestShare) * values[i] + kForestShare * others[i]);
      }
    }
    for (std::size_t i = 0; i < values.size(); ++i) out_of_fold[rows_.inside[i]] = values[i];
  }

  double weight() const { return static_cast<double>(judged_.rows()); }

 private:
  FoldRows rows_;
  Table learned_;
  Table judged_;
  Matrix train_;
  Matrix validation_;
  std::array<const Matrix*, 2> both_;
  Booster booster_;
};

std::vector<FoldRows> fold_rows(std::span<const std::uint32_t> fold, int folds) {
  std::vector<FoldRows> all;
  for (int which = 0; which < folds; ++which) {
    FoldRows rows = rows_of_fold(fold, static_cast<std::uint32_t>(which));
    // With fewer families than folds some folds stay empty.
    if (!rows.inside.empty() && !rows.outside.empty()) all.push_back(std::move(rows));
  }
  if (all.size() < 2) {
    throw std::runtime_error(
        "All training rows belong to one family: nothing is left to judge on.");
  }
  return all;
}

/// What the folds say round by round, and when it is enough. Each fold's worker writes its own
/// place; all else happens in `close`, between two rounds.
class Rounds {
 public:
  Rounds(std::size_t folds, const Hyperparameters& hyperparameters, const RoundReport& report)
      : metrics_(folds), hyperparameters_(hyperparameters), report_(report) {}

  /// Runs a part of a round; what it throws ends the rounds.
  template <class F>
  void attempt(F&& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }

  /// The metrics of a fold, already multiplied by its share of the rows.
  void set(std::size_t fold, double train, double validation) {
    metrics_[fold] = {train, validation};
  }

  void close() {
    attempt([&] {
      if (error_) return;
      double train = 0;
      double validation = 0;
      for (const auto& [one, other] : metrics_) {
        train += one;
        validation += other;
      }
      if (report_) report_(round_, train, validation);
      if (validation < best_) {
        best_ = validation;
        best_rounds_ = round_ + 1;
      }
    });
    ++round_;
    ended_ = error_ || round_ >= hyperparameters_.num_round ||
             round_ - best_rounds_ >= hyperparameters_.early_stopping_rounds;
  }

  int round() const { return round_; }
  bool ended() const { return ended_; }
  bool failed() const { return error_ != nullptr; }
  /// Throws what ended the rounds early.
  int best() const {
    if (error_) std::rethrow_exception(error_);
    if (best_rounds_ == 0) throw std::runtime_error("The validation metric was never a number.");
    return best_rounds_;
  }

 private:
  std::vector<std::pair<double, double>> metrics_;
  const Hyperparameters& hyperparameters_;
  const RoundReport& report_;
  std::mutex mutex_;
  std::exception_ptr error_;
  double best_ = std::numeric_limits<double>::infinity();
  int best_rounds_ = 0;
  int round_ = 0;
  bool ended_ = false;
};

void measure(const Table& table, CrossValidation& result) {
  double absolute = 0;
  double squared = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double error = table.labels[i] - clip_ibu(result.out_of_fold[i]);
    absolute += std::abs(error);
    squared += error * error;
  }
  result.mae = absolute / static_cast<double>(table.rows());
  result.rmse = std::sqrt(squared / static_cast<double>(table.rows()));
}

}  // namespace

// A worker makes, grows and asks its folds on one thread: XGBoost keeps what a booster grows on
// with the thread that made it. Each booster has one thread, so the number of workers tells
// nothing.
CrossValidation cross_validate(const Table& table, std::span<const std::uint32_t> fold,
                               const Hyperparameters& hyperparameters, const RoundReport& report) {
  const auto parts = fold_rows(fold, hyperparameters.folds);
  CrossValidation result;
  result.out_of_fold.resize(table.rows());
  Rounds rounds(parts.size(), hyperparameters, report);
  const std::size_t workers = std::min(processors(), parts.size());
  std::barrier meeting(static_cast<std::ptrdiff_t>(workers), [&]() noexcept { rounds.close(); });
  // As many pieces as threads: each has a thread of its own, and can wait for the others.
  in_parallel(workers, [&](std::size_t worker) {
    std::map<std::size_t, Fold> own;
    rounds.attempt([&] {
      for (std::size_t i = worker; i < parts.size(); i += workers) {
        own.try_emplace(i, table, parts[i], hyperparameters);
      }
    });
    while (!rounds.ended()) {
      rounds.attempt([&] {
        for (auto& [i, each] : own) {
          const auto metrics = each.grow(rounds.round());
          const double share = each.weight() / static_cast<double>(table.rows());
          rounds.set(i, metrics.at(0) * share, metrics.at(1) * share);
        }
      });
      meeting.arrive_and_wait();
    }
    if (rounds.failed()) return;
    for (auto& [i, each] : own) {
      each.predict(rounds.best(), hyperparameters, result.out_of_fold);
    }
  });
  result.rounds = rounds.best();
  measure(table, result);
  return result;
}

FoldRows rows_of_fold(std::span<const std::uint32_t> fold, std::uint32_t which) {
  FoldRows rows;
  for (std::uint32_t i = 0; i < fold.size(); ++i) {
    (fold[i] == which ? rows.inside : rows.outside).push_back(i);
  }
  return rows;
}

Booster fit(const Table& table, const Booster::Parameters& parameters, int rounds) {
  const Matrix matrix(table.values, table.rows(), table.columns, table.labels);
  const Matrix* matrices[] = {&matrix};
  Booster booster(parameters, matrices);
  for (int round = 0; round < rounds; ++round) booster.grow(round, matrix);
  return booster;
}

}  // namespace pipelines
