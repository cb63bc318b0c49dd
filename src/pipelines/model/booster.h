// Gradient-boosted trees: XGBoost's C interface as values that clean up after themselves and throw.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {

/// What XGBoost answered when it refused something, in its words.
class BoosterError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Rows of which only the values that are there are kept. Row i has those from starts[i] up to
/// starts[i + 1]; `places` are their columns.
struct SparseRows {
  std::vector<std::size_t> starts{0};
  std::vector<unsigned> places;
  std::vector<float> values;
  std::size_t columns = 0;

  std::size_t rows() const { return starts.size() - 1; }
};

/// Rows of features as XGBoost keeps them; a NaN is a missing value. Move-only.
class Matrix {
 public:
  /// `values` holds rows one after the other; its size is rows × columns.
  Matrix(std::span<const float> values, std::size_t rows, std::size_t columns);
  Matrix(std::span<const float> values, std::size_t rows, std::size_t columns,
         std::span<const float> labels);
  explicit Matrix(const SparseRows& rows);

  void set_labels(std::span<const float> labels);
  void set_weights(std::span<const float> weights);

  void* handle() const { return handle_.get(); }
  std::size_t rows() const { return rows_; }

 private:
  std::shared_ptr<void> handle_;
  std::size_t rows_;
};

/// A metric and its value, as XGBoost names it: "rmse".
struct NamedMetric {
  std::string name;
  double value = 0;
};

/// Trees, grown or read. Runs on the caller's thread only: two threads on shared cores are slower
/// than one, and one thread gives the same bytes every time.
class Booster {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  /// A booster to be grown on `matrices`, whose margins it caches between rounds; they must outlive
  /// it.
  Booster(const Parameters& parameters, std::span<const Matrix* const> matrices);
  /// A booster from the bytes of a model: UBJSON, JSON, or the binary form that XGBoost up to 2.0
  /// gives a file without a suffix. A Python pickle is refused: reading one would run what it says.
  explicit Booster(std::string_view model);

  /// Grows the tree of `round` (counted from 0).
  void grow(int round, const Matrix& matrix);
  /// The first evaluation metric on each matrix, after `round`.
  std::vector<double> evaluate(int round, std::span<const Matrix* const> matrices);
  /// Every evaluation metric on one matrix, after `round`.
  std::vector<NamedMetric> metrics(int round, const Matrix& matrix);

  /// One value a row (or one a row and class), by the first `rounds` rounds (0: all).
  std::vector<float> predict(const Matrix& matrix, int rounds = 0) const;
  /// One value a row of `values`, rows one after the other. Any number of threads may call it at
  /// once.
  std::vector<float> predict(std::span<const float> values, std::size_t rows) const;
  /// Exact TreeSHAP: for each row one value a feature and, last, the expected value; they sum up to
  /// the prediction. One thread at a time.
  std::vector<float> contributions(const Matrix& matrix) const;

  std::size_t features() const;
  /// The booster of the first `rounds` rounds.
  Booster first_rounds(int rounds) const;
  /// The model as JSON or as UBJSON: what Python's xgboost loads.
  std::string json() const { return save("{\"format\":\"json\"}"); }
  std::string ubjson() const { return save("{\"format\":\"ubj\"}"); }
  /// The old binary form, which XGBoost up to 2.0 writes and up to 3.0 reads.
  std::string binary() const { return save("{\"format\":\"deprecated\"}"); }

 private:
  explicit Booster(std::shared_ptr<void> handle) : handle_(std::move(handle)) {}
  std::string save(const char* config) const;
  std::shared_ptr<void> handle_;
};

/// One model that predicts the mean of what `models` (JSON, one output each, all with the same base
/// score and an identity link) predict, weighed by `weights` (summing to 1; none: all the same):
/// their trees side by side, each leaf times its model's weight.
std::string average_models(std::span<const std::string> models,
                           std::span<const double> weights = {});

}  // namespace pipelines
