// Models err on the simulated brewery's beers about as much as on the real catalogue's.
#include "judge.h"

#include <gtest/gtest.h>

namespace bench {
namespace {

// On the real ones: 21.1 by the mean, 15.1 by the six fields, 11.1 with the recipe.
TEST(SimulatedBeers, AreAsHardToPredictAsRealOnes) {
  for (std::uint64_t seed : {7, 8}) {
    const Errors errors = judge(simulated(seed), 1);
    EXPECT_GE(errors.recipe, 8) << "seed " << seed;
    EXPECT_LE(errors.recipe, 14) << "seed " << seed;
    EXPECT_GE(errors.six, 12) << "seed " << seed;
    EXPECT_LE(errors.six, 19) << "seed " << seed;
    EXPECT_GE(errors.mean, 18) << "seed " << seed;
    EXPECT_LE(errors.mean, 25) << "seed " << seed;
    EXPECT_LT(errors.recipe, errors.six) << "seed " << seed;
    EXPECT_LT(errors.six, errors.mean) << "seed " << seed;
  }
}

}  // namespace
}  // namespace bench
