#include "engine/services/sagemaker/tokens.h"

#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using ::testing::HasSubstr;

struct Tokens : ::testing::Test {
  IdempotentRequest request(const std::string& token, const std::string& json) {
    return {bench.catalog, "CreateThing", token, json};
  }
  void answer(const IdempotentRequest& request, const std::string& text) {
    storage::Batch batch;
    request.remember(batch, text);
    if (!batch.empty()) bench.catalog.commit(std::move(batch));
  }

  Bench bench;
};

TEST_F(Tokens, GiveTheSameRequestTheAnswerItGot) {
  EXPECT_EQ(request("t", "{}").answer(), std::nullopt);
  answer(request("t", "{}"), "an arn");
  EXPECT_EQ(request("t", "{}").answer(), "an arn");
  EXPECT_EQ(request("other", "{}").answer(), std::nullopt);
}

TEST_F(Tokens, RefuseAnotherRequest) {
  answer(request("t", "{}"), "an arn");
  EXPECT_THAT(bench.refusal([&] { request("t", R"({"a":1})").answer(); }),
              HasSubstr("ConflictException"));
}

TEST_F(Tokens, MayBeLeftOut) {
  answer(request("", "{}"), "an arn");
  EXPECT_EQ(request("", "{}").answer(), std::nullopt);
}

TEST_F(Tokens, BelongToTheirOperation) {
  answer(request("t", "{}"), "an arn");
  EXPECT_EQ(IdempotentRequest(bench.catalog, "OtherThing", "t", std::string("{}")).answer(),
            std::nullopt);
}

}  // namespace
}  // namespace engine::sagemaker
