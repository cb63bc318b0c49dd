// Sessions and links: how they open, and that they end.
#include "engine/console/sessions.h"

#include <gtest/gtest.h>

namespace engine::console {
namespace {

struct SessionsOfThePage : testing::Test {
  KeyStore keys;
  base::ManualClock clock;
  Sessions sessions{keys, clock};

  bool good(const Session& session) const {
    const auto found = keys.find(session.credentials.access_key_id, "", clock.now());
    return found && found->secret == session.credentials.secret_access_key;
  }
};

TEST_F(SessionsOfThePage, HaveKeysThatTheGatewayTakes) {
  const Session one = sessions.open(), other = sessions.open();
  EXPECT_TRUE(good(one));
  EXPECT_TRUE(good(other));
  EXPECT_EQ(one.credentials.access_key_id.substr(0, 4), "ASIA");
  EXPECT_EQ(one.credentials.access_key_id.size(), 20u);
  EXPECT_EQ(one.credentials.secret_access_key.size(), 40u);
  EXPECT_NE(one.credentials.secret_access_key, other.credentials.secret_access_key);
}

TEST_F(SessionsOfThePage, EndWhenTheyAreClosed) {
  const Session one = sessions.open(), other = sessions.open();
  EXPECT_TRUE(sessions.close(one.credentials.access_key_id));
  EXPECT_FALSE(good(one));
  EXPECT_TRUE(good(other));
  EXPECT_FALSE(sessions.close(one.credentials.access_key_id));
}

TEST_F(SessionsOfThePage, EndAfterTheirTime) {
  const Session session = sessions.open();
  clock.advance(kSessionLifetime - base::Milliseconds(1));
  EXPECT_TRUE(good(session));
  clock.advance(base::Milliseconds(1));
  EXPECT_FALSE(good(session));
}

TEST_F(SessionsOfThePage, TakeThePlaceOfTheOldestWhenThereAreTooMany) {
  const Session oldest = sessions.open();
  for (std::size_t i = 0; i < kMostSessions; ++i) {
    clock.advance(base::Milliseconds(1));
    sessions.open();
  }
  EXPECT_FALSE(good(oldest));
}

TEST_F(SessionsOfThePage, CloseNoKeyOfTheEngine) {
  keys.add({"AKIAIOSFODNN7EXAMPLE", "secret", {}});
  EXPECT_FALSE(sessions.close("AKIAIOSFODNN7EXAMPLE"));
  EXPECT_TRUE(keys.find("AKIAIOSFODNN7EXAMPLE", "", clock.now()));
}

TEST_F(SessionsOfThePage, OpenOnceByALink) {
  const std::string word = sessions.make_link();
  const auto session = sessions.redeem(word);
  ASSERT_TRUE(session);
  EXPECT_TRUE(good(*session));
  EXPECT_FALSE(sessions.redeem(word));
}

TEST_F(SessionsOfThePage, AreNotOpenedByAnOldOrWrongWord) {
  const std::string word = sessions.make_link();
  EXPECT_FALSE(sessions.redeem(""));
  EXPECT_FALSE(sessions.redeem(std::string(word.size(), '0')));
  clock.advance(kLinkLifetime);
  EXPECT_FALSE(sessions.redeem(word));
}

}  // namespace
}  // namespace engine::console
