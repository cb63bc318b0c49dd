// Who is taken for this machine, and who isn't.
#include "engine/console/this_machine.h"

#include <gtest/gtest.h>

namespace engine::console {
namespace {

bool taken(std::string peer, std::string host) {
  return is_this_machine({.headers = {{"Host", std::move(host)}}, .body = {}, .peer = std::move(peer)});
}

TEST(ThisMachine, IsLoopbackByItsNames) {
  EXPECT_TRUE(taken("127.0.0.1:51234", "127.0.0.1:4577"));
  EXPECT_TRUE(taken("127.0.0.1:51234", "localhost:4577"));
  EXPECT_TRUE(taken("127.0.0.1:51234", "LocalHost"));
  EXPECT_TRUE(taken("[::1]:51234", "[::1]:4577"));
  EXPECT_TRUE(taken("127.0.0.1:51234", "127.0.0.1"));
}

TEST(ThisMachine, IsNoNameThatWasMadeToLeadHere) {
  for (const char* host : {"evil.example:4577", "localhost.evil.example:4577", "127.0.0.1.evil.example", "", "127.0.0.2.nip.io:4577"}) {
    EXPECT_FALSE(taken("127.0.0.1:51234", host)) << host;
  }
}

TEST(ThisMachine, IsNoPeerFromElsewhere) {
  EXPECT_FALSE(taken("192.168.1.7:51234", "127.0.0.1:4577"));
  EXPECT_FALSE(taken("[2001:db8::1]:51234", "localhost:4577"));
  EXPECT_FALSE(taken("", "localhost:4577"));
}

}  // namespace
}  // namespace engine::console
