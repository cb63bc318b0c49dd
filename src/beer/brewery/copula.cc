// The copula's linear algebra and its quantile functions.
#include "beer/brewery/copula.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace beer {
namespace {

constexpr std::size_t kSteps = std::tuple_size_v<Quantiles> - 1;
// Added to the diagonal: measured correlations of 393 beers need not be quite positive definite,
// and three of the fields are nearly the same thing.
constexpr double kRidge = 0.05;

// How much more than linear correlation tells a recipe decides its bitterness: set so that the
// models measured on the real catalogue err as much on the simulated one.
constexpr double kPhysics = 1.45;

using Matrix = std::array<std::array<double, kObservedFields>, kObservedFields>;

// The lower triangle L with L L' = the correlation of the observed fields.
Matrix cholesky() {
  const Correlation& correlation = within_cluster_correlation();
  Matrix lower{};
  for (std::size_t row = 0; row < kObservedFields; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      double sum = correlation[row][column] + (row == column ? kRidge : 0.0);
      for (std::size_t k = 0; k < column; ++k) sum -= lower[row][k] * lower[column][k];
      lower[row][column] =
          row == column ? std::sqrt(std::max(sum, 1e-6)) : sum / lower[column][column];
    }
  }
  return lower;
}

// How the ibu's score follows from the others', and the deviation of what doesn't.
struct Regression {
  std::array<double, kObservedFields> weights{};
  double deviation = 1;
};

Regression regress_ibu(const Matrix& lower) {
  const auto& with_ibu = within_cluster_correlation()[static_cast<std::size_t>(Field::kIbu)];
  Regression result;
  auto& w = result.weights;
  for (std::size_t i = 0; i < kObservedFields; ++i) {  // forward: L y = c
    w[i] = with_ibu[i];
    for (std::size_t k = 0; k < i; ++k) w[i] -= lower[i][k] * w[k];
    w[i] /= lower[i][i];
  }
  for (std::size_t i = kObservedFields; i-- > 0;) {  // back: L' w = y
    for (std::size_t k = i + 1; k < kObservedFields; ++k) w[i] -= lower[k][i] * w[k];
    w[i] /= lower[i][i];
  }
  double explained = 0;
  for (std::size_t i = 0; i < kObservedFields; ++i) {
    w[i] *= kPhysics;
    explained += kPhysics * w[i] * with_ibu[i];
  }
  result.deviation = std::sqrt(std::max(0.0, 1.0 - explained));
  return result;
}

struct Copula {
  Matrix lower = cholesky();
  Regression ibu = regress_ibu(lower);
};

const Copula& copula() {
  static const Copula kCopula;
  return kCopula;
}

}  // namespace

double quantile(const Quantiles& quantiles, double probability) {
  double place = std::clamp(probability, 0.0, 1.0) * kSteps;
  auto step = std::min(static_cast<std::size_t>(place), kSteps - 1);
  double part = place - static_cast<double>(step);
  return quantiles[step] + part * (quantiles[step + 1] - quantiles[step]);
}

double probability(const Quantiles& quantiles, double value) {
  constexpr double kEdge = 0.01;
  auto below = std::lower_bound(quantiles.begin(), quantiles.end(), value);
  auto above = std::upper_bound(quantiles.begin(), quantiles.end(), value);
  double place = 0;
  if (below != above) {
    place = static_cast<double>((below - quantiles.begin()) + (above - 1 - quantiles.begin())) / 2;
  } else if (below == quantiles.end()) {
    place = kSteps;
  } else if (below != quantiles.begin()) {
    double low = *(below - 1);
    place = static_cast<double>(below - 1 - quantiles.begin()) + (value - low) / (*below - low);
  }
  return std::clamp(place / kSteps, kEdge, 1.0 - kEdge);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// Abramowitz and Stegun 26.2.23, then one step of Newton: exact to about 1e-6, and far cheaper than
// anyone can notice.
double normal_quantile(double p) {
  double tail = std::min(p, 1.0 - p);
  double t = std::sqrt(-2.0 * std::log(tail));
  double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                     (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  if (p < 0.5) z = -z;
  double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
  return z - (normal_cdf(z) - p) / density;
}

Draw draw_fields(const Cluster& cluster, Random& random) {
  const Matrix& lower = copula().lower;
  std::array<double, kDrawnFields> noise;
  for (double& value : noise) value = random.normal();
  Draw draw{};
  for (std::size_t field = 0; field < kDrawnFields; ++field) {
    double score = 0;
    for (std::size_t k = 0; k <= field; ++k) score += lower[field][k] * noise[k];
    draw.scores[field] = score;
    draw.values[field] = quantile(cluster.quantiles[field], normal_cdf(score));
  }
  return draw;
}

double draw_ibu(const Cluster& cluster, const Draw& draw, double tinseth, double rager,
                double kettle_alpha, Random& random) {
  const Regression& regression = copula().ibu;
  std::array<double, kObservedFields> scores{};
  std::copy(draw.scores.begin(), draw.scores.end(), scores.begin());
  auto computed = [&](Field field, double value) {
    scores[static_cast<std::size_t>(field)] = normal_quantile(probability(cluster[field], value));
  };
  computed(Field::kTinseth, tinseth);
  computed(Field::kRager, rager);
  computed(Field::kKettleAlpha, kettle_alpha);
  double score = regression.deviation * random.normal();
  for (std::size_t i = 0; i < kObservedFields; ++i) score += regression.weights[i] * scores[i];
  return std::clamp(quantile(cluster[Field::kIbu], normal_cdf(score)), 0.0, 100.0);
}

}  // namespace beer
