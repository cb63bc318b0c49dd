// The registry's rules.
#include "engine/services/sagemaker/registry/packages.h"

#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using testing::HasSubstr;

struct Registry : testing::Test {
  Bench bench;
  Registry() {
    create_model_package_group(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"});
  }

  std::string add() {
    return create_model_package(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"})
        .ModelPackageArn;
  }
  std::string prefix = "arn:aws:sagemaker:us-east-1:123456789012:model-package/ibu/";
};

TEST_F(Registry, NumbersVersionsAndNeverUsesANumberAgain) {
  EXPECT_EQ(add(), prefix + "1");
  EXPECT_EQ(add(), prefix + "2");
  delete_model_package(*bench.sagemaker, bench.call, {.ModelPackageName = prefix + "2"});
  EXPECT_EQ(add(), prefix + "3");
}

TEST_F(Registry, ListsVersionsByNumberAndApproval) {
  for (int i = 0; i < 11; ++i) add();
  update_model_package(*bench.sagemaker, bench.call,
                       {.ModelPackageArn = prefix + "10", .ModelApprovalStatus = "Approved"});
  const auto all =
      list_model_packages(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"});
  EXPECT_EQ(all.ModelPackageSummaryList.front().ModelPackageVersion, 11);
  EXPECT_EQ(all.ModelPackageSummaryList.back().ModelPackageVersion, 1);
  const auto approved =
      list_model_packages(*bench.sagemaker, bench.call,
                          {.ModelApprovalStatus = "Approved", .ModelPackageGroupName = "Ibu"});
  ASSERT_EQ(approved.ModelPackageSummaryList.size(), 1u);
  EXPECT_EQ(approved.ModelPackageSummaryList[0].ModelPackageVersion, 10);
}

TEST_F(Registry, TellsEveryChangeOfApproval) {
  const std::string arn = add();
  for (const char* status : {"Approved", "Rejected"}) {
    update_model_package(*bench.sagemaker, bench.call,
                         {.ModelPackageArn = arn, .ModelApprovalStatus = status});
    bench.wait_for_event({"Model Package State Change", arn,
                          std::string(R"("ModelApprovalStatus":")") + status + '"'});
  }
}

TEST_F(Registry, KeepsAGroupThatIsNotEmpty) {
  const std::string arn = add();
  const auto remove = [&] {
    delete_model_package_group(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"});
  };
  EXPECT_THAT(bench.refusal(remove), HasSubstr("ConflictException"));
  delete_model_package(*bench.sagemaker, bench.call, {.ModelPackageName = arn});
  EXPECT_EQ(bench.refusal(remove), "");
  EXPECT_THAT(bench.refusal([&] { add(); }), HasSubstr("does not exist"));
}

TEST_F(Registry, HasUnversionedPackagesToo) {
  create_model_package(*bench.sagemaker, bench.call, {.ModelPackageName = "Alone"});
  EXPECT_EQ(describe_model_package(*bench.sagemaker, bench.call, {.ModelPackageName = "alone"})
                .ModelPackageName,
            "Alone");
  EXPECT_THAT(bench.refusal([&] { create_model_package(*bench.sagemaker, bench.call, {}); }),
              HasSubstr("either a ModelPackageName or a ModelPackageGroupName"));
}

TEST_F(Registry, MakesAMissingGroupForAPipeline) {
  make_group_if_missing(bench.sagemaker->impl(), "New");
  make_group_if_missing(bench.sagemaker->impl(), "New");
  EXPECT_EQ(list_model_package_groups(*bench.sagemaker, bench.call, {})
                .ModelPackageGroupSummaryList.size(),
            2u);
}

}  // namespace
}  // namespace engine::sagemaker
