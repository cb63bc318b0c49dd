// Pieces of work on several threads.
#include "pipelines/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace pipelines {
namespace {

TEST(InParallel, DoesEveryPieceOnce) {
  std::vector<std::atomic<int>> done(1000);
  in_parallel(done.size(), [&](std::size_t i) { ++done[i]; });
  for (const auto& times : done) EXPECT_EQ(times, 1);
  in_parallel(0, [](std::size_t) { FAIL(); });
  EXPECT_GE(processors(), 1U);
}

TEST(InParallel, ThrowsWhatTheFirstFailingPieceThrew) {
  for (int round = 0; round < 50; ++round) {
    try {
      in_parallel(64, [](std::size_t i) {
        if (i >= 5) throw std::runtime_error(std::to_string(i));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "5");
    }
  }
}

}  // namespace
}  // namespace pipelines
