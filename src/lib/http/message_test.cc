// What HTTP messages promise.
#include "lib/http/message.h"

#include "lib/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace http {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string temporary_file(std::string_view bytes) {
  const auto path =
      std::filesystem::temp_directory_path() / ("beer-message-" + base::Ids().hex(12));
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

TEST(Headers, FindNamesWithoutRegardToCase) {
  const Headers headers{{"Content-Type", "text/plain"}, {"content-type", "second"}};
  EXPECT_EQ(headers.get("CONTENT-TYPE"), "text/plain");
  EXPECT_FALSE(headers.has("content-typ"));
  EXPECT_EQ(headers.get("absent", "fallback"), "fallback");
}

TEST(Headers, SetReplacesEveryFieldOfTheNameInPlaceOfTheFirst) {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.set("A", "4");
  EXPECT_THAT(std::vector(headers.begin(), headers.end()),
              ElementsAre(Pair("a", "4"), Pair("b", "2")));
  headers.set("c", "5");
  EXPECT_EQ(headers.get("c"), "5");
}

TEST(Headers, RemoveDropsEveryFieldOfTheName) {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.remove("a");
  EXPECT_THAT(std::vector(headers.begin(), headers.end()), ElementsAre(Pair("b", "2")));
}

TEST(Body, HoldsBytesInMemoryAndSharesThemWithCopies) {
  const Body body(std::string("malt\0hops", 9));
  const Body copy = body;
  EXPECT_TRUE(copy.in_memory());
  EXPECT_EQ(copy.string(), std::string("malt\0hops", 9));
  EXPECT_EQ(copy.view().data(), body.view().data());
  EXPECT_EQ(Body().view(), "");
  EXPECT_EQ(Body().string(), "");
}

TEST(Body, ReadsASpanOfAFileAndLeavesTheFile) {
  const std::string path = temporary_file("0123456789");
  {
    const Body body = Body::file(path, 3, 4);
    EXPECT_EQ(body.size(), 4u);
    EXPECT_EQ(body.offset(), 3u);
    EXPECT_FALSE(body.in_memory());
    EXPECT_EQ(body.string(), "3456");
  }
  EXPECT_TRUE(std::filesystem::remove(path));
}

TEST(Body, UnlinksASpooledFileWithItsLastCopy) {
  const std::string path = temporary_file("yeast");
  auto body = std::make_unique<Body>(Body::spooled(path, 5));
  auto copy = std::make_unique<Body>(*body);
  body.reset();
  EXPECT_EQ(copy->string(), "yeast");
  copy.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Body, GivesASpooledFileToTheFirstThatAdoptsIt) {
  const std::string path = temporary_file("yeast");
  {
    Body body = Body::spooled(path, 5);
    Body copy = body;
    EXPECT_EQ(body.adopt(), path);
    EXPECT_EQ(copy.adopt(), std::nullopt);
  }
  EXPECT_TRUE(std::filesystem::remove(path));
  EXPECT_EQ(Body("bytes").adopt(), std::nullopt);
  EXPECT_EQ(Body::file(path, 0, 1).adopt(), std::nullopt);
}

TEST(Body, ComesInPiecesOfAtMostAMebibyte) {
  const std::string bytes(2'500'000, 'x');
  const std::string path = temporary_file(bytes);
  for (const Body& body : {Body(bytes), Body::spooled(path, bytes.size())}) {
    std::vector<std::size_t> sizes;
    body.for_each_piece([&](std::string_view piece) { sizes.push_back(piece.size()); });
    EXPECT_THAT(sizes, ElementsAre(1 << 20, 1 << 20, 2'500'000 - (2 << 20)));
  }
}

TEST(Body, SaysWhichFileIsMissingOrTooShort) {
  EXPECT_THROW(Body::file("/nonexistent/beer", 0, 1).string(), std::system_error);
  const std::string path = temporary_file("abc");
  try {
    Body::spooled(path, 10).string();
    FAIL() << "a file shorter than the body was read";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(path));
  }
}

TEST(Request, SplitsItsTargetAtTheFirstQuestionMark) {
  Request request;
  request.target = "/a%20b/c?x=1?2";
  EXPECT_EQ(request.path(), "/a%20b/c");
  EXPECT_EQ(request.query(), "x=1?2");
  request.target = "/plain";
  EXPECT_EQ(request.path(), "/plain");
  EXPECT_EQ(request.query(), "");
}

TEST(ParseQuery, DecodesPairsInOrderAndKeepsEmptyValues) {
  EXPECT_THAT(parse_query("a&b=&c=1%3D2&&d=x+y&a=again&=v"),
              ElementsAre(Pair("a", ""), Pair("b", ""), Pair("c", "1=2"), Pair("d", "x y"),
                          Pair("a", "again"), Pair("", "v")));
  EXPECT_TRUE(parse_query("").empty());
}

TEST(Reason, KnowsTheCommonStatusesAndIsEmptyForOthers) {
  EXPECT_EQ(reason(200), "OK");
  EXPECT_EQ(reason(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason(799), "");
}

}  // namespace
}  // namespace http
