// The directions tastes move in.
#include "beer/brewery/tastes.h"

#include <algorithm>
#include <cmath>

namespace beer {
namespace {

// By how much the logarithm of a cluster's share moves in a year: pale, imperial stout, hazy, sour,
// IPA, lager, strong ale, stout.
constexpr std::array<double, kClusters> kFashion{-0.4, -0.1, 0.6, 0.5, -0.4, 0.2, -0.2, -0.3};

// The same for the grams of a phase.
struct Move {
  Field field;
  double by;
};
constexpr auto kHopMoves = std::to_array<Move>({{Field::kHopStart, -0.15},
                                                {Field::kHopMiddle, -0.15},
                                                {Field::kHopEnd, -0.1},
                                                {Field::kHopFlameOut, 0.15},
                                                {Field::kHopDry, 0.15}});
constexpr double kMilderLabels = -0.07;

}  // namespace

Tastes::Tastes(double years) : years_(std::clamp(years, 0.0, kSettled)) {
  for (std::size_t i = 0; i < kClusters; ++i) {
    shares_[i] = clusters()[i].share * (moved() ? std::exp(kFashion[i] * years_) : 1.0);
  }
}

void Tastes::season(Draw& draw) const {
  if (!moved()) return;
  for (const Move& move : kHopMoves) {
    draw.values[static_cast<std::size_t>(move.field)] *= std::exp(move.by * years_);
  }
}

double Tastes::stated_ibu(double ibu) const {
  return moved() ? ibu * std::exp(kMilderLabels * years_) : ibu;
}

}  // namespace beer
