// What can be gone back to.
#include "cli/calls/serving_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using testing::ElementsAre;

Served promoted(int version, int before = 0) { return {"", "promote", version, before, ""}; }
Served rolled_back(int version) { return {"", "rollback", version, 0, ""}; }

TEST(StandingVersions, AreWhatWasPromotedAndNotRolledBack) {
  EXPECT_THAT(standing_versions({}), ElementsAre());
  EXPECT_THAT(standing_versions({promoted(1), promoted(3), promoted(2)}), ElementsAre(1, 3, 2));
  EXPECT_THAT(standing_versions({promoted(1), promoted(2), promoted(3), rolled_back(2)}),
              ElementsAre(1, 2));
  EXPECT_THAT(standing_versions({promoted(1), promoted(2), rolled_back(1), promoted(3)}),
              ElementsAre(1, 3));
}

TEST(StandingVersions, BeginWithWhatServedBeforeTheLog) {
  EXPECT_THAT(standing_versions({promoted(5, 4)}), ElementsAre(4, 5));
  EXPECT_THAT(standing_versions({rolled_back(3)}), ElementsAre(3));
}

}  // namespace
}  // namespace cli
