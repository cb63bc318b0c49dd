#include "engine/services/sagemaker/state_changes.h"

#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using ::testing::ElementsAre;

TEST(StateChanges, TellTimesInMillisecondsAndTagsAsMembers) {
  Bench bench;
  auto& state = bench.sagemaker->impl();
  state.put_tags("arn:x", std::vector<api::Tag>{{"hop", "citra"}});
  emit_change(state, kTrainingJobEvent, "arn:x",
              std::string(R"({"CreationTime":1.5,"Steps":[{"StartTime":2,)"
                          R"("BillableTimeInSeconds":3}],"HyperParameters":{"Time":"4"}})"));
  EXPECT_THAT(bench.events,
              ElementsAre("SageMaker Training Job State Change "
                          R"({"CreationTime":1500,"Steps":[{"StartTime":2000,)"
                          R"("BillableTimeInSeconds":3}],"HyperParameters":{"Time":"4"},)"
                          R"("Tags":{"hop":"citra"}})"));
}

}  // namespace
}  // namespace engine::sagemaker
