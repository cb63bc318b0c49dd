// Queries over records: what they find, and what they may not do.
#include "engine/services/firehose/jq.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace engine::firehose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string error_of(const std::string& query, const std::string& record) {
  try {
    Query(query).run(record);
  } catch (const QueryError& error) {
    return error.what();
  }
  return "";
}

TEST(Query, FindsStringsNumbersAndBooleans) {
  const Query query("{style: .style, abv: .abv, cold: .cold, year: .at|strftime(\"%Y\")}");
  const std::string record = R"({"style":"IPA","abv":4.5,"cold":true,"at":1565382027})";
  for (int again = 0; again < 3; ++again) {
    EXPECT_THAT(query.run(record), ElementsAre(Pair("abv", "4.5"), Pair("cold", "true"),
                                               Pair("style", "IPA"), Pair("year", "2019")));
  }
}

TEST(Query, LeavesOutWhatIsNotThere) {
  EXPECT_THAT(Query("{style:.style, name:.name}").run(R"({"style":null,"name":""})"), IsEmpty());
}

TEST(Query, GoesOnAfterARecordItCouldNotRead) {
  const Query query("{id: .id|ascii_downcase}");
  EXPECT_THROW(query.run("{\"id\":1}"), QueryError);
  EXPECT_THROW(query.run("no json"), QueryError);
  EXPECT_THROW(query.run(""), QueryError);
  EXPECT_THAT(query.run("{\"id\":\"IPA\"}"), ElementsAre(Pair("id", "ipa")));
}

TEST(Query, SaysWhyItFoundNothing) {
  EXPECT_THAT(error_of("{id:.id}", "ale"), HasSubstr("Non JSON"));
  EXPECT_THAT(error_of(".id", "{\"id\":1}"), HasSubstr("no object"));
  EXPECT_THAT(error_of("empty", "{}"), HasSubstr("nothing"));
  EXPECT_THAT(error_of("{id:.id}", "{\"id\":[1]}"), HasSubstr("must be strings"));
  EXPECT_THAT(error_of("{id:.id.x}", "{\"id\":1}"), HasSubstr("Cannot index number"));
}

TEST(Query, IsRefusedInJqsOwnWords) {
  EXPECT_THAT(error_of("{id:.id", "{}"), HasSubstr("syntax error"));
  EXPECT_THAT(error_of("{id:nobody(.id)}", "{}"), HasSubstr("nobody/1 is not defined"));
}

TEST(Query, SeesNothingButItsRecord) {
  setenv("BREWERY_SECRET", "hops", 1);
  EXPECT_THAT(
      Query("{a: env.BREWERY_SECRET, b: $ENV.BREWERY_SECRET, env: .env}").run("{\"env\":\"dev\"}"),
      ElementsAre(Pair("env", "dev")));
  EXPECT_THAT(error_of("import \"a\" as a; {}", "{}"), HasSubstr("syntax error"));
  EXPECT_THAT(error_of("{a: input}", "{}"), HasSubstr("not available"));
  EXPECT_THAT(error_of("halt", "{}"), HasSubstr("not available"));
}

TEST(Query, CannotReachWhatBuiltinsAreMadeOf) {
  for (const char* query : {"{k:_input}", "{k:[_nwise(0)]}", "{k:_strindices(1)}", "{k:_flatten(1)}", "{k:old}"}) {
    EXPECT_EQ(error_of(query, "{}"), "not available in a query") << query;
  }
}

TEST(Query, ComputesNoNaN) {
  for (const char* index : {"infinite-infinite", "infinite*0", "infinite/infinite", "[infinite,-infinite]|add",
                            "\"nan\"|tonumber", "infinite|sin", "fmod(1;0)", "-1|sqrt"}) {
    EXPECT_EQ(error_of(fmt::format("{{k:.l[({}):]}}", index), "{\"l\":[1]}"), "the result is not a number") << index;
  }
  for (const char* query : {"{k:.l[nan:]}", "{k:.l|del(.[nan])}", "{k:.l[(\"[nan]\"|fromjson[0]):]}"}) {
    EXPECT_EQ(error_of(query, "{\"l\":[1]}"), "not available in a query") << query;
  }
  EXPECT_THAT(error_of("{k:.l[(1e200*1e200-1e200*1e200):]}", "{}"), HasSubstr("too large"));
  EXPECT_THAT(error_of("{k:.l[.n:]}", "{\"l\":[1],\"n\":nan}"), HasSubstr("Non JSON"));
  EXPECT_THAT(Query("{k:.n}").run("{\"n\":\"nan\"}"), ElementsAre(Pair("k", "nan")));
  EXPECT_THAT(Query("{k:[(1,2)+(10,20)]|tojson}").run("{}"), ElementsAre(Pair("k", "[11,12,21,22]")));
}

TEST(Query, DividesByMinusOne) {
  EXPECT_THAT(Query("{k:(.a % .b)}").run("{\"a\":-9223372036854775808,\"b\":-1}"), ElementsAre(Pair("k", "0")));
  EXPECT_THAT(Query("{k:(.a % .b)}").run("{\"a\":7,\"b\":4}"), ElementsAre(Pair("k", "3")));
}

TEST(Query, FindsNothingInNothing) {
  EXPECT_THAT(Query(".b as $b | .a | {k:indices($b)|tojson, l:index($b), m:rindex($b), n:index(\"l\")}")
                  .run("{\"a\":\"ale\",\"b\":\"\"}"),
              ElementsAre(Pair("k", "[]"), Pair("n", "1")));
  EXPECT_THAT(Query("{k:.a|sub(\"\";\"-\";\"g\")}").run("{\"a\":\"ale\"}"), ElementsAre(Pair("k", "-a-l-e")));
}

TEST(Query, SaysThatATimeIsOutOfRange) {
  for (const char* query : {"{a: .t|todate}", "{a: .t|strftime(\"%Y\")}", "{a: .t|gmtime|mktime}", "{a: .t|date}",
                            "{a: .t|strflocaltime(\"%Y\")}", "{a: .t|localtime|mktime}"}) {
    EXPECT_EQ(error_of(query, "{\"t\":1e18}"), "the time is out of range") << query;
  }
  EXPECT_THAT(Query("{a: .t|strftime(\"%Y\")}").run("{\"t\":1767225600}"), ElementsAre(Pair("a", "2026")));
}

TEST(Query, ReplacesWhatIsEmptyAndTakesNoMoreThanItShould) {
  EXPECT_THAT(Query("{a: .x|gsub(\"\";\"-\")}").run("{\"x\":\"ale\"}"), ElementsAre(Pair("a", "-a-l-e")));
  EXPECT_THAT(Query("{a: .x|gsub(\"(?<v>[ae])\";\"<\\(.v)>\")}").run("{\"x\":\"ale\"}"),
              ElementsAre(Pair("a", "<a>l<e>")));
  EXPECT_THAT(Query("{a: (\"x\" * 3)} | .b = 1 | .b += 1").run("{}"), ElementsAre(Pair("a", "xxx"), Pair("b", "2")));
  for (const char* query : {"{a: (\"x\" * 1e9)}", "{a: ([] | .[99999999] = 1 | length)}",
                            "{a: ([] | .[99999999] |= 1 | length)}", "{a: ([] | setpath([99999999]; 1))}"}) {
    EXPECT_THAT(error_of(query, "{}"), HasSubstr("not available")) << query;
  }
}

TEST(Query, CannotRunForEver) {
  EXPECT_THAT(error_of("def#\nf: f; f", "{}"), HasSubstr("cannot define"));
  EXPECT_THAT(error_of("def f: f; f", "{}"), HasSubstr("cannot define"));
  EXPECT_THAT(error_of("{a: last(repeat(1))}", "{}"), HasSubstr("not available"));
  EXPECT_THAT(error_of("{a: last(range(infinite))}", "{}"), HasSubstr("not available"));
  EXPECT_THAT(Query("{a: ([.. | numbers] | add)}").run("{\"x\":[1,{\"y\":2}]}"),
              ElementsAre(Pair("a", "3")));
  EXPECT_THAT(Query("{def: .def}").run("{\"def\":1}"), ElementsAre(Pair("def", "1")));
}

}  // namespace
}  // namespace engine::firehose
