// AWS's ways of writing time.
#include "lib/base/time_text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

constexpr Timestamp kMoment{Milliseconds(1'767'323'045'678)};  // 2026-01-02 03:04:05.678
constexpr Timestamp kWhole{Milliseconds(1'767'323'045'000)};

TEST(TimeText, IsWrittenInEachForm) {
  EXPECT_EQ(to_iso8601(kMoment), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(to_iso8601(kWhole), "2026-01-02T03:04:05Z");
  EXPECT_EQ(to_iso8601_millis(kWhole), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(to_http_date(kMoment), "Fri, 02 Jan 2026 03:04:05 GMT");
  EXPECT_EQ(to_amz_date(kMoment), "20260102T030405Z");
  EXPECT_EQ(format_utc(kMoment, "%Y/%m/%d/%H"), "2026/01/02/03");
}

TEST(TimeText, IsReadBack) {
  EXPECT_EQ(from_iso8601(to_iso8601(kMoment)), kMoment);
  EXPECT_EQ(from_http_date(to_http_date(kWhole)), kWhole);
  EXPECT_EQ(from_amz_date(to_amz_date(kWhole)), kWhole);
}

TEST(TimeText, ReadsOffsetsAndFractionsOfAnyLength) {
  EXPECT_EQ(from_iso8601("2026-01-02T00:04:05-03:00"), kWhole);
  EXPECT_EQ(from_iso8601("2026-01-02T08:34:05.678+05:30"), kMoment);
  EXPECT_EQ(from_iso8601("2026-01-02T03:04:05.6789999Z"), kMoment);
  EXPECT_EQ(from_iso8601("2026-01-02T03:04:05"), kWhole);
}

TEST(TimeText, RefusesWhatIsNotATime) {
  for (const std::string_view text : {"", "2026-01-02", "2026-01-02T03:04:05Q", "now"}) {
    EXPECT_EQ(from_iso8601(text), std::nullopt) << text;
  }
  EXPECT_EQ(from_http_date("Fri, 02 Jan 2026 03:04:05 GMT+1"), std::nullopt);
  EXPECT_EQ(from_amz_date("20260102T030405"), std::nullopt);
  EXPECT_EQ(from_amz_date("20261302T030405Z"), std::nullopt);
}

TEST(TimeText, HoldsBeforeTheEpoch) {
  EXPECT_EQ(to_iso8601(Timestamp(Milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace base
