// Cutting JSON text.
#include "beer/json_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ArrayPieces, AreTheElementsAsTheyWereWritten) {
  EXPECT_THAT(array_pieces(R"( [ {"a":[1,2]} , 1.50,"x,]\"," ,[] ] )"),
              Optional(ElementsAre(R"({"a":[1,2]})", "1.50", R"("x,]\",")", "[]")));
  EXPECT_THAT(array_pieces("[]"), Optional(IsEmpty()));
  EXPECT_THAT(array_pieces("[ \n]"), Optional(IsEmpty()));
}

TEST(ArrayPieces, LeaveABrokenElementToItsReader) {
  EXPECT_THAT(array_pieces("[1,,{\"a\":},2]"), Optional(ElementsAre("1", "", "{\"a\":}", "2")));
  EXPECT_THAT(array_pieces("[1,]"), Optional(ElementsAre("1", "")));
  EXPECT_THAT(array_pieces("[1,\"a\\]"), Optional(ElementsAre("1", "\"a\\")));
}

TEST(ArrayPieces, AreNoneOfWhatIsNoArray) {
  for (std::string_view text : {"", "[", "]", "{}", "[1", "1]", "[1],[2]", "[1]]"}) {
    EXPECT_FALSE(array_pieces(text)) << text;
  }
}

TEST(MemberPiece, IsTheLastOfItsName) {
  EXPECT_THAT(member_piece(R"({"a":1,"instances":[1,{"instances":2}] ,"b":"x"})", "instances"),
              Optional(std::string_view(R"([1,{"instances":2}])")));
  EXPECT_THAT(member_piece(R"({"a":1,"a": 2})", "a"), Optional(std::string_view("2")));
  EXPECT_FALSE(member_piece(R"({"ab":1})", "a"));
  EXPECT_FALSE(member_piece(R"({"b":{"a":1}})", "a"));
  EXPECT_FALSE(member_piece("{}", "a"));
  EXPECT_FALSE(member_piece("[]", "a"));
}

TEST(ObjectPieces, AreTheMembersInTheirOrder) {
  EXPECT_THAT(object_pieces(R"( {"a" : [1,{"b":2}] ,"q\"x":"}," , "c":, "a":3} )"),
              Optional(ElementsAre(Member("a", R"([1,{"b":2}])"), Member(R"(q\"x)", R"("},")"),
                                   Member("c", ""), Member("a", "3"))));
  EXPECT_THAT(object_pieces("{ }"), Optional(IsEmpty()));
}

TEST(ObjectPieces, AreNoneOfWhatIsNoObjectOfMembers) {
  for (std::string_view text : {"", "{", "[]", "{1}", "{\"a\"}", "{\"a}", "{\"a\\\":1}",
                                "{\"a\":1}}", "{\"a\":1,}", "{a:1}"}) {
    EXPECT_FALSE(object_pieces(text)) << text;
  }
}

}  // namespace
}  // namespace beer
