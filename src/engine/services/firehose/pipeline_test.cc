// What goes on beside each other within a round: nothing lost, nothing doubled, nothing overtaken.
#include "engine/services/firehose/test_engine.h"

namespace engine::firehose {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kRecord = 400'000;  // three of them fill a batch, and a buffer of 1 MiB

/// A delivery whose function is asked about three records at a time.
class Pipelined : public FirehoseTest {
 protected:
  Pipelined() {
    auto input = with_function(from_kinesis("clean"));
    auto& parameters =
        *(*input.ExtendedS3DestinationConfiguration->ProcessingConfiguration->Processors)[0]
             .Parameters;
    parameters.push_back({"BufferSizeInMBs", "1"});
    parameters.push_back({"NumberOfRetries", "0"});
    create(input);
  }

  /// Large records that begin with their number, one each second.
  void put_numbered(int count) {
    for (int i = 0; i < count; ++i, clock.advance(std::chrono::seconds(1)))
      put(name_of(put_++) + std::string(kRecord, '.'));
  }
  static std::string name_of(int number) { return "<" + std::to_string(number) + ">"; }

  /// The numbers in the objects below a prefix, in the order they were delivered in. Objects of the
  /// same moment stand in the order of what is in them.
  std::vector<int> delivered(const std::string& prefix) {
    std::vector<std::pair<Timestamp, std::vector<int>>> objects;
    for (const s3::ObjectInfo& object : s3->all_objects("lake", prefix)) {
      objects.emplace_back(object.last_modified, numbers_in(s3->body(object).string()));
    }
    std::sort(objects.begin(), objects.end());
    std::vector<int> numbers;
    for (const auto& [time, some] : objects) numbers.insert(numbers.end(), some.begin(), some.end());
    return numbers;
  }
  static std::vector<int> numbers_in(const std::string& text) {
    std::vector<int> numbers;
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; ++at) {
      numbers.push_back(std::atoi(text.c_str() + at + 1));
    }
    return numbers;
  }
  /// The numbers in the error envelopes.
  std::vector<int> failed() {
    std::vector<int> numbers;
    for (const auto& [key, text] : objects("bad/")) {
      for (const json::object& line : lines(text)) numbers.push_back(std::atoi(raw(line).c_str() + 1));
    }
    return numbers;
  }
  std::vector<int> up_to(int end) {
    std::vector<int> numbers(static_cast<std::size_t>(end));
    for (int i = 0; i < end; ++i) numbers[static_cast<std::size_t>(i)] = i;
    return numbers;
  }

 private:
  int put_ = 0;
};

TEST_F(Pipelined, DeliversABacklogOnceAndInItsOrder) {
  put_numbered(31);
  firehose->deliver_now("clean");
  deliver("clean");
  EXPECT_EQ(delivered("good/"), up_to(31));
  EXPECT_EQ(firehose->pending("clean"), 0u);
  EXPECT_EQ(asked_at.size(), 11u);
}

TEST_F(Pipelined, LosesNothingWhenABatchFailsAfterTheNextWasAskedFor) {
  // The function knows its batches by their first record.
  transform = [this](const std::string& id, const std::string& data) {
    const bool fails = last_event.at("records").as_array().size() == 3 &&
                       base::from_base64(last_event.at("records").as_array()[0].as_object().at("data").as_string())
                           ->starts_with("<3>");
    if (fails) return std::vector<json::object>{};
    return std::vector<json::object>{answer(id, "Ok", data)};
  };
  put_numbered(12);
  deliver("clean");
  deliver("clean");
  EXPECT_THAT(failed(), ElementsAre(3, 4, 5));
  EXPECT_THAT(delivered("good/"), ElementsAre(0, 1, 2, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(firehose->pending("clean"), 0u);
}

TEST_F(Pipelined, SendsOnlyTheBatchOfACrashToTheErrorPrefix) {
  int nth = 0;
  instead = [&] {
    if (++nth == 2) return lambda::InvokeResult{"{}", "Unhandled", "", "$LATEST"};
    json::array answers;
    for (const json::value& record : last_event.at("records").as_array()) {
      answers.push_back(json::object{{"recordId", record.at("recordId")},
                                     {"result", "Ok"},
                                     {"data", record.at("data")}});
    }
    return lambda::InvokeResult{json::serialize(json::object{{"records", answers}}), "", "",
                                "$LATEST"};
  };
  put_numbered(12);
  deliver("clean");
  deliver("clean");
  EXPECT_EQ(nth, 4);
  EXPECT_THAT(failed(), ElementsAre(3, 4, 5));
  EXPECT_THAT(delivered("good/"), ElementsAre(0, 1, 2, 6, 7, 8, 9, 10, 11));
}

TEST_F(Pipelined, NothingOvertakesADeliveryThatFails) {
  put_numbered(12);
  s3->delete_bucket("lake");
  for (int i = 0; i < 3; ++i) EXPECT_THROW(firehose->deliver_now("clean"), AwsError);
  EXPECT_EQ(firehose->pending("clean"), 12u);
  const std::size_t asked = asked_at.size();
  EXPECT_LE(asked, 3u);  // one batch waits in the buffer that fails, one in the next, one is ahead
  s3->create_bucket("lake");
  firehose->deliver_now("clean");
  deliver("clean");
  EXPECT_EQ(delivered("good/"), up_to(12));
  EXPECT_EQ(asked_at.size(), 4u);  // nobody was asked twice
}

TEST_F(Pipelined, ReadsAgainWhatWasUnderWayWhenTheEngineWasKilled) {
  put_numbered(9);
  int nth = 0;
  disk.fail(40, io::FailingFileSystem::Then::kStaysBroken);
  try {
    firehose->deliver_now("clean");
  } catch (const std::exception&) {
  }
  disk.work();
  start();
  for (; firehose->pending("clean") > 0 && nth < 5; ++nth) deliver("clean");
  EXPECT_EQ(delivered("good/"), up_to(9));
}

TEST_F(Pipelined, KeepsItsPlaceWhicheverCallToTheDiskFails) {
  int put = 0;
  bool broke = true;
  for (int nth = 1; broke && nth < 60; ++nth) {
    put_numbered(6);
    put += 6;
    disk.fail(nth);
    try {
      firehose->deliver_now("clean");
    } catch (const std::exception&) {
    }
    broke = disk.failed();
    disk.work();
    if (nth % 2 == 0) start();  // or what stayed in memory goes on
    while (firehose->pending("clean") > 0) deliver("clean");
  }
  EXPECT_FALSE(broke);
  EXPECT_EQ(delivered("good/"), up_to(put));
}

TEST_F(Pipelined, StopsInTheMidstAndBeginsWhereItStopped) {
  std::atomic<bool> asked = false, go_on = false;
  const auto upper = transform;
  transform = [&](const std::string& id, const std::string& data) {
    asked = true;
    while (!go_on) std::this_thread::yield();
    return upper(id, data);
  };
  put_numbered(12);
  start(true);
  while (!asked) std::this_thread::yield();
  firehose->request_stop();
  go_on = true;
  firehose->stop();
  start();
  while (firehose->pending("clean") > 0) deliver("clean");
  EXPECT_EQ(delivered("good/"), up_to(12));
}

}  // namespace
}  // namespace engine::firehose
