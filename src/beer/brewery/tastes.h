// How tastes move: what drinkers ask of a brewery that the catalogue's brewers weren't asked.
#pragma once

#include "beer/brewery/calibration.h"
#include "beer/brewery/copula.h"

#include <array>
#include <cstddef>

namespace beer {

/// Tastes `years` after the catalogue's: away from pale ale and bitter IPA to hazy, sour and light
/// beer; hops leave the kettle for the whirlpool and the fermenter; and what brewers print on the
/// label gets milder than their recipe. So both what comes in and what is to be predicted from it
/// move, and a model trained before has to notice. Nothing moves at 0; after kSettled no more.
class Tastes {
 public:
  static constexpr double kSettled = 4;

  explicit Tastes(double years);

  bool moved() const { return years_ > 0; }
  double years() const { return years_; }
  /// How often a cluster is brewed, beside the others.
  double share(std::size_t cluster) const { return shares_[cluster]; }
  /// Moves a draw's hops to where they are wanted.
  void season(Draw& draw) const;
  /// The bitterness that is stated for a recipe that the catalogue's brewers had given this one.
  double stated_ibu(double ibu) const;

 private:
  double years_;
  std::array<double, kClusters> shares_;
};

}  // namespace beer
