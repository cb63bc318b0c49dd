// A model file, read twice: for predicting, and by XGBoost when it must be.
#include "pipelines/model/tree_model.h"

#include <mutex>
#include <string_view>
#include <utility>

namespace pipelines {
namespace {

/// How UBJSON begins where JSON has the quote of a name.
constexpr std::string_view kUbjson = "{L";

}  // namespace

struct TreeModel::Slow {
  std::string bytes;  ///< until they are read
  std::once_flag read;
  std::optional<Booster> booster;
  std::mutex alone;     ///< of what one thread at a time may do
  bool linear = false;  ///< XGBoost predicts it from a matrix only, one thread at a time

  explicit Slow(std::string file) : bytes(std::move(file)) {}
};

TreeModel::TreeModel(std::string bytes) : slow_(std::make_unique<Slow>(std::move(bytes))) {
  if (slow_->bytes.starts_with(kUbjson)) {
    flat_ = FlatTrees::read(slow_->bytes);
    if (flat_) return;
  }
  flat_ = FlatTrees::read(booster().ubjson());
  if (flat_) return;
  const std::vector<float> row(booster().features(), 0);
  try {
    booster().predict(row, 1);
  } catch (const BoosterError&) {
    slow_->linear = true;
  }
}

TreeModel::TreeModel(TreeModel&&) noexcept = default;
TreeModel& TreeModel::operator=(TreeModel&&) noexcept = default;
TreeModel::~TreeModel() = default;

Booster& TreeModel::booster() const {
  std::call_once(slow_->read, [&] {
    slow_->booster.emplace(slow_->bytes);
    slow_->bytes = std::string();
  });
  return *slow_->booster;
}

std::size_t TreeModel::columns() const { return flat_ ? flat_->columns() : booster().features(); }

std::vector<float> TreeModel::predict(std::span<const float> values, std::size_t rows) const {
  if (flat_) {
    std::vector<float> predictions(rows);
    flat_->predict(values, predictions);
    return predictions;
  }
  if (!slow_->linear) return booster().predict(values, rows);
  const Matrix matrix(values, rows, columns());
  const std::lock_guard lock(slow_->alone);
  return booster().predict(matrix);
}

std::vector<float> TreeModel::contributions(std::span<const float> values, std::size_t rows) const {
  const Matrix matrix(values, rows, columns());
  const std::lock_guard lock(slow_->alone);
  return booster().contributions(matrix);
}

}  // namespace pipelines
