// Gradient-boosted trees over XGBoost's C interface.
#include "pipelines/model/booster.h"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <cstdint>
#include <cstdlib>
#include <limits>

namespace pipelines {
namespace {

/// OpenMP's threads wait for each other by spinning: of fewer rows the wait costs more than the copy.
constexpr std::size_t kRowsWorthThreads = 100'000;

/// How a pickle of protocol 2 or later begins.
constexpr std::string_view kPickle = "\x80";

/// XGBoost answers with a code and keeps its sentence, followed by a stack trace, for this thread.
void check(int code) {
  if (code == 0) return;
  std::string text = XGBGetLastError();
  const auto trace = text.find("\nStack trace");
  if (trace != std::string::npos) text.resize(trace);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  throw BoosterError(text);
}

std::shared_ptr<void> own_booster(BoosterHandle handle) {
  return {handle, [](void* booster) { XGBoosterFree(booster); }};
}

/// How XGBoost is told where a dense array of floats lies.
std::string array_interface(std::span<const float> values, std::size_t rows, std::size_t columns) {
  return fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                     reinterpret_cast<std::uintptr_t>(values.data()), rows, columns);
}

std::vector<float> copy_result(const bst_ulong* shape, bst_ulong dimensions, const float* values) {
  std::size_t size = 1;
  for (bst_ulong i = 0; i < dimensions; ++i) size *= shape[i];
  return {values, values + size};
}

std::vector<float> predict_from(BoosterHandle booster, const Matrix& matrix, int type, int rounds) {
  const std::string config = fmt::format(
      R"({{"type":{},"training":false,"iteration_begin":0,"iteration_end":{},"strict_shape":false}})",
      type, rounds);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  check(XGBoosterPredictFromDMatrix(booster, matrix.handle(), config.c_str(), &shape, &dimensions,
                                    &values));
  return copy_result(shape, dimensions, values);
}

}  // namespace

Matrix::Matrix(std::span<const float> values, std::size_t rows, std::size_t columns) : rows_(rows) {
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromMat_omp(values.data(), rows, columns,
                                   std::numeric_limits<float>::quiet_NaN(), &handle,
                                   rows < kRowsWorthThreads ? 1 : 0));
  handle_ = {handle, [](void* matrix) { XGDMatrixFree(matrix); }};
}

Matrix::Matrix(std::span<const float> values, std::size_t rows, std::size_t columns,
               std::span<const float> labels)
    : Matrix(values, rows, columns) {
  set_labels(labels);
}

Matrix::Matrix(const SparseRows& rows) : rows_(rows.rows()) {
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromCSREx(rows.starts.data(), rows.places.data(), rows.values.data(),
                                 rows.starts.size(), rows.values.size(), rows.columns, &handle));
  handle_ = {handle, [](void* matrix) { XGDMatrixFree(matrix); }};
}

void Matrix::set_labels(std::span<const float> labels) {
  check(XGDMatrixSetFloatInfo(handle(), "label", labels.data(), labels.size()));
}

void Matrix::set_weights(std::span<const float> weights) {
  check(XGDMatrixSetFloatInfo(handle(), "weight", weights.data(), weights.size()));
}

Booster::Booster(const Parameters& parameters, std::span<const Matrix* const> matrices) {
  std::vector<DMatrixHandle> handles;
  for (const Matrix* matrix : matrices) handles.push_back(matrix->handle());
  BoosterHandle handle = nullptr;
  check(XGBoosterCreate(handles.data(), handles.size(), &handle));
  handle_ = own_booster(handle);
  for (const auto& [name, value] : parameters) {
    check(XGBoosterSetParam(handle, name.c_str(), value.c_str()));
  }
  check(XGBoosterSetParam(handle, "nthread", "1"));
}

Booster::Booster(std::string_view model) {
  if (model.starts_with(kPickle)) {
    throw BoosterError(
        "the model is a Python pickle, which is a program rather than data: save it with "
        "Booster.save_model");
  }
  BoosterHandle handle = nullptr;
  check(XGBoosterCreate(nullptr, 0, &handle));
  handle_ = own_booster(handle);
  check(XGBoosterLoadModelFromBuffer(handle, model.data(), model.size()));
  check(XGBoosterSetParam(handle, "nthread", "1"));
}

void Booster::grow(int round, const Matrix& matrix) {
  check(XGBoosterUpdateOneIter(handle_.get(), round, matrix.handle()));
}

std::vector<double> Booster::evaluate(int round, std::span<const Matrix* const> matrices) {
  std::vector<DMatrixHandle> handles;
  for (const Matrix* matrix : matrices) handles.push_back(matrix->handle());
  std::vector<const char*> names(matrices.size(), "m");
  const char* text = nullptr;
  check(XGBoosterEvalOneIter(handle_.get(), round, handles.data(), names.data(), names.size(),
                             &text));
  // The answer reads "[7]\tm-mae:12.5\tm-mae:13.1".
  std::vector<double> values;
  std::string_view rest = text;
  for (auto tab = rest.find('\t'); tab != std::string_view::npos; tab = rest.find('\t')) {
    rest.remove_prefix(tab + 1);
    values.push_back(std::strtod(rest.substr(rest.find(':') + 1).data(), nullptr));
  }
  return values;
}

std::vector<NamedMetric> Booster::metrics(int round, const Matrix& matrix) {
  DMatrixHandle handle = matrix.handle();
  const char* name = "m";
  const char* text = nullptr;
  check(XGBoosterEvalOneIter(handle_.get(), round, &handle, &name, 1, &text));
  // The answer reads "[7]\tm-mae:12.5\tm-error@0.3:0.25".
  std::vector<NamedMetric> found;
  std::string_view rest = text;
  for (auto tab = rest.find('\t'); tab != std::string_view::npos; tab = rest.find('\t')) {
    rest.remove_prefix(tab + 1);
    const std::string_view one = rest.substr(0, rest.find('\t'));
    const auto colon = one.rfind(':');
    found.push_back({std::string(one.substr(2, colon - 2)),
                     std::strtod(std::string(one.substr(colon + 1)).c_str(), nullptr)});
  }
  return found;
}

Booster Booster::first_rounds(int rounds) const {
  BoosterHandle handle = nullptr;
  check(XGBoosterSlice(handle_.get(), 0, rounds, 1, &handle));
  return Booster(own_booster(handle));
}

std::vector<float> Booster::predict(const Matrix& matrix, int rounds) const {
  return predict_from(handle_.get(), matrix, 0, rounds);
}

std::vector<float> Booster::predict(std::span<const float> values, std::size_t rows) const {
  if (rows == 0) return {};
  static constexpr const char* kConfig =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,)"
      R"("missing":NaN,"cache_id":0})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  check(XGBoosterPredictFromDense(handle_.get(),
                                  array_interface(values, rows, values.size() / rows).c_str(),
                                  kConfig, nullptr, &shape, &dimensions, &result));
  return copy_result(shape, dimensions, result);
}

std::vector<float> Booster::contributions(const Matrix& matrix) const {
  return predict_from(handle_.get(), matrix, 2, 0);
}

std::size_t Booster::features() const {
  bst_ulong count = 0;
  check(XGBoosterGetNumFeature(handle_.get(), &count));
  return count;
}

std::string Booster::save(const char* config) const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  check(XGBoosterSaveModelToBuffer(handle_.get(), config, &size, &bytes));
  return {bytes, size};
}

}  // namespace pipelines
