// Identifiers of AWS's shapes.
#include "lib/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace base {
namespace {

using testing::MatchesRegex;

TEST(Ids, HaveTheShapesThatAwsUses) {
  Ids ids;
  EXPECT_THAT(ids.uuid(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                       "[0-9a-f]{12}"));
  EXPECT_THAT(ids.hex(16), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_THAT(ids.alnum(12), MatchesRegex("[a-z0-9]{12}"));
}

TEST(Ids, AreRepeatableFromASeedAndDifferentWithout) {
  Ids one(7), other(7);
  EXPECT_EQ(one.uuid(), other.uuid());
  EXPECT_EQ(one.number(), other.number());
  EXPECT_NE(Ids().uuid(), Ids().uuid());
}

TEST(Ids, DoNotRepeat) {
  Ids ids;
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(ids.uuid());
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace base
