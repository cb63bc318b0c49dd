// What is kept is looked at after each start.
#include "engine/services/kinesis/test_engine.h"
#include "lib/io/file.h"

#include <fcntl.h>

#include <filesystem>

namespace engine::kinesis {
namespace {

TEST_F(KinesisTest, FindsDamageThatOpeningBelievedAway) {
  const KinesisOptions options{.log = {.segment_bytes = 200'000}};
  start(options);
  make_stream("beers", 1);
  for (int i = 0; i < 12; ++i) put("beers", "key", std::string(20'000, 'x'));
  const std::string shard = folder.path() + "/streams/beers/" + kShard;
  const std::string segment = shard + "/00000000000000000000.log";
  const std::string index = shard + "/00000000000000000000.index";
  ASSERT_TRUE(std::filesystem::exists(index));
  kinesis.reset();
  io::write_at(io::open_file(segment, O_RDWR), "damage", 30'000);

  start(options);
  kinesis->impl().verify({});
  EXPECT_FALSE(std::filesystem::exists(index));  // the next opening reads the segment, and reports
  EXPECT_EQ(data_of("beers").size(), 11u);
}

}  // namespace
}  // namespace engine::kinesis
