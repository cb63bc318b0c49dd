// What serving computes from a beer's text is what training reads from the beer's row: every
// feature, bit for bit, and every flag.
#include "beer/brewery/brewery.h"
#include "beer/cleaned.h"
#include "beer/features.h"
#include "beer/reading.h"
#include "beer/testing_beers.h"
#include "pipelines/files.h"
#include "pipelines/preprocess/cleaned_rows.h"
#include "pipelines/test_beers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

namespace pipelines {
namespace {

/// What the two sides have to agree on, of one beer.
struct Served {
  std::int64_t id = 0;
  std::string flags;
  std::vector<float> features;
};

Served served(const std::string& text) {
  beer::Reading reading = beer::read_beer(text);
  return {reading.beer.id, fmt::format("{}", fmt::join(reading.flags, ",")),
          std::move(reading.features)};
}

/// The beers as the endpoint understands them, and as lines of the table's file.
struct Batch {
  std::vector<Served> beers;
  std::string lines;

  void add(const std::string& text) {
    beers.push_back(served(text));
    const beer::Cleaned row = beer::clean(text, {});
    EXPECT_EQ(row.findings, beers.back().flags);
    lines += row.to_json() + "\n";
  }
};

/// Bits, but any missing value is as missing as another.
bool same(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

void expect_parity(const std::vector<Batch>& batches) {
  testing::Root root;
  std::size_t beers = 0;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    write_file(root.path() / fmt::format("rows-{}.json", i), batches[i].lines);
    beers += batches[i].beers.size();
  }
  const CleanedRows read = read_cleaned(root.path());
  ASSERT_EQ(read.rows.size(), beers);
  std::size_t row = 0;
  for (const Batch& batch : batches) {
    for (const Served& beer : batch.beers) {
      ASSERT_EQ(read.rows[row].id, beer.id);
      const auto features = read.features_of(row++);
      for (std::size_t i = 0; i < beer.features.size(); ++i) {
        ASSERT_TRUE(same(features[i], beer.features[i]))
            << beer::features()[i].name << " of beer " << beer.id;
      }
    }
  }
}

TEST(Parity, HoldsForTheRealCatalogue) {
  Batch batch;
  for (const std::string& text : beer::testing::real_beers()) batch.add(text);
  if (batch.beers.empty()) {
    GTEST_SKIP() << "punk_api_beers.json is not at hand (BEER_DATA_DIR)";
  }
  expect_parity({batch});
}

TEST(Parity, HoldsForSimulatedBeers) {
  constexpr std::uint64_t kBeers = 100'000, kThreads = 2;
  std::vector<Batch> batches(kThreads);
  {
    const beer::Brewery brewery(11);
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (std::uint64_t id = i * kBeers / kThreads + 1; id <= (i + 1) * kBeers / kThreads;
             ++id) {
          batches[i].add(brewery.beer(id));
        }
      });
    }
  }
  expect_parity(batches);
}

}  // namespace
}  // namespace pipelines
