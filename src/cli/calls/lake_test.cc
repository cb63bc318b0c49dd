#include "cli/calls/lake.h"

#include "lib/base/encoding.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

// Written by another gzip: {"id":1} and {"id":2}, each with a newline.
const std::string kFirst =
    *base::from_hex("1f8b08000000000002ffab56ca4c51b232ace50200546d9dd909000000");
const std::string kSecond =
    *base::from_hex("1f8b08000000000002ffab56ca4c51b232aae502000dd3dbdb09000000");

TEST(Gunzip, ReadsEveryMember) {
  EXPECT_EQ(gunzip(kFirst), "{\"id\":1}\n");
  EXPECT_EQ(gunzip(kFirst + kSecond), "{\"id\":1}\n{\"id\":2}\n");
}

TEST(Gunzip, RefusesWhatIsNoGzipOrEndsEarly) {
  EXPECT_THROW(gunzip("beers"), std::runtime_error);
  EXPECT_THROW(gunzip(kFirst.substr(0, kFirst.size() - 12)), std::runtime_error);
}

}  // namespace
}  // namespace cli
